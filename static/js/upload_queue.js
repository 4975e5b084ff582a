// All uploads of a page: a bound on how many go at once, one at a time in one tab, only on Wi-Fi where that is wished,
// the screen awake and a warning before leaving while something is under way.
import { Item } from "./upload_item.js";
import { ask, Trouble } from "./upload_wire.js";
import { fill, size, wordsOf } from "./upload_words.js";

const BOUND = 2;
const WIFI = "microcreds:wifi-only";
const LOCK = "microcreds:upload:";
const UNDER_WAY = ["looking", "waiting", "wifi", "sending", "last", "offline", "trouble", "entry"];

export class Queue {
  constructor(panel) {
    this.panel = panel;
    this.submission = panel.dataset.uploads;
    this.url = panel.dataset.uploadsUrl;
    this.signIn = `${panel.dataset.signIn}?next=${encodeURIComponent(location.pathname)}`;
    this.words = wordsOf(panel.querySelector("[data-upload-words]"));
    this.template = panel.querySelector("[data-upload-row]");
    this.items = new Set();
    this.running = new Set();
    this.line = [];
    this.wifi();
    window.addEventListener("beforeunload", (event) => this.underWay && event.preventDefault());
    document.addEventListener("visibilitychange", () => this.stayAwake());
  }

  get underWay() {
    return [...this.items].some((item) => UNDER_WAY.includes(item.state));
  }

  say(word, values) {
    const line = this.panel.querySelector("[data-uploads-says]");
    line.textContent = fill(this.words[word] ?? word, values);
  }

  // --- who goes when ------------------------------------------------------------------------------------

  // A file a person chose, dropped, pasted or recorded.
  take(place, file) {
    const item = new Item(this, place, { name: file.name, size: file.size }, file);
    this.items.add(item);
    if (place.most && file.size > place.most) return item.halt("large", { values: { limit: size(place.most) } });
    this.enter(item);
  }

  // What the server still has open; its file has to be chosen again.
  async rest(place, open) {
    const item = new Item(this, place, { ...open, upload: { ...open, partSize: open.part_size }, sent: open.offset ?? 0 });
    this.items.add(item);
    item.abort = new AbortController();
    if (!(await this.isHeld(open.id))) return item.show("resting");
    item.show("elsewhere");
    item.elsewhere(item.abort.signal);
  }

  enter(item) {
    if (this.running.has(item) || this.line.includes(item)) return;
    this.line.push(item);
    item.show("waiting");
    this.turn();
  }

  leave(item) {
    this.line = this.line.filter((one) => one !== item);
  }

  turn() {
    while (this.running.size < BOUND && this.line.length) {
      const item = this.line.shift();
      this.running.add(item);
      item.run().finally(() => {
        this.running.delete(item);
        this.turn();
      });
    }
  }

  finished(item) {
    this.items.delete(item);
    this.changed();
    document.dispatchEvent(new CustomEvent("uploads:changed"));
  }

  changed() {
    this.stayAwake();
  }

  // --- what the server knows ----------------------------------------------------------------------------

  async open(signal) {
    const { results } = await (await ask("GET", `${this.url}?submission=${this.submission}`, { signal })).json();
    return results.filter((one) => one.state === "open" && one.artifact).map((one) => ({ ...one, url: new URL(one.url, location.href).pathname }));
  }

  // The open upload of this very file, unless another row of this page has it: an answer may have been lost on the way.
  async find(item, signal) {
    const taken = new Set([...this.items].filter((one) => one !== item).map((one) => one.upload?.id));
    const mine = (one) => (item.upload ? one.id === item.upload.id : item.sample && one.sample === item.sample && !taken.has(one.id));
    const found = (await this.open(signal)).find(mine);
    return found && { ...found, partSize: found.part_size };
  }

  // --- one tab at a time --------------------------------------------------------------------------------

  async isHeld(id) {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    return held.some((lock) => lock.name === LOCK + id);
  }

  alone(id, work) {
    if (!navigator.locks) return work();
    return navigator.locks.request(LOCK + id, { ifAvailable: true }, (lock) => {
      if (!lock) throw new Trouble("elsewhere");
      return work();
    });
  }

  free(id, signal) {
    return navigator.locks?.request(LOCK + id, { signal }, () => {}).catch(() => {});
  }

  // --- the device ---------------------------------------------------------------------------------------

  wifi() {
    const connection = navigator.connection;
    if (connection?.type === undefined) return; // this browser does not tell
    this.connection = connection;
    const box = this.panel.querySelector("[data-wifi-only]");
    box.closest("[data-wifi]").hidden = false;
    try {
      box.checked = localStorage.getItem(WIFI) === "yes";
    } catch {
      // Remembered nowhere, it counts for this page.
    }
    this.box = box;
    box.addEventListener("change", () => {
      try {
        localStorage.setItem(WIFI, box.checked ? "yes" : "no");
      } catch {
        // As above.
      }
      this.look();
    });
    connection.addEventListener("change", () => this.look());
  }

  get barred() {
    return Boolean(this.box?.checked) && this.connection.type === "cellular";
  }

  // Going over to the mobile net stops what is on the line; coming back to Wi-Fi lets it go on.
  look() {
    if (!this.barred) return document.dispatchEvent(new CustomEvent("uploads:allowed"));
    for (const item of [...this.running]) {
      item.abort?.abort();
      this.running.delete(item);
      this.enter(item);
    }
  }

  allowed(item, signal) {
    if (!this.barred) return Promise.resolve();
    item.show("wifi");
    return new Promise((done, stopped) => {
      document.addEventListener("uploads:allowed", done, { once: true, signal });
      signal.addEventListener("abort", () => stopped(signal.reason), { once: true });
    });
  }

  stayAwake() {
    const busy = [...this.items].some((item) => ["sending", "last", "trouble"].includes(item.state));
    const wanted = busy && document.visibilityState === "visible";
    if (!wanted && this.awake) {
      this.awake.then((lock) => lock?.release());
      this.awake = undefined;
    } else if (wanted && !this.awake && navigator.wakeLock) {
      const mine = navigator.wakeLock.request("screen").catch(() => null);
      this.awake = mine;
      // The browser takes it back when the page is hidden; it is asked for again when it is seen.
      mine.then((lock) => lock?.addEventListener("release", () => this.awake === mine && (this.awake = undefined)));
    }
  }
}
