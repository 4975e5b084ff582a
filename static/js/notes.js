// [data-notes="<panel>"]: notes on the evidence. N opens the small form at this time, page or selected text; a box can be
// drawn on a picture. What is added is kept on this device until the server has it, and so is what is being typed. What a
// note says is part of the desk's form, so autosave keeps it. Places are drawn by noted.js.
import { Outbox } from "./note_outbox.js";
import { places } from "./noted.js";
import { Place } from "./note_place.js";

class Notes {
  constructor(desk, form) {
    this.desk = desk;
    this.form = form;
    this.address = form.dataset.autosaveUrl;
    this.outbox = new Outbox(form, this.address.replace("?", "notes/?"), (done) => this.sent(done));
    this.boards = [...desk.querySelectorAll("[data-notes]")].map((root) => new Board(this, root));
    desk.addEventListener("click", (event) => this.clicked(event));
    desk.addEventListener("change", (event) => this.changed(event));
    desk.addEventListener("focusin", (event) => this.choose(event.target.closest("[data-note]")));
    desk.addEventListener("autosave:saved", () => this.cites());
    this.choose(desk.querySelector("[data-note]:last-of-type"));
    this.draw();
    this.outbox.start();
  }

  get fold() {
    return this.desk.querySelector("[data-criterion].is-current") ?? this.desk.querySelector("[data-criterion]");
  }

  draw() {
    places(this.desk);
    this.cites();
    for (const board of this.boards) board.count();
  }

  // C cites the note one is at.
  choose(note) {
    if (!note) return;
    for (const other of this.desk.querySelectorAll("[data-note] [data-key]")) delete other.dataset.key;
    const box = note.querySelector("[data-cited]");
    if (box) box.dataset.key = "c";
  }

  clicked(event) {
    const drop = event.target.closest("[data-note-drop]");
    const cited = event.target.closest("[data-cited]");
    if (drop) {
      event.preventDefault();
      this.remove(drop.closest("[data-note]"));
    } else if (cited && !event.isTrusted && this.about(cited.closest("[data-note]"))) cited.checked = true;
  }

  // By its key a note is cited in the criterion one is at.
  about(note) {
    const select = note.querySelector("[data-about]");
    if (!this.fold || select.value === this.fold.dataset.criterion) return false;
    select.value = this.fold.dataset.criterion;
    select.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  // A note that is about nothing yet is about the criterion one is at as soon as it is cited.
  changed(event) {
    const note = event.target.closest("[data-note]");
    if (!note) return;
    const select = note.querySelector("[data-about]");
    const cited = note.querySelector("[data-cited]");
    if (event.target === cited && cited.checked && !select.value) this.about(note);
    if (event.target === select && !select.value) cited.checked = false;
    this.cites();
  }

  // Under each criterion the places its score cites, each one click away.
  cites() {
    for (const list of this.desk.querySelectorAll("[data-cites]")) {
      const cited = [...this.desk.querySelectorAll("[data-note]")].filter((note) => note.querySelector("[data-cited]")?.checked && note.querySelector("[data-about]").value === list.dataset.cites);
      list.querySelectorAll("a").forEach((one) => one.remove());
      list.append(...cited.map(citation));
      const none = list.querySelector("[data-cites-none]");
      if (none) none.hidden = cited.length > 0;
    }
  }

  remove(note) {
    const next = note.nextElementSibling ?? note.previousElementSibling;
    const list = note.closest("[data-notes]");
    this.outbox.drop(note.dataset.note);
    note.remove();
    this.draw();
    (next?.querySelector("textarea") ?? list.querySelector("summary")).focus();
  }

  // The lists come from the server; words typed into them meanwhile stay.
  async sent(done) {
    const answer = await fetch(this.desk.dataset.notesAddress, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const { autosave } = this.form;
    const typed = autosave ? autosave.changed() : {};
    const at = document.activeElement;
    for (const list of page.querySelectorAll("[data-notes-list]")) {
      const here = this.desk.querySelector(`[data-notes-list="${CSS.escape(list.dataset.notesList)}"]`);
      here?.replaceChildren(...list.children);
    }
    autosave?.adopt(typed);
    const again = at?.name && !at.isConnected && [...this.form.elements].find((field) => field.name === at.name);
    if (again) again.focus();
    for (const id of done) this.choose(this.desk.querySelector(`[data-note="${CSS.escape(id)}"]`));
    this.draw();
  }
}

// The small form under one piece of evidence.
class Board {
  constructor(notes, root) {
    this.notes = notes;
    this.root = root;
    this.kinds = root.dataset.kinds.split(" ");
    this.fold = root.querySelector("[data-note-new]");
    this.place = new Place(this, root.closest("[data-item]"));
    this.key = `microcreds:note:${notes.form.dataset.autosavePerson}:${notes.form.dataset.autosaveKey}:${root.dataset.notes}`;
    this.fold.addEventListener("toggle", () => (this.fold.open ? this.opened || this.open() : (this.opened = false)));
    this.fold.querySelector("summary").addEventListener("click", (event) => this.pressed(event));
    this.fold.addEventListener("input", () => this.keep());
    this.fold.querySelector("[data-note-add]").addEventListener("click", (event) => this.add(event));
    this.restore();
  }

  part(name) {
    return this.fold.querySelector(`[data-part="${name}"]`);
  }

  parts() {
    return [...this.fold.querySelectorAll("[data-part]")];
  }

  // By its key it opens at once, so that the next letter is in the text; in an open form it takes this time or page.
  pressed(event) {
    if (event.isTrusted) return;
    event.preventDefault();
    this.fold.open = true;
    this.open();
  }

  open() {
    this.opened = true;
    this.place.take();
    if (!this.part("about").value && this.notes.fold) this.part("about").value = this.notes.fold.dataset.criterion;
    // A picture stays in sight: a box may be drawn on it.
    this.part("text").focus({ preventScroll: this.kinds.includes("region") });
  }

  keep() {
    const fields = Object.fromEntries(this.parts().map((field) => [field.dataset.part, field.type === "checkbox" ? field.checked : field.value]));
    try {
      if (fields.text || fields.quote) localStorage.setItem(this.key, JSON.stringify(fields));
      else localStorage.removeItem(this.key);
    } catch {
      // Without storage the words live in this page only.
    }
  }

  restore() {
    let fields = null;
    try {
      fields = JSON.parse(localStorage.getItem(this.key));
    } catch {
      // Nothing was kept.
    }
    if (!fields) return;
    for (const field of this.parts()) {
      const value = fields[field.dataset.part];
      if (value === undefined) continue;
      if (field.type === "checkbox") field.checked = Boolean(value);
      else field.value = value;
    }
    this.restored = true;
    this.fold.open = true;
  }

  add(event) {
    event.preventDefault();
    const trouble = this.fold.querySelector("[data-note-problem]");
    trouble.hidden = true;
    const place = this.place.read();
    if (place.problem) return this.refuse(place.problem);
    const { text, about, shared, cited } = Object.fromEntries(["text", "about", "shared", "cited"].map((name) => [name, this.part(name)]));
    const body = { ...place, text: text.value, criterion: about.value, shared: shared.checked, cited: cited.checked && Boolean(about.value) };
    this.notes.outbox.add(body, (problem) => this.refuse(problem, body));
    this.clear();
  }

  clear() {
    for (const field of this.parts()) {
      if (field.type === "checkbox") field.checked = false;
      else if (field.tagName === "TEXTAREA" || ["start", "end"].includes(field.dataset.part)) field.value = "";
    }
    this.place.clear();
    this.keep();
    this.fold.open = false;
    this.fold.querySelector("summary").focus();
  }

  // What the server will not have comes back into the form with its reason.
  refuse(words, body) {
    const trouble = this.fold.querySelector("[data-note-problem]");
    if (body && !this.part("text").value) this.part("text").value = body.text;
    this.restored = true;
    this.fold.open = true;
    trouble.textContent = words;
    trouble.hidden = false;
    this.keep();
  }

  count() {
    this.root.querySelector("[data-notes-count]").textContent = this.root.querySelectorAll("[data-note]").length;
  }
}

function citation(note) {
  const link = document.createElement("a");
  link.className = "chip num";
  link.href = `#${note.id}`;
  link.dataset.cite = note.dataset.note;
  link.textContent = note.querySelector("[data-note-go]").textContent.trim();
  return link;
}

export function start(root) {
  for (const desk of root.querySelectorAll("[data-desk]:has([data-notes])")) {
    const form = document.querySelector("form#desk-form[data-autosave]");
    if (!form || desk.notes) continue;
    desk.notes = new Notes(desk, form);
    desk.dataset.noting = "on";
  }
}
