// [data-recorder] beside a file field: a spoken reflection, recorded here, listened to, then sent as a file or discarded.
import { wordsOf } from "./upload_words.js";

const TYPES = [
  ["audio/webm;codecs=opus", "webm"],
  ["audio/mp4", "m4a"],
  ["audio/ogg;codecs=opus", "ogg"],
];
const PIECE = 1000; // what was said up to here is kept, second by second

class Recorder {
  constructor(box) {
    this.box = box;
    this.words = wordsOf(box.querySelector("[data-recorder-words]"));
    this.listen = this.find("listen");
    this.find("record").addEventListener("click", () => this.begin());
    this.find("stop").addEventListener("click", () => this.machine.stop());
    this.find("send").addEventListener("click", () => this.send());
    this.find("discard").addEventListener("click", () => this.discard());
    window.addEventListener("beforeunload", (event) => this.unsent && event.preventDefault());
    box.hidden = false;
  }

  find(name) {
    return this.box.querySelector(`[data-${name}]`);
  }

  get unsent() {
    return this.pieces !== undefined;
  }

  say(word) {
    this.find("recorder-says").textContent = word ? this.words[word] : "";
  }

  show(...names) {
    for (const name of ["record", "stop", "time", "listen", "choice"]) this.find(name).hidden = !names.includes(name);
  }

  async begin() {
    this.say("asking");
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (problem) {
      return this.say(problem.name === "NotFoundError" ? "none" : "refused");
    }
    const [type, ending] = TYPES.find(([one]) => MediaRecorder.isTypeSupported(one)) ?? ["", "webm"];
    this.ending = ending;
    this.pieces = [];
    this.machine = new MediaRecorder(stream, type ? { mimeType: type } : {});
    this.machine.addEventListener("dataavailable", (event) => event.data.size && this.pieces?.push(event.data));
    this.machine.addEventListener("stop", () => this.stopped(stream));
    this.machine.start(PIECE);
    this.began = Date.now();
    this.clock = setInterval(() => this.tick(), 500);
    this.tick();
    this.show("stop", "time");
    this.say("recording");
    this.find("stop").focus();
  }

  tick() {
    const seconds = Math.floor((Date.now() - this.began) / 1000);
    this.find("time").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }

  // Also when the microphone is pulled out: what was recorded until then is there.
  stopped(stream) {
    clearInterval(this.clock);
    for (const track of stream.getTracks()) track.stop();
    const kind = this.machine.mimeType.split(";")[0] || "audio/webm";
    const name = `${this.box.dataset.name} ${new Date().toISOString().slice(0, 10)}.${this.ending}`;
    this.file = new File(this.pieces, name, { type: kind, lastModified: Date.now() });
    this.listen.src = URL.createObjectURL(this.file);
    this.show("time", "listen", "choice");
    this.say("recorded");
    this.find("send").focus();
  }

  send() {
    const { file } = this;
    const { place } = this.box.closest("[data-place]");
    this.clear("");
    place.take([file]);
  }

  discard() {
    this.clear("discarded");
    this.find("record").focus();
  }

  clear(word) {
    URL.revokeObjectURL(this.listen.src);
    this.listen.removeAttribute("src");
    this.pieces = undefined;
    this.file = undefined;
    this.show("record");
    this.say(word);
  }
}

export function start(root) {
  if (!navigator.mediaDevices?.getUserMedia || !globalThis.MediaRecorder) return;
  for (const box of root.querySelectorAll("[data-recorder]")) box.recorder ??= new Recorder(box);
}
