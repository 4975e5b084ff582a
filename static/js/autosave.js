// form[data-autosave data-autosave-url]: what one types is sent within two seconds as PATCH {revision, field: value, …},
// only the fields that changed. A copy stays on this device until the server has it (copies.js). After a 409 the fields
// only one side has changed are joined by themselves; for the others the person chooses (conflict.js).
import { Aside } from "./aside.js";
import { showConflict } from "./conflict.js";
import { Copies } from "./copies.js";
import { labelOf, put, values } from "./fields.js";
import { announce } from "./saved.js";

const QUIET = 900;
const LONGEST = 2000;
const RETRY = 1000;
const LONGEST_RETRY = 30000;
const PATIENCE = 20000;
const FLUSHED = 4000; // what is not sent by then lies on this device

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosaveUrl;
    this.state = document.querySelector(form.dataset.autosaveStateAt || "[data-autosave-state]");
    // Sealed to the person: on a shared computer the next one neither sees these words nor sends them.
    const key = `${form.dataset.autosavePerson ?? ""}:${form.dataset.autosaveKey || this.url}`;
    this.copies = new Copies(key);
    this.aside = new Aside(key, form);
    form.autocomplete = "off"; // a reload shows what the server has, not what the browser remembers
    this.saved = values(form, true);
    this.refused = {};
    this.stored = true;
    this.listen();
    if (this.state?.dataset.savedAt) announce(this.state, "saved", { savedAt: this.state.dataset.savedAt, quiet: true });
    this.restore();
  }

  listen() {
    // Fields may stand elsewhere on the page and name this form.
    for (const name of ["input", "change"]) document.addEventListener(name, (event) => event.target.form === this.form && this.touched(event));
    this.form.addEventListener("submit", (event) => this.submitted(event));
    for (const name of ["online", "focus", "pageshow"]) window.addEventListener(name, () => this.save());
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("beforeunload", (event) => !this.leaving && !this.stored && this.pending() && event.preventDefault());
    document.addEventListener("visibilitychange", () => this.save());
  }

  get revision() {
    return this.form.elements.namedItem("revision");
  }

  changed() {
    const now = values(this.form);
    const names = Object.keys(now).filter((name) => !same(now[name], this.saved[name]));
    return Object.fromEntries(names.map((name) => [name, now[name]]));
  }

  // What the server has not refused as it stands.
  sendable() {
    return Object.fromEntries(Object.entries(this.changed()).filter(([name, value]) => !same(this.refused[name], value)));
  }

  pending() {
    return Object.keys(this.changed()).length > 0;
  }

  // Fields that came with a region hold what the server has; what was typed into those before goes on in them.
  adopt(typed) {
    for (const [name, value] of Object.entries(values(this.form, true))) if (!(name in this.saved)) this.saved[name] = value;
    for (const [name, value] of Object.entries(typed)) put(this.form, name, value);
  }

  tell(state, more = {}) {
    announce(this.state, state, { ...more, stored: this.stored });
  }

  touched(event) {
    if (event.target.type === "file") return;
    this.keep();
    if (this.stopped) return;
    if (this.pending() && ["saved", undefined].includes(this.state?.dataset.state)) this.tell("pending");
    this.first ??= Date.now();
    this.later(Math.max(0, Math.min(QUIET, LONGEST - (Date.now() - this.first))));
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  async save() {
    clearTimeout(this.timer);
    this.first = undefined;
    if (this.busy) {
      this.again = true;
      return;
    }
    const changes = this.sendable();
    if (this.stopped) return;
    if (!Object.keys(changes).length) {
      const { state, savedAt } = this.state?.dataset ?? {};
      if (savedAt && state !== "saved" && !this.pending()) this.tell("saved", { savedAt });
      return;
    }
    this.busy = true;
    this.tell("saving");
    try {
      await this.answer(await this.send(changes, { signal: AbortSignal.timeout(PATIENCE) }), changes);
    } catch {
      this.tell("offline");
      this.again = false;
      this.wait = Math.min(LONGEST_RETRY, (this.wait ?? RETRY / 2) * 2);
      this.later(this.wait);
    }
    this.busy = false;
    this.goOn();
  }

  // Before the page is left: everything is with the server, or the line or a conflict holds it up and it stays here.
  async flush() {
    const end = Date.now() + FLUSHED;
    while (Date.now() < end && !this.stopped && (this.busy || Object.keys(this.sendable()).length)) {
      if (this.busy) await new Promise((done) => setTimeout(done, 50));
      else await this.save();
      if (this.wait) return;
    }
  }

  goOn() {
    if (this.held && !this.stopped) {
      const { by } = this.held;
      this.held = undefined;
      this.form.requestSubmit(by);
    } else if (this.again) {
      this.again = false;
      this.save();
    }
  }

  send(changes, options) {
    return fetch(this.url, {
      method: "PATCH",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token() },
      body: JSON.stringify({ revision: Number(this.revision?.value ?? 0), ...changes }),
      ...options,
    });
  }

  // Signing in again, in this tab or another, makes a new token; the one in the page is then worth nothing.
  token() {
    const field = this.form.elements.namedItem("csrfmiddlewaretoken");
    const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
    if (field && cookie) field.value = cookie;
    return field?.value ?? "";
  }

  async answer(response, changes) {
    const body = await response.json().catch(() => ({}));
    if (response.ok) this.done(body, changes);
    else if (response.status === 409 && body.revision !== undefined) this.merge(body);
    else if (response.status === 401 || response.status === 403) this.tell("expired");
    else if (response.status >= 500 || response.status === 429) throw new Error("try again");
    else this.refuse(body, changes);
  }

  done(body, changes) {
    Object.assign(this.saved, changes);
    this.wait = undefined;
    if (this.revision && body.revision !== undefined) this.revision.value = body.revision;
    this.keep();
    if (!this.pending()) this.tell("saved", body.saved_at ? { savedAt: body.saved_at } : {});
    else if (Object.keys(this.sendable()).length) this.again = true;
    else this.tell("error", { detail: this.detail });
    this.form.dispatchEvent(new CustomEvent("autosave:saved", { bubbles: true, detail: body }));
  }

  // One text that cannot be kept (too long, say) does not hold up the others.
  refuse(body, changes) {
    const blamed = Object.keys(body.errors ?? {});
    const names = Object.keys(changes).filter((name) => blamed.some((key) => name === key || name.endsWith(`.${key}`)));
    for (const name of names) this.refused[name] = changes[name];
    this.detail = body.detail;
    this.again ||= names.length > 0;
    this.tell("error", { detail: body.detail });
  }

  merge(body) {
    const now = values(this.form);
    const disputed = [];
    for (const [name, theirs] of Object.entries(body.current ?? {})) {
      if (!(name in now)) continue;
      const base = this.saved[name];
      if (same(now[name], base)) put(this.form, name, theirs);
      else if (!same(theirs, base) && !same(theirs, now[name])) {
        disputed.push({ name, theirs, label: labelOf(this.form, name), differences: body.differences?.[name] });
        continue;
      }
      this.saved[name] = theirs;
    }
    this.keep(); // with the old revision: what is still disputed must be found again after a crash
    if (disputed.length) return this.dispute(disputed, body.revision);
    if (this.revision) this.revision.value = body.revision;
    this.keep();
    this.again = this.pending();
    if (!this.again) this.tell("saved");
  }

  dispute(disputed, revision) {
    this.stopped = true;
    this.tell("conflict");
    showConflict(this.form, disputed, this.aside, () => {
      this.stopped = false;
      for (const { name, theirs } of disputed) this.saved[name] = theirs;
      if (this.revision) this.revision.value = revision;
      this.keep();
      this.tell("pending");
      this.save();
    });
  }

  keep() {
    const mine = this.changed();
    const base = Object.fromEntries(Object.keys(mine).map((name) => [name, this.saved[name]]));
    if (Object.keys(mine).length) this.stored = this.copies.keep({ mine, base, revision: Number(this.revision?.value ?? 0) });
    else this.copies.drop();
  }

  // Words that never reached the server come back; where the server has moved on meanwhile, the person chooses.
  async restore() {
    const left = await this.copies.orphans();
    const server = { ...this.saved };
    const disputed = {};
    let oldest = Number(this.revision?.value ?? 0);
    for (const copy of left) {
      for (const [name, value] of Object.entries(copy.mine)) {
        if (!(name in server) || same(server[name], value)) continue;
        const here = values(this.form)[name];
        if (same(here, value)) continue;
        if (!same(here, server[name])) this.aside.add(name, value);
        else {
          put(this.form, name, value);
          if (same(server[name], copy.base[name])) continue;
          // Both were kept after a conflict: these words are there already.
          if (typeof value === "string" && String(server[name]).includes(value)) {
            put(this.form, name, server[name]);
            continue;
          }
          disputed[name] = copy.base[name];
          oldest = Math.min(oldest, copy.revision);
        }
      }
    }
    if (left.length && this.pending()) this.tell("restored");
    this.resume(server, disputed, oldest);
    this.copies.forget(left);
  }

  // The server refuses the old revision and says what differs; without one, it is asked nothing.
  resume(server, disputed, oldest) {
    const known = Number(this.revision?.value ?? 0);
    Object.assign(this.saved, disputed);
    if (Object.keys(disputed).length && oldest >= known) return this.merge({ revision: known, current: server });
    if (Object.keys(disputed).length) this.revision.value = oldest;
    this.keep();
    return this.save();
  }

  // A save under way would make the form's revision stale: the form waits for its answer.
  submitted(event) {
    clearTimeout(this.timer);
    this.token();
    if (this.busy) {
      event.preventDefault();
      this.held = { by: event.submitter };
    } else this.leaving = true;
  }

  leave() {
    this.keep();
    const changes = this.sendable();
    if (this.leaving || this.stopped || this.busy || !Object.keys(changes).length) return;
    this.send(changes, { keepalive: true }).catch(() => {});
  }
}

export function start(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) form.autosave ??= new Autosave(form);
}
