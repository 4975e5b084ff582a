// The life of one file on its way: looked at, waiting, sent part by part, paused, broken and taken up again, done.
// It runs while the queue gives it a place, and ends only when it is done, refused, paused or cancelled.
import { Parts } from "./upload_parts.js";
import { Row } from "./upload_row.js";
import { Tus } from "./upload_tus.js";
import { ask, encoded, hex, sha256, Trouble } from "./upload_wire.js";
import { fill, left, Pace, percent, size } from "./upload_words.js";

const SAMPLE = 1024 ** 2;
const WHOLE = 32 * 1024 ** 2; // up to here the whole file is hashed before it goes
const SOONEST = 1000;
const LATEST = 30_000;
const TOLD = 1000; // how often the words change

// The same file chosen again has the same sample.
export async function sampleOf(file) {
  const head = await file.slice(0, SAMPLE).arrayBuffer();
  const label = new TextEncoder().encode(`${file.name}|${file.size}|${file.lastModified}|`);
  return hex(await sha256(await new Blob([label, head]).arrayBuffer()));
}

export class Item {
  constructor(queue, place, { name, size, sample = "", upload = null, sent = 0 }, file = null) {
    Object.assign(this, { queue, place, name, size, sample, upload, sent, file });
    this.heard = upload ? Math.floor((4 * sent) / size) : 0;
    this.tries = 0;
    this.row = new Row(queue.template, queue.words, { name, size });
    this.row.link.href = queue.signIn;
    this.row.on("pause", () => this.pause());
    this.row.on("go", () => this.go());
    this.row.on("again", () => this.go());
    this.row.on("cancel", () => this.cancel());
    this.row.on("close", () => this.gone());
    this.row.on("choose", (chosen) => this.chosen(chosen));
    this.row.on("anew", () => this.anew());
    place.add(this.row.node);
  }

  get state() {
    return this.row.node.dataset.state;
  }

  show(state, more = {}) {
    if (this.over) return;
    this.row.show(state, { sent: this.sent, total: this.size, ...more });
    this.queue.changed();
  }

  // --- what a person does -------------------------------------------------------------------------------

  pause() {
    this.stop();
    this.show("paused");
  }

  go() {
    if (this.wake) return this.wake();
    this.queue.enter(this);
  }

  stop() {
    this.queue.leave(this);
    this.abort?.abort();
    this.wake?.();
  }

  async cancel() {
    this.stop();
    try {
      const { url } = this.upload ?? (this.sample && (await this.queue.find(this))) ?? {};
      if (url) await ask("DELETE", url);
      this.gone();
    } catch (trouble) {
      if (["ended", "moved"].includes(trouble.kind)) return this.gone(); // over, or arrived meanwhile
      this.show("held");
      await this.patience(SOONEST * 5);
      if (!this.over) this.cancel();
    }
  }

  gone() {
    this.over = true;
    this.queue.leave(this);
    this.abort?.abort();
    const focused = this.row.node.contains(document.activeElement);
    this.row.node.remove();
    this.place.tidy(focused);
    this.queue.finished(this);
  }

  // The same file goes on; another one is told apart.
  async chosen(file) {
    const sample = await sampleOf(file).catch(() => "");
    const same = this.sample && sample ? sample === this.sample : file.name === this.name && file.size === this.size;
    if (same) {
      this.file = file;
      return this.queue.enter(this);
    }
    this.stranger = file;
    const values = { other: file.name, othersize: size(file.size), name: this.name, size: size(this.size) };
    this.show("other", { values });
  }

  anew() {
    const file = this.stranger;
    this.show("resting");
    this.queue.take(this.place, file);
  }

  // --- sending ------------------------------------------------------------------------------------------

  // Resolves when the place in the queue is free again.
  async run() {
    this.abort = new AbortController();
    const { signal } = this.abort;
    while (!signal.aborted && !this.over) {
      try {
        await this.queue.allowed(this, signal);
        await this.whole(signal);
        return this.arrived();
      } catch (trouble) {
        if (signal.aborted || !(await this.settle(trouble, signal))) return;
      }
    }
  }

  async whole(signal) {
    this.upload ??= await this.begin(signal);
    await this.queue.alone(this.upload.id, async () => {
      const wire = this.upload.via === "store" ? new Parts(this.file, this.upload) : new Tus(this.file, this.upload);
      this.sent = await wire.begin(signal);
      this.pace = new Pace();
      this.tell(this.sent);
      while (this.sent < this.size) {
        await this.queue.allowed(this, signal);
        this.sent = await wire.next(this.sent, signal, (loaded) => this.tell(this.sent + loaded));
        this.tell(this.sent);
        this.tries = 0;
      }
      this.show("last");
      await wire.finish(signal);
    });
  }

  async begin(signal) {
    this.show("looking");
    this.sample ||= await sampleOf(this.file);
    const open = await this.queue.find(this, signal);
    if (open) return open;
    const { file, place } = this;
    const whole = file.size <= WHOLE ? await hex(await sha256(await file.arrayBuffer())) : "";
    const about = {
      ...{ filename: this.name, filetype: file.type, submission: this.queue.submission, requirement: place.key },
      ...{ criteria: place.criteria.join(","), modified: String(file.lastModified), sample: this.sample, sha256: whole },
    };
    const told = Object.entries(about).filter(([, value]) => value);
    const metadata = told.map(([name, value]) => `${name} ${encoded(value)}`).join(",");
    const headers = { "Upload-Length": String(file.size), "Upload-Metadata": metadata, "Upload-Direct": "yes" };
    const answer = await ask("POST", this.queue.url, { headers, signal, meaning: { 404: "refused", 409: "refused", 410: "refused" } });
    const url = new URL(answer.headers.get("Location"), location.href).pathname;
    this.upload = { url, id: url.split("/").at(-2), via: answer.headers.get("Upload-Via") ?? "disk" };
    this.upload.partSize = Number(answer.headers.get("Upload-Part-Size"));
    const listed = await this.queue.find(this, signal).catch(() => undefined);
    return { ...this.upload, artifact: listed?.artifact };
  }

  tell(sent) {
    this.pace.mark(sent);
    if (this.state !== "sending") this.show("sending");
    const now = performance.now();
    if (now - (this.told ?? -TOLD) < TOLD) return;
    this.told = now;
    const { words } = this.queue;
    const here = percent(sent, this.size);
    const { rate } = this.pace;
    this.row.bar.value = (100 * sent) / this.size;
    this.row.bar.textContent = here;
    const time = rate && left((this.size - sent) / rate, words);
    this.row.say(fill(rate ? words.pace : words.sending, { percent: here, rate: rate && size(rate), left: time }));
    this.announce(sent, here);
  }

  // Politely, at a quarter, a half and three quarters; the end is told when it is there.
  announce(sent, here) {
    const quarter = Math.min(3, Math.floor((4 * sent) / this.size));
    if (quarter <= this.heard) return;
    this.heard = quarter;
    this.queue.say("heard", { name: this.name, percent: here });
  }

  arrived() {
    this.queue.say("arrived", { name: this.name });
    this.gone();
  }

  // --- trouble ------------------------------------------------------------------------------------------

  // Whether it goes on by itself.
  async settle(trouble, signal) {
    if (trouble.kind === "elsewhere") return this.halt("elsewhere") || (this.elsewhere(signal), false);
    if (["NotReadableError", "NotFoundError"].includes(trouble.name)) return this.halt("changed");
    if (!(trouble instanceof Trouble)) throw trouble;
    const { kind } = trouble;
    if (kind === "refused") return this.refused(trouble);
    if (kind === "ended") return this.ended(trouble.words);
    this.tries += 1;
    if (kind === "entry") this.show("entry");
    else if (kind === "busy") this.show("elsewhere");
    else if (kind === "lost") this.show(navigator.onLine ? "trouble" : "offline", { detail: trouble.words });
    const quick = ["moved", "altered"].includes(kind) && this.tries < 4;
    if (!quick) await this.patience(Math.max(trouble.wait, this.backoff(kind)));
    return !signal.aborted;
  }

  backoff(kind) {
    const most = kind === "busy" ? 4000 : LATEST;
    return Math.min(most, SOONEST * 2 ** Math.min(this.tries - 1, 6)) * (0.5 + Math.random() / 2);
  }

  // Until the time is up, the line is back, the page is looked at again, or somebody presses the button.
  patience(time) {
    return new Promise((done) => {
      const over = () => {
        clearTimeout(timer);
        for (const name of ["online", "focus"]) window.removeEventListener(name, over);
        this.wake = undefined;
        done();
      };
      const timer = setTimeout(over, time);
      for (const name of ["online", "focus"]) window.addEventListener(name, over);
      this.wake = over;
    });
  }

  halt(state, more = {}) {
    this.queue.leave(this);
    this.show(state, more);
    return false;
  }

  // Where it has its place among the evidence already, the words stand there too, and stay.
  refused({ words, again }) {
    this.halt("refused", { detail: words, again });
    if (this.upload) document.dispatchEvent(new CustomEvent("uploads:changed"));
    return false;
  }

  ended(words) {
    this.upload = null;
    this.sent = 0;
    return this.halt("ended", { detail: words });
  }

  // Another tab has it: wait until that one is through, then see what is left to do.
  async elsewhere(signal) {
    await this.queue.free(this.upload.id, signal);
    const open = await this.queue.find(this, signal).catch(() => this.upload);
    if (this.over || signal.aborted) return;
    if (!open) this.gone();
    else if (this.file) this.queue.enter(this);
    else this.rest(open.offset);
  }

  rest(sent) {
    this.sent = sent ?? this.sent;
    this.show("resting");
  }
}
