// Draws the notes of a desk where they are: pins on the scrubber, boxes on pictures, highlights in texts; and goes to them.
import { boxed } from "./note_place.js";
import { find } from "./passage.js";

const drawn = new Map(); // note → its range in a text

export function places(desk) {
  for (const old of desk.querySelectorAll("[data-pin], .note-box:not(.is-new)")) old.remove();
  drawn.clear();
  for (const note of desk.querySelectorAll("[data-note]")) {
    const panel = note.closest("[data-item]");
    const place = JSON.parse(note.dataset.place);
    if (note.dataset.kind === "time") pin(note, panel, place);
    else if (note.dataset.kind === "region") box(note, panel, place);
    else passage(note, panel, place);
  }
  if (window.Highlight) CSS.highlights.set("notes", new Highlight(...drawn.values()));
  if (!desk.dataset.noted) desk.addEventListener("click", (event) => go(event, desk));
  desk.dataset.noted = "1";
}

function words(note) {
  const text = note.querySelector("textarea").value.trim();
  return [note.querySelector("[data-note-go]").textContent.trim(), text].filter(Boolean).join(": ");
}

function pin(note, panel, { start }) {
  const pins = panel.querySelector("[data-pins]");
  const duration = panel.querySelector("[data-player]")?.player?.duration || Number(panel.querySelector("[data-player]")?.dataset.duration);
  if (!pins || !duration) return;
  const button = Object.assign(document.createElement("button"), { type: "button", title: words(note) });
  button.setAttribute("aria-label", words(note));
  button.dataset.pin = note.dataset.note;
  button.style.setProperty("--at", String(Math.min(100, (100 * start) / duration)));
  pins.append(button);
}

function box(note, panel, place) {
  const surface = [...panel.querySelectorAll("[data-surface]")].find((one) => Number(one.dataset.page ?? 1) === place.page);
  if (!surface) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "note-box", title: words(note) });
  button.setAttribute("aria-label", words(note));
  button.dataset.pin = note.dataset.note;
  boxed(button, place);
  surface.append(button);
}

function passage(note, panel, { quote, nth }) {
  const text = panel.querySelector(`[data-passage="${CSS.escape(note.dataset.on)}"]`);
  const range = text && find(text, quote, nth);
  if (range) drawn.set(note.dataset.note, range);
}

function go(event, desk) {
  const there = event.target.closest("[data-note-go], [data-cite]");
  const pinned = event.target.closest("[data-pin]");
  if (there) {
    event.preventDefault();
    show(there.dataset.cite ? desk.querySelector(`[data-note="${CSS.escape(there.dataset.cite)}"]`) : there.closest("[data-note]"));
  } else if (pinned) {
    const note = desk.querySelector(`[data-note="${CSS.escape(pinned.dataset.pin)}"]`);
    show(note);
    note?.querySelector("textarea").focus({ preventScroll: false });
  }
}

// Opens the piece, goes to the time, the page or the words, and marks the note.
function show(note) {
  if (!note) return;
  const { start, page } = JSON.parse(note.dataset.place);
  const { kind, note: id } = note.dataset;
  const item = note.closest("[data-item]").dataset.item;
  document.dispatchEvent(new CustomEvent("desk:go", { detail: { item, ...(kind === "time" ? { seconds: start } : {}), ...(kind === "region" ? { page } : {}) } }));
  const range = drawn.get(id);
  if (window.Highlight) CSS.highlights.set("note-now", range ? new Highlight(range) : new Highlight());
  const at = range?.startContainer.parentElement ?? document.querySelector(`.note-box[data-pin="${CSS.escape(id)}"]`);
  for (const other of document.querySelectorAll(".is-on[data-note], .is-on[data-pin]")) other.classList.remove("is-on");
  for (const mark of document.querySelectorAll(`[data-note="${CSS.escape(id)}"], [data-pin="${CSS.escape(id)}"]`)) mark.classList.add("is-on");
  (at ?? note).scrollIntoView({ block: "center" });
}
