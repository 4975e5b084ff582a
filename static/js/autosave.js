// form[data-autosave data-autosave-url]: what one types is sent within two seconds as PATCH {revision, field: value, …},
// only the fields that changed. A copy stays on this device until the server has it. A 409 keeps both texts.
import { announce } from "./saved.js";
import { showConflict } from "./conflict.js";
import { put } from "./fields.js";

const QUIET = 900;
const LONGEST = 2000;
const RETRY = 1000;
const LONGEST_RETRY = 30000;

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosaveUrl;
    this.key = `microcreds:draft:${form.dataset.autosaveKey || this.url}`;
    this.state = document.querySelector(form.dataset.autosaveStateAt || "[data-autosave-state]");
    form.autocomplete = "off"; // a reload shows what the server has, not what the browser remembers
    this.saved = this.values(true);
    this.busy = false;
    this.again = false;
    this.stopped = false;
    form.addEventListener("input", (event) => this.touched(event));
    form.addEventListener("change", (event) => this.touched(event));
    form.addEventListener("submit", (event) => this.submitted(event));
    window.addEventListener("online", () => this.save());
    window.addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.hidden && this.save());
    this.restore();
  }

  get revision() {
    return this.form.elements.namedItem("revision");
  }

  fields() {
    return [...this.form.elements].filter(
      (field) => field.name && field.name !== "revision" && field.name !== "csrfmiddlewaretoken" &&
        !["file", "submit", "button", "reset", "fieldset"].includes(field.type) && field.dataset.autosaveSkip === undefined,
    );
  }

  // What the fields hold, or what the server gave them: words typed before this module came count as changed.
  values(given = false) {
    const values = {};
    const on = (field) => (given ? field.defaultChecked : field.checked);
    for (const field of this.fields()) {
      if (field.type === "radio") {
        values[field.name] ??= "";
        if (on(field)) values[field.name] = field.value;
      } else if (field.type === "checkbox") {
        const same = this.form.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(field.name)}"]`);
        values[field.name] = same.length > 1 ? [...same].filter(on).map((box) => box.value) : on(field);
      } else if (given && field.options) {
        values[field.name] = ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "";
      } else {
        values[field.name] = given ? field.defaultValue : field.value;
      }
    }
    return values;
  }

  changed() {
    const now = this.values();
    const names = Object.keys(now).filter((name) => !same(now[name], this.saved[name]));
    return Object.fromEntries(names.map((name) => [name, now[name]]));
  }

  pending() {
    return !this.stopped && Object.keys(this.changed()).length > 0;
  }

  touched(event) {
    if (event.target.type === "file" || this.stopped) return;
    this.keep();
    this.first ??= Date.now();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), Math.max(0, Math.min(QUIET, LONGEST - (Date.now() - this.first))));
  }

  async save() {
    clearTimeout(this.timer);
    if (this.busy) {
      this.again = true;
      return;
    }
    const changes = this.changed();
    if (this.stopped || !Object.keys(changes).length) return;
    this.busy = true;
    this.first = undefined;
    announce(this.state, "saving");
    try {
      await this.answer(await this.send(changes), changes);
    } catch {
      announce(this.state, "offline");
      this.wait = Math.min(LONGEST_RETRY, (this.wait ?? RETRY / 2) * 2);
      this.timer = setTimeout(() => this.save(), this.wait);
    }
    this.busy = false;
    if (this.held && !this.stopped) {
      const { by } = this.held;
      this.held = undefined;
      this.form.requestSubmit(by);
    } else if (this.again) {
      this.again = false;
      this.save();
    }
  }

  send(changes, keepalive = false) {
    const token = this.form.elements.namedItem("csrfmiddlewaretoken")?.value ?? "";
    return fetch(this.url, {
      method: "PATCH",
      keepalive,
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ revision: Number(this.revision?.value ?? 0), ...changes }),
    });
  }

  async answer(response, changes) {
    const body = await response.json().catch(() => ({}));
    if (response.ok) {
      Object.assign(this.saved, changes);
      this.wait = undefined;
      if (this.revision && body.revision !== undefined) this.revision.value = body.revision;
      this.keep();
      announce(this.state, "saved", body.saved_at);
      this.form.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true, detail: body }));
    } else if (response.status === 409 && body.revision !== undefined) {
      this.conflict(body, changes);
    } else if (response.status === 401 || response.status === 403) {
      announce(this.state, "expired");
    } else if (response.status >= 500 || response.status === 429) {
      throw new Error("try again");
    } else {
      announce(this.state, "error", undefined, body.detail);
    }
  }

  conflict(body, changes) {
    this.stopped = true;
    announce(this.state, "conflict");
    showConflict(this.form, changes, body.current ?? {}, () => {
      this.stopped = false;
      Object.assign(this.saved, body.current ?? {});
      if (this.revision) this.revision.value = body.revision;
      this.keep();
      this.save();
    });
  }

  keep() {
    const mine = this.changed();
    const base = Object.fromEntries(Object.keys(mine).map((name) => [name, this.saved[name]]));
    try {
      if (Object.keys(mine).length) localStorage.setItem(this.key, JSON.stringify({ mine, base }));
      else localStorage.removeItem(this.key);
    } catch {
      // Private windows may refuse storage; the server's copy is then the only one.
    }
  }

  // Words that never reached the server come back; where the server has moved on meanwhile, the person chooses.
  restore() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(this.key) ?? "null");
    } catch {
      return;
    }
    const disputed = {};
    for (const [name, value] of Object.entries(kept?.mine ?? {})) {
      if (!(name in this.saved) || same(this.saved[name], value)) continue;
      if (same(this.saved[name], kept.base[name])) put(this.form, name, value);
      else disputed[name] = value;
    }
    if (Object.keys(disputed).length) this.conflict({ revision: this.revision?.value, current: { ...this.saved } }, disputed);
    else if (this.pending()) {
      announce(this.state, "restored");
      this.save();
    } else this.keep();
  }

  // A save under way would make the form's revision stale: the form waits for its answer.
  submitted(event) {
    clearTimeout(this.timer);
    if (this.busy) {
      event.preventDefault();
      this.held = { by: event.submitter };
    } else this.leaving = true;
  }

  leave() {
    const changes = this.changed();
    if (this.leaving || this.stopped || this.busy || !Object.keys(changes).length) return;
    this.send(changes, true).catch(() => {});
  }
}

export function start(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) form.autosave ??= new Autosave(form);
}
