// Copies of unsaved words on this device. Every open page writes one of its own, so that two tabs never overwrite each
// other's; a page holds a lock by the name of its copy, so that the next one knows which copies nobody looks after.
const START = "microcreds:draft:";

export class Copies {
  constructor(key) {
    this.prefix = `${START}${key}:`;
    this.name = `${this.prefix}${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
    try {
      this.before = sessionStorage.getItem(this.prefix); // this very tab, before it was reloaded
      sessionStorage.setItem(this.prefix, this.name);
    } catch {
      this.before = null;
    }
    navigator.locks?.request(this.name, () => new Promise(() => {}));
  }

  // Whether this device took it.
  keep(content) {
    try {
      localStorage.setItem(this.name, JSON.stringify({ ...content, at: Date.now() }));
      return true;
    } catch {
      return false;
    }
  }

  drop() {
    try {
      localStorage.removeItem(this.name);
    } catch {
      // Nothing was kept where nothing can be removed.
    }
  }

  // What pages left behind that are gone, newest first.
  async orphans() {
    const held = new Set(((await navigator.locks?.query())?.held ?? []).map((lock) => lock.name));
    const found = [];
    try {
      for (const name of Object.keys(localStorage)) {
        if (!name.startsWith(this.prefix) || name === this.name || (held.has(name) && name !== this.before)) continue;
        const { mine = {}, base = {}, revision = 0, at = 0 } = JSON.parse(localStorage.getItem(name)) ?? {};
        found.push({ name, mine, base, revision, at });
      }
    } catch {
      // Refused, or written by a hand other than ours.
    }
    return found.sort((one, other) => other.at - one.at);
  }

  forget(copies) {
    for (const { name } of copies) localStorage.removeItem(name);
  }
}
