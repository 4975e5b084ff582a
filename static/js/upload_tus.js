// A file through our own server: tus 1.0.0, part after part, each with its checksum.
import { ask, base64, send, sha256, token } from "./upload_wire.js";

const FIRST = 1024 ** 2;
const LEAST = 256 * 1024;
const MOST = 16 * 1024 ** 2;
const GOAL = 5; // seconds a part: little is lost with one, and few are needed

export class Tus {
  constructor(file, { url }) {
    this.file = file;
    this.url = url;
    this.size = FIRST;
  }

  // How much of it is there.
  async begin(signal) {
    const answer = await ask("HEAD", this.url, { signal });
    return Number(answer.headers.get("Upload-Offset"));
  }

  // Sends the next part; answers how much is there then.
  async next(offset, signal, progress) {
    const body = await this.file.slice(offset, offset + this.size).arrayBuffer();
    const digest = await sha256(body);
    const headers = {
      "Tus-Resumable": "1.0.0",
      "Upload-Offset": String(offset),
      "Content-Type": "application/offset+octet-stream",
      "X-CSRFToken": token(),
      ...(digest && { "Upload-Checksum": `sha256 ${base64(digest)}` }),
    };
    const began = performance.now();
    const header = await send("PATCH", this.url, { headers, body, signal, progress });
    this.fit(body.byteLength, (performance.now() - began) / 1000);
    return Number(header("Upload-Offset"));
  }

  fit(bytes, seconds) {
    const wanted = (bytes / Math.max(seconds, 0.01)) * GOAL;
    this.size = Math.round(Math.min(MOST, this.size * 2, Math.max(LEAST, wanted)));
  }

  async finish() {
    // The last part finishes it.
  }
}
