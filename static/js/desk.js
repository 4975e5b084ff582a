// [data-desk]: the desk by keyboard. 1–9 choose a level of the current criterion, j/k (or ↓/↑) go to the next and the
// previous one, f goes to its feedback, r back to it, s to the strength, e to the evidence, t/Shift+t to the next and the
// previous piece, < and > change the speed, ? shows the keys. Any other key clicks what is in sight and carries it as
// [data-key] ("p", "Shift+j", "ArrowLeft"), in the current criterion first. Never while typing, never where an element
// has these keys itself, and all of them can be switched off. Ctrl+Enter previews, Escape leaves a text.
// Markup: [data-criterion] (li with details), radios inside [data-levels], the feedback field [data-feedback],
// dialog[data-keys], input[type=checkbox][data-keys-off].
// Moving arrows belong to what scrolls, is chosen from or dragged, and to selecting text.
const OWN = "[role=tablist], [role=separator], [data-viewer-scroll], input, select, summary";
const STORED = "microcreds:desk:keys";

class Desk {
  constructor(root) {
    this.root = root;
    this.on = stored() !== "off";
    this.dialog = document.querySelector("dialog[data-keys]");
    this.switch = document.querySelector("[data-keys-off]");
    this.index = Math.max(0, this.criteria().findIndex((item) => !item.querySelector(":checked")));
    document.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("focusin", (event) => this.follow(event.target));
    root.addEventListener("change", (event) => this.follow(event.target));
    if (this.switch) {
      this.switch.checked = !this.on;
      this.switch.addEventListener("change", () => this.toggle(!this.switch.checked));
    }
    this.mark();
  }

  criteria() {
    return [...this.root.querySelectorAll("[data-criterion]")];
  }

  toggle(on) {
    this.on = on;
    try {
      localStorage.setItem(STORED, on ? "on" : "off");
    } catch {
      // Without storage the choice holds for this page only.
    }
  }

  follow(target) {
    const found = this.criteria().findIndex((item) => item.contains(target));
    if (found < 0) return;
    this.index = found;
    this.mark();
  }

  mark() {
    this.criteria().forEach((item, at) => item.classList.toggle("is-current", at === this.index));
  }

  key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return this.send(event);
    if (event.key === "Escape" && typing(event.target) && this.root.contains(event.target)) return event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    if (!this.on || document.querySelector("dialog[open]") || !this.does(named(event), event)) return;
    event.preventDefault();
  }

  does(key, { target }) {
    const arrow = key.includes("Arrow");
    if (arrow && (target.closest?.(OWN) || !getSelection().isCollapsed)) return false;
    if (/^[1-9]$/.test(key)) this.choose(Number(key) - 1);
    else if (key in this.keys) this.keys[key]();
    else return this.press(key);
    return true;
  }

  keys = {
    "?": () => this.dialog?.showModal(),
    j: () => this.move(1),
    k: () => this.move(-1),
    ArrowDown: () => this.move(1),
    ArrowUp: () => this.move(-1),
    e: () => this.evidence(),
    t: () => this.piece(1),
    "Shift+t": () => this.piece(-1),
    r: () => this.move(0),
    s: () => this.rubric(this.root.querySelector("#strength")),
    f: () => this.rubric(this.criteria()[this.index]?.querySelector("[data-feedback]")),
    "<": () => this.player?.faster(-1),
    ">": () => this.player?.faster(1),
  };

  press(key) {
    const current = this.criteria()[this.index];
    const all = [...document.querySelectorAll("[data-key]")].filter((one) => one.dataset.key === key && one.offsetParent && !one.disabled);
    const chosen = all.find((one) => current?.contains(one)) ?? all[0];
    chosen?.click();
    return Boolean(chosen);
  }

  get player() {
    return [...this.root.querySelectorAll("[data-player]")].find((one) => one.offsetParent)?.player;
  }

  send(event) {
    event.preventDefault();
    this.root.querySelector("[data-send]:enabled")?.click();
  }

  // On a phone the panes are two tabs of the address; a hidden one has to come forward first.
  evidence() {
    const tab = this.root.querySelector(".tabs [aria-selected=true], .tabs a");
    if (tab && !tab.offsetParent) location.hash = "#evidence";
    tab?.focus();
  }

  piece(step) {
    this.evidence();
    const tabs = [...this.root.querySelectorAll(".tabs a")];
    const next = tabs[(tabs.findIndex((tab) => tab.ariaSelected === "true") + step + tabs.length) % tabs.length];
    next?.click();
    next?.focus();
  }

  rubric(field) {
    if (!field) return;
    const fold = field.closest("details");
    if (fold) fold.open = true;
    if (!field.offsetParent) location.hash = "#rubric";
    field.focus();
  }

  choose(at) {
    const radios = this.criteria()[this.index]?.querySelectorAll("[data-levels] input[type=radio]") ?? [];
    const chosen = radios[at];
    if (!chosen || chosen.disabled) return;
    chosen.checked = true;
    this.rubric(chosen);
    chosen.dispatchEvent(new Event("input", { bubbles: true }));
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
  }

  move(step) {
    const all = this.criteria();
    this.index = Math.min(all.length - 1, Math.max(0, this.index + step));
    const item = all[this.index];
    const fold = item.querySelector("details");
    if (fold) fold.open = true;
    this.rubric(item.querySelector("[data-levels] input:checked") ?? item.querySelector("[data-levels] input") ?? item.querySelector("summary"));
    item.scrollIntoView({ block: "nearest" });
    this.mark();
  }
}

function stored() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

// What was pressed; capitals by the lock are the same key, signs are what they are whichever keys make them.
function named({ key, shiftKey }) {
  const letter = /^\p{L}$/u.test(key);
  const name = letter ? key.toLowerCase() : key;
  return shiftKey && (letter || key.length > 1) ? `Shift+${name}` : name;
}

function typing(target) {
  return target.matches?.("textarea, select, [contenteditable], video[controls], audio[controls], input:not([type=radio], [type=checkbox], [type=range])");
}

export function start(root) {
  for (const desk of root.querySelectorAll("[data-desk]")) desk.desk ??= new Desk(desk);
}
