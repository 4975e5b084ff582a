// The comment bank at a feedback field: "/" at the beginning of a word, or its button, opens a searchable list
// (combobox with listbox); Enter puts the comment in, Escape goes back. "Keep in my bank" keeps what is written.
const QUIET = 150;
let number = 0;

class Bank {
  constructor(desk, form) {
    this.desk = desk;
    this.form = form;
    this.template = document.querySelector("template[data-bank-box]");
    [this.path, this.query] = form.dataset.autosaveUrl.split("?");
    desk.addEventListener("keydown", (event) => this.typed(event));
    desk.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("pointerdown", (event) => this.box && !this.box.contains(event.target) && this.close());
  }

  get review() {
    return this.path.split("/").at(-2);
  }

  typed(event) {
    const field = event.target;
    if (event.key !== "/" || !field.matches?.("[data-feedback]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const before = field.value.slice(0, field.selectionStart);
    if (before && !/\s$/.test(before)) return;
    event.preventDefault();
    this.open(field, true);
  }

  clicked(event) {
    const button = event.target.closest("[data-bank], [data-bank-keep]");
    const item = button?.closest("[data-criterion]");
    if (!item) return;
    event.preventDefault();
    const field = item.querySelector("[data-feedback]");
    if (button.matches("[data-bank]")) this.open(field);
    else this.keep(item, field);
  }

  open(field, slash = false) {
    this.close();
    const item = field.closest("[data-criterion]");
    this.field = field;
    this.slash = slash;
    this.key = item.dataset.criterion;
    this.box = this.template.content.firstElementChild.cloneNode(true);
    this.search = this.box.querySelector("input");
    this.list = this.box.querySelector("[role=listbox]");
    this.list.id = `bank-${(number += 1)}`;
    this.search.setAttribute("aria-controls", this.list.id);
    this.box.querySelector("[data-bank-all]").href += `?review=${this.review}&criterion=${encodeURIComponent(this.key)}`;
    this.search.addEventListener("input", () => this.later());
    this.search.addEventListener("keydown", (event) => this.chosen(event));
    this.list.addEventListener("click", (event) => this.put(event.target.closest("[role=option]")));
    item.querySelector("[data-bank]").parentElement.append(this.box);
    this.search.focus();
    this.find();
  }

  close(back = false) {
    clearTimeout(this.timer);
    this.box?.remove();
    this.box = undefined;
    if (back) this.field.focus();
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.find(), QUIET);
  }

  async find() {
    const box = this.box;
    const asked = new URLSearchParams({ review: this.review, criterion: this.key, q: this.search.value });
    const answer = await fetch(`${this.template.dataset.bankBox}?${asked}`, { headers: { Accept: "application/json" }, credentials: "same-origin" }).catch(() => null);
    const { results = [] } = answer?.ok ? await answer.json().catch(() => ({})) : {};
    if (this.box !== box) return;
    this.list.replaceChildren(...results.map((comment, at) => this.option(comment, at)));
    box.scrollIntoView({ block: "nearest" });
    box.querySelector("[data-bank-none]").hidden = results.length > 0 || !answer?.ok;
    box.querySelector("[data-bank-broken]").hidden = Boolean(answer?.ok);
    this.mark(0);
  }

  option(comment, at) {
    const row = document.createElement("div");
    row.setAttribute("role", "option");
    row.id = `${this.list.id}-${at}`;
    row.comment = comment;
    row.append(Object.assign(document.createElement("span"), { textContent: comment.text }));
    const { helped } = this.list.dataset;
    if (comment.followed) row.append(Object.assign(document.createElement("span"), { className: "sm muted num", textContent: helped.replace("%passed%", comment.passed).replace("%followed%", comment.followed) }));
    return row;
  }

  mark(at) {
    const rows = [...this.list.children];
    this.at = rows.length ? (at + rows.length) % rows.length : -1;
    rows.forEach((row, index) => row.setAttribute("aria-selected", String(index === this.at)));
    const row = rows[this.at];
    if (row) this.search.setAttribute("aria-activedescendant", row.id);
    else this.search.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  chosen(event) {
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.mark(this.at + step);
    else if (event.key === "Enter") this.put(this.list.children[this.at]);
    else if (event.key === "Escape") this.back();
    else if (event.key === "Tab") return this.close();
    else return undefined;
    return event.preventDefault();
  }

  // A "/" that was meant as one.
  back() {
    const plain = this.slash && !this.search.value;
    this.close(true);
    if (plain) this.write("/");
  }

  put(row) {
    if (!row) return;
    const { id, text } = row.comment;
    this.close(true);
    this.write(text);
    this.post(`${this.path}uses/?${this.query}`, { comment: id, criterion: this.key }).catch(() => {});
  }

  write(text) {
    const { field } = this;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async keep(item, field) {
    const state = item.querySelector("[data-bank-state]");
    const { dataset } = this.template;
    const answer = await this.post(dataset.bankBox, { review: this.review, criterion: item.dataset.criterion, text: field.value }).catch(() => null);
    const body = answer?.ok ? {} : ((await answer?.json().catch(() => null)) ?? {});
    state.textContent = answer?.ok ? dataset.kept : (body.detail ?? dataset.broken);
  }

  post(address, body) {
    const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.form.autosave?.token() ?? "" };
    return fetch(address, { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) });
  }
}

export function start(root) {
  for (const desk of root.querySelectorAll("[data-desk]:has([data-bank])")) {
    const form = document.querySelector("form#desk-form[data-autosave]");
    if (!form || desk.bank) continue;
    desk.bank = new Bank(desk, form);
    desk.dataset.banking = "on";
  }
}
