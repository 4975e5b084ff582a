// What is to be added and removed, on this device until the server has it: in order, one after the other. A note has its
// id from here, so that sending it twice adds it once.
import { announce } from "./saved.js";

const RETRY = 2000;
const LONGEST_RETRY = 30000;

export class Outbox {
  constructor(form, address, done) {
    this.form = form;
    this.address = address;
    this.done = done;
    this.key = `microcreds:notes:${form.dataset.autosavePerson}:${form.dataset.autosaveKey}`;
    this.queue = this.read();
    this.refused = new Map();
    this.wait = RETRY;
    for (const name of ["online", "focus", "pageshow"]) window.addEventListener(name, () => this.start());
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.key)) ?? [];
    } catch {
      return [];
    }
  }

  keep() {
    try {
      if (this.queue.length) localStorage.setItem(this.key, JSON.stringify(this.queue));
      else localStorage.removeItem(this.key);
    } catch {
      // Refused: it lives in this page until it is sent.
    }
  }

  add(body, refused) {
    const id = crypto.randomUUID?.() ?? made();
    this.refused.set(id, refused);
    this.queue.push({ id, body: { id, ...body } });
    this.keep();
    this.start();
  }

  drop(id) {
    const waiting = this.queue.findIndex((one) => one.id === id && one.body);
    if (waiting >= 0 && !this.busy) this.queue.splice(waiting, 1);
    else this.queue.push({ id });
    this.keep();
    this.start();
  }

  async start() {
    if (this.busy || !this.queue.length) return;
    this.busy = true;
    clearTimeout(this.timer);
    const sent = [];
    try {
      while (this.queue.length && (await this.send(this.queue[0]))) {
        sent.push(this.queue.shift().id);
        this.keep();
      }
      this.wait = RETRY;
    } catch {
      this.tell("offline");
      this.wait = Math.min(LONGEST_RETRY, this.wait * 2);
    }
    this.busy = false;
    if (sent.length) await this.done(sent);
    if (this.queue.length) this.timer = setTimeout(() => this.start(), this.wait);
  }

  // Whether it is settled; signed out it stays, whatever the server refuses goes back to where it was typed.
  async send({ id, body }) {
    const [path, query] = this.address.split("?");
    const response = await fetch(body ? this.address : `${path}${id}/?${query}`, {
      method: body ? "POST" : "DELETE",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.form.autosave?.token() ?? "" },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(20000),
    });
    if (response.ok || (!body && response.status === 404)) return true;
    if (response.status >= 500 || response.status === 429) throw new Error("try again");
    if (response.status === 401 || response.status === 403) {
      this.tell("expired");
      return false;
    }
    const answer = await response.json().catch(() => ({}));
    if (response.status === 409) {
      this.tell("error", answer.detail);
      return false;
    }
    const words = Object.values(answer.errors ?? {})[0]?.[0] ?? answer.detail ?? "";
    this.refused.get(id)?.(words);
    this.tell("error", words);
    return true;
  }

  tell(state, detail) {
    announce(document.querySelector("[data-autosave-state]"), state, { detail, stored: true });
  }
}

// Where the page came without encryption there is no randomUUID.
function made() {
  const bytes = [...crypto.getRandomValues(new Uint8Array(16))];
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
