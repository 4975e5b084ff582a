// A file straight to the object store, in parts, by addresses our server signs; no byte passes through it.
import { ask, send } from "./upload_wire.js";

const AHEAD = 4; // addresses asked for at once

export class Parts {
  constructor(file, { url, partSize }) {
    this.file = file;
    this.url = url;
    this.partSize = partSize;
    this.count = Math.ceil(file.size / partSize);
    this.addresses = new Map();
  }

  // The store's own list tells which parts are there.
  async begin(signal) {
    const { parts } = await (await ask("GET", `${this.url}parts/`, { signal })).json();
    const whole = parts.filter((part) => part.size === this.slice(part.number).size);
    this.there = new Map(whole.map((part) => [part.number, part.size]));
    this.addresses.clear();
    return this.offset;
  }

  slice(number) {
    return this.file.slice((number - 1) * this.partSize, number * this.partSize);
  }

  get offset() {
    return [...this.there.values()].reduce((sum, size) => sum + size, 0);
  }

  get missing() {
    return Array.from({ length: this.count }, (_nothing, at) => at + 1).filter((number) => !this.there.has(number));
  }

  async next(_offset, signal, progress) {
    const number = this.missing[0];
    if (!this.addresses.has(number)) await this.ask(signal);
    const { url, headers = {} } = this.addresses.get(number);
    const body = this.slice(number);
    this.addresses.delete(number); // used once; after trouble a new one is asked for
    await body.slice(0, 1).arrayBuffer(); // throws where the file was moved or changed
    // What the store says about its own address is about the address, not about the person.
    await send("PUT", url, { headers, body, signal, progress, meaning: { 401: "lost", 403: "lost", 404: "moved", 409: "lost", 410: "moved" } });
    this.there.set(number, body.size);
    return this.offset;
  }

  async ask(signal) {
    const body = JSON.stringify({ numbers: this.missing.slice(0, AHEAD) });
    const answer = await ask("POST", `${this.url}parts/`, { body, signal, headers: { "Content-Type": "application/json" } });
    for (const part of (await answer.json()).parts) this.addresses.set(part.number, part);
  }

  async finish(signal) {
    await ask("POST", `${this.url}complete/`, { signal });
  }
}
