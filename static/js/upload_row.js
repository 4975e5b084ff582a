// The line of one upload on the page: name, size, bar, words, and only the buttons that mean something now.
import { fill, percent, size } from "./upload_words.js";

const DO = {
  looking: ["cancel"],
  waiting: ["pause", "cancel"],
  wifi: ["pause", "cancel"],
  sending: ["pause", "cancel"],
  last: [],
  paused: ["go", "cancel"],
  offline: ["go", "pause", "cancel"],
  trouble: ["go", "pause", "cancel"],
  entry: ["enter", "cancel"],
  elsewhere: [],
  resting: ["choose", "cancel"],
  other: ["choose", "anew", "cancel"],
  changed: ["choose", "cancel"],
  held: ["cancel"],
  ended: ["again", "close"],
  refused: ["close"],
  large: ["close"],
};
const ALERTS = ["refused", "large", "ended", "changed", "other"];

export class Row {
  constructor(template, words, { name, size: bytes }) {
    this.words = words;
    this.node = template.content.firstElementChild.cloneNode(true);
    this.said = this.node.querySelector(".upload-words");
    this.bar = this.node.querySelector("progress");
    this.node.querySelector(".upload-name").textContent = name;
    this.node.querySelector(".upload-size").textContent = size(bytes);
    this.bar.setAttribute("aria-label", name);
    for (const control of this.node.querySelectorAll("[data-do]")) {
      const hidden = document.createElement("span");
      hidden.className = "vh";
      hidden.textContent = ` ${name}`;
      (control.querySelector("span") ?? control).append(hidden);
    }
  }

  on(what, act) {
    const control = this.node.querySelector(`[data-do="${what}"]`);
    const input = control.querySelector("input");
    if (!input) return control.addEventListener("click", () => act());
    input.addEventListener("change", () => {
      const [file] = input.files;
      input.value = "";
      if (file) act(file);
    });
  }

  get link() {
    return this.node.querySelector('[data-do="enter"]');
  }

  // `again`: whether a refusal may be tried once more; `detail`: the server's own words.
  show(state, { sent = 0, total = 1, detail = "", again = false, values = {} } = {}) {
    const focused = this.node.contains(document.activeElement);
    const here = percent(sent, total);
    const words = detail || fill(this.words[state], { percent: here, ...values });
    this.bar.value = total ? (100 * sent) / total : 100;
    this.bar.textContent = here;
    this.bar.hidden = ["refused", "large", "ended"].includes(state);
    if (this.node.dataset.state !== state || again) this.become(state, again);
    this.say(words);
    if (focused) this.focus();
  }

  become(state, again) {
    this.node.dataset.state = state;
    const alert = ALERTS.includes(state);
    this.said.classList.toggle("field-error", alert);
    if (alert) this.said.setAttribute("role", "alert");
    else this.said.removeAttribute("role");
    const can = [...(DO[state] ?? []), ...(again ? ["again"] : [])];
    for (const control of this.node.querySelectorAll("[data-do]")) control.hidden = !can.includes(control.dataset.do);
  }

  // The button that had the focus may be gone; its place is taken by the first that is there, or the line itself.
  focus() {
    const now = document.activeElement;
    if (this.node.contains(now) && !now.closest("[hidden]")) return;
    const first = this.node.querySelector("[data-do]:not([hidden])");
    if (!first) this.node.tabIndex = -1;
    (first?.querySelector("input") ?? first ?? this.node).focus({ preventScroll: true });
  }

  say(words) {
    if (this.said.textContent !== words) this.said.textContent = words;
  }
}
