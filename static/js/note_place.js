// Where a new note goes: the time the recording is at, the page and the box drawn on it, the words selected.
import { clock } from "./clock.js";
import { solid } from "./passage.js";

const SMALLEST = 0.01;
const BOXES = { whole: [0, 0, 1, 1], top: [0, 0, 1, 0.3333], middle: [0, 0.3333, 1, 0.3334], bottom: [0, 0.6667, 1, 0.3333], left: [0, 0, 0.5, 1], right: [0.5, 0, 0.5, 1] };

export class Place {
  constructor(board, panel) {
    this.board = board;
    this.panel = panel;
    for (const surface of panel.querySelectorAll("[data-surface]")) surface.addEventListener("pointerdown", (event) => this.draw(event, surface));
    panel.addEventListener("mouseup", () => this.select());
    panel.addEventListener("keyup", () => this.select());
    board.fold.addEventListener("toggle", () => panel.classList.toggle("is-noting", board.fold.open));
    board.part("part")?.addEventListener("change", () => this.unbox());
    const hint = board.fold.querySelector("[data-note-hint]");
    if (hint) hint.hidden = false;
  }

  get media() {
    return this.panel.querySelector("[data-player]")?.player?.media;
  }

  // What one looks at now becomes the place.
  take() {
    if (this.board.restored) {
      this.board.restored = false;
      return;
    }
    if (this.media) {
      this.media.pause();
      this.board.part("start").value = clock(this.media.currentTime);
      this.exact = this.media.currentTime;
    }
    const page = this.panel.querySelector("[data-viewer]")?.dataset.page;
    if (page && this.board.part("page") && !this.box) this.board.part("page").value = page;
    this.select();
  }

  select() {
    const quote = this.board.part("quote");
    const selected = getSelection();
    const text = !selected.isCollapsed && selected.anchorNode?.parentElement?.closest("[data-passage]");
    if (!quote || !text || !this.panel.contains(text) || !text.contains(selected.focusNode)) return;
    quote.value = selected.toString().trim();
    const before = document.createRange();
    before.setStart(text, 0);
    const range = selected.getRangeAt(0);
    before.setEnd(range.startContainer, range.startOffset);
    this.quoted = { words: quote.value, nth: count(text, before, quote.value) };
    const question = this.board.part("question");
    if (question) question.value = text.dataset.passage;
  }

  // A box on the picture, by mouse, pen or finger, while the form is open.
  draw(event, surface) {
    if (!this.board.fold.open || event.button) return;
    event.preventDefault();
    surface.setPointerCapture(event.pointerId);
    const frame = surface.getBoundingClientRect();
    const share = ({ clientX, clientY }) => [clamp((clientX - frame.left) / frame.width), clamp((clientY - frame.top) / frame.height)];
    const from = share(event);
    this.shown?.remove();
    this.shown = surface.appendChild(Object.assign(document.createElement("div"), { className: "note-box is-new" }));
    const move = (moved) => this.mark(from, share(moved));
    const end = () => {
      surface.removeEventListener("pointermove", move);
      this.taken(surface);
    };
    surface.addEventListener("pointermove", move);
    surface.addEventListener("pointerup", end, { once: true });
    surface.addEventListener("pointercancel", end, { once: true });
  }

  mark(from, to) {
    const [x, y] = [Math.min(from[0], to[0]), Math.min(from[1], to[1])];
    this.box = { x, y, width: Math.abs(to[0] - from[0]), height: Math.abs(to[1] - from[1]) };
    boxed(this.shown, this.box);
  }

  taken(surface) {
    if (!this.box || this.box.width < SMALLEST || this.box.height < SMALLEST) return this.unbox();
    const page = this.board.part("page");
    if (page) page.value = surface.dataset.page ?? 1;
    this.page = Number(surface.dataset.page ?? 1);
    this.board.part("text").focus();
  }

  unbox() {
    this.shown?.remove();
    this.box = undefined;
    this.page = undefined;
  }

  clear() {
    this.unbox();
    this.quoted = undefined;
    this.exact = undefined;
  }

  // As the server takes it: {artifact | question, kind, place}.
  read() {
    const { kinds, root } = this.board;
    const quote = this.board.part("quote")?.value.trim();
    const question = this.board.part("question")?.value;
    const on = question ? { question } : { artifact: root.dataset.notes };
    if (kinds.includes("passage") && (quote || !kinds.includes("region"))) {
      const nth = this.quoted?.words === quote ? { nth: this.quoted.nth } : {};
      return { ...on, kind: "passage", place: { quote: quote ?? "", ...nth } };
    }
    return { ...on, ...(kinds.includes("time") ? this.time() : this.region()) };
  }

  time() {
    const start = seconds(this.board.part("start").value);
    const end = this.board.part("end").value.trim() ? seconds(this.board.part("end").value) : start;
    const exact = clock(this.exact ?? -1) === this.board.part("start").value ? this.exact : undefined;
    return { kind: "time", place: { start: exact !== undefined && exact <= end + 1 ? exact : start, end: Math.max(end, exact ?? end) } };
  }

  region() {
    const [x, y, width, height] = BOXES[this.board.part("part").value] ?? BOXES.whole;
    const page = this.page ?? Number(this.board.part("page")?.value || 1);
    return { kind: "region", place: { page, ...(this.box ?? { x, y, width, height }) } };
  }
}

export function boxed(element, { x, y, width, height }) {
  for (const [name, value] of Object.entries({ x, y, width, height })) element.style.setProperty(`--${name}`, String(100 * value));
}

// How often the words stand in the text before this place.
function count(text, before, words) {
  const wanted = solid(words);
  const whole = solid(text.textContent);
  const from = solid(before.toString()).length;
  let nth = 0;
  for (let at = whole.indexOf(wanted); at >= 0 && at < from; at = whole.indexOf(wanted, at + 1)) nth += 1;
  return nth;
}

// 3:12, 1:03:12 or a number of seconds; what is none of these the server refuses in words.
function seconds(text) {
  const parts = text.trim().split(":").map((part) => (part === "" ? NaN : Number(part)));
  const total = parts.reduce((sum, part) => sum * 60 + part, 0);
  return Number.isFinite(total) ? total : null;
}

function clamp(share) {
  return Math.min(1, Math.max(0, share));
}
