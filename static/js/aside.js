// The texts a person did not keep after a conflict stay on this device for a month, in [data-autosave-aside], from where
// each can be brought back.
import { labelOf, put } from "./fields.js";

const START = "microcreds:aside:";
const MOST = 20;
const KEPT = 30 * 24 * 3600 * 1000;

export class Aside {
  constructor(key, form) {
    this.key = START + key;
    this.form = form;
    this.box = document.querySelector("[data-autosave-aside]");
    try {
      this.texts = JSON.parse(localStorage.getItem(this.key) ?? "[]").filter((one) => Date.now() - one.at < KEPT);
    } catch {
      this.texts = [];
    }
    this.show();
  }

  add(name, text) {
    if (typeof text !== "string" || !text.trim()) return;
    this.texts = [{ name, text, at: Date.now() }, ...this.texts.filter((one) => one.text !== text)].slice(0, MOST);
    this.keep();
  }

  keep() {
    try {
      if (this.texts.length) localStorage.setItem(this.key, JSON.stringify(this.texts));
      else localStorage.removeItem(this.key);
    } catch {
      // Then they stay in the page until it is left.
    }
    this.show();
  }

  show() {
    if (!this.box) return;
    this.box.hidden = !this.texts.length;
    this.box.querySelector("[data-aside-list]").replaceChildren(...this.texts.map((one) => this.row(one)));
  }

  row(one) {
    const row = document.createElement("li");
    row.append(
      element("strong", "", labelOf(this.form, one.name)),
      element("div", "conflict-text", one.text),
      this.action(this.box.dataset.back, () => {
        const field = this.form.elements.namedItem(one.name);
        put(this.form, one.name, field.value.trim() ? `${field.value}\n\n${one.text}` : one.text);
        field.focus();
        this.remove(one);
      }),
      this.action(this.box.dataset.forget, () => this.remove(one)),
    );
    return row;
  }

  action(words, act) {
    const button = element("button", "btn btn--sm", words);
    button.type = "button";
    button.addEventListener("click", act);
    return button;
  }

  remove(one) {
    this.texts = this.texts.filter((other) => other !== one);
    this.keep();
  }
}

export function element(tag, className, words = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (words) made.textContent = words;
  return made;
}
