// [data-desk]: the desk by keyboard. 1–9 choose a level of the current criterion, j/k (or ↓/↑) go to the next and the
// previous one, f goes to its feedback, s to the strength, e to the evidence, ? shows the keys. Never while typing, and
// it can be switched off. Ctrl+Enter previews, Escape leaves a text.
// Markup: [data-criterion] (li with details), radios inside [data-levels], the feedback field [data-feedback],
// dialog[data-keys], input[type=checkbox][data-keys-off].
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
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") this.dialog?.showModal();
    else if (!this.on) return;
    else if (/^[1-9]$/.test(event.key)) this.choose(Number(event.key) - 1);
    else if (event.key === "j" || (event.key === "ArrowDown" && !radio(event.target))) this.move(1);
    else if (event.key === "k" || (event.key === "ArrowUp" && !radio(event.target))) this.move(-1);
    else if (event.key === "e") this.evidence();
    else if (event.key === "s") this.root.querySelector("#strength")?.focus();
    else if (event.key === "f") this.criteria()[this.index]?.querySelector("[data-feedback]")?.focus();
    else return;
    event.preventDefault();
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

  choose(at) {
    const radios = this.criteria()[this.index]?.querySelectorAll("[data-levels] input[type=radio]") ?? [];
    const chosen = radios[at];
    if (!chosen || chosen.disabled) return;
    chosen.checked = true;
    chosen.focus();
    chosen.dispatchEvent(new Event("input", { bubbles: true }));
    chosen.dispatchEvent(new Event("change", { bubbles: true }));
  }

  move(step) {
    const all = this.criteria();
    this.index = Math.min(all.length - 1, Math.max(0, this.index + step));
    const item = all[this.index];
    const fold = item.querySelector("details");
    if (fold) fold.open = true;
    (item.querySelector("[data-levels] input:checked") ?? item.querySelector("[data-levels] input") ?? item.querySelector("summary"))?.focus();
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

function radio(target) {
  return target.matches?.("input[type=radio]");
}

function typing(target) {
  return target.matches?.("textarea, select, [contenteditable], video, audio, input:not([type=radio], [type=checkbox])");
}

export function start(root) {
  for (const desk of root.querySelectorAll("[data-desk]")) desk.desk ??= new Desk(desk);
}
