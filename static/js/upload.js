// input[type=file][data-upload="<key>"] in a section [data-place]: files go up by themselves, part by part, and survive
// broken lines, reloads and closed laptops; upload_item.js has the life of one. Also by dropping and by pasting.
// Needs [data-uploads] on the page (templates/submissions/_uploads.html). Without this module the plain form sends the file.
import { sampleOf } from "./upload_item.js";
import { Queue } from "./upload_queue.js";
import { watch } from "./upload_states.js";

// One part of the page that takes files.
class Place {
  constructor(section, queue) {
    this.section = section;
    this.queue = queue;
    this.key = section.dataset.place;
    this.box = section.querySelector("[data-upload-box]");
    this.rows = section.querySelector("[data-upload-rows]");
    this.inputs = [...section.querySelectorAll("input[data-upload]")];
    this.most = Number(this.inputs[0].dataset.uploadMax ?? 0);
    for (const input of this.inputs) this.listen(input);
    for (const button of section.querySelectorAll("[data-upload-fallback]")) button.hidden = true;
    for (const tip of section.querySelectorAll("[data-upload-tip]")) tip.hidden = false;
    this.drops();
  }

  listen(input) {
    input.multiple = input.dataset.uploadSeveral !== undefined;
    input.addEventListener("change", () => this.picked(input));
  }

  picked(input) {
    const files = [...input.files];
    input.value = "";
    this.take(files);
  }

  // What was chosen before the script was here.
  early() {
    for (const input of this.inputs) if (input.files.length) this.picked(input);
  }

  drops() {
    const over = (on) => this.section.classList.toggle("is-over", on);
    this.section.addEventListener("dragover", (event) => carriesFiles(event) && over(true));
    this.section.addEventListener("dragleave", (event) => this.section.contains(event.relatedTarget) || over(false));
    this.section.addEventListener("drop", (event) => {
      over(false);
      if (event.dataTransfer?.files.length) this.take([...event.dataTransfer.files]);
    });
  }

  get criteria() {
    const name = this.inputs[0].dataset.uploadCriteria;
    return name ? new FormData(this.section.closest("form")).getAll(name) : [];
  }

  get full() {
    return this.box.hidden;
  }

  async take(files) {
    for (const file of files) {
      const same = await this.resting(file);
      if (same) same.chosen(file);
      else if (this.full) this.queue.say("full", {});
      else this.queue.take(this, file);
    }
  }

  // What waits here for this very file.
  async resting(file) {
    const waiting = [...this.queue.items].filter((item) => item.place === this && !item.file);
    if (!waiting.length) return undefined;
    const sample = await sampleOf(file).catch(() => "");
    return waiting.find((item) => (item.sample && sample ? item.sample === sample : item.name === file.name && item.size === file.size));
  }

  add(node) {
    this.rows.append(node);
    this.tidy();
  }

  // The focus stays in this part of the page when the line that had it goes.
  tidy(focused = false) {
    this.rows.hidden = !this.rows.children.length;
    if (!focused) return;
    const title = this.section.querySelector("h3");
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  }
}

const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

// A file dropped beside its place would otherwise open in the tab, and the page be gone.
function guard() {
  for (const name of ["dragover", "drop"]) {
    document.addEventListener(name, (event) => carriesFiles(event) && event.preventDefault());
  }
}

function pasted(places, queue) {
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    const writes = event.target.closest?.("textarea, input") && event.clipboardData?.types.includes("text/plain");
    if (!files.length || writes) return;
    event.preventDefault();
    const section = event.target.closest?.("[data-place]") ?? document.querySelector("[data-place]:hover");
    const place = places.find((one) => one.section === section);
    if (!place) return queue.say("where", {});
    place.take(files.map((file) => named(file, queue.words.pasted)));
  });
}

// Every pasted picture is called image.png.
function named(file, word) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const now = new Date();
  const two = (number) => String(number).padStart(2, "0");
  const at = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`;
  return new File([file], `${word} ${at}.${file.name.split(".").at(-1)}`, { type: file.type, lastModified: now.getTime() });
}

// What was begun before this page was opened waits for its file.
async function remember(places, queue) {
  const open = await queue.open().catch(() => []);
  for (const one of open) {
    const held = document.querySelector(`[data-artifact="${CSS.escape(one.artifact)}"]`)?.closest("[data-place]");
    const place = places.find((each) => each.section === held);
    if (place && ![...queue.items].some((item) => item.upload?.id === one.id)) queue.rest(place, one);
  }
  document.dispatchEvent(new CustomEvent("uploads:shown"));
}

export function start() {
  const panel = document.querySelector("[data-uploads]");
  if (!panel || panel.queue) return;
  const queue = new Queue(panel);
  panel.queue = queue;
  const places = [...document.querySelectorAll("[data-place]")].map((section) => new Place(section, queue));
  for (const place of places) place.section.place = place;
  guard();
  pasted(places, queue);
  watch(panel, queue);
  remember(places, queue).then(() => places.forEach((place) => place.early()));
}
