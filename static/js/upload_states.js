// The lists of evidence on a draft's page follow what the server knows: received, checked, ready or refused. Only lines
// that changed are exchanged, so that nothing moves under one's hands. It asks while something is under way, gently.
const SOONEST = 2000;
const LATEST = 10_000;

// What a line says, without what differs each time it is asked for.
function markOf(line) {
  const copy = line.cloneNode(true);
  for (const link of copy.querySelectorAll("[data-look-again]")) link.remove();
  copy.hidden = false;
  return copy.outerHTML;
}

function keepOpen(old, line) {
  const open = [...old.querySelectorAll("details")].map((one) => one.open);
  line.querySelectorAll("details").forEach((one, at) => (one.open ||= open[at] ?? false));
}

// Whoever had the focus gets it back, or what stands for it now.
function refocus(had, list) {
  if (document.activeElement === had) return;
  const action = had.getAttribute?.("formaction");
  const now = had.isConnected ? had : action && list.querySelector(`[formaction="${CSS.escape(action)}"]`);
  now?.focus?.({ preventScroll: true });
}

class States {
  constructor(panel, queue) {
    this.panel = panel;
    this.queue = queue;
    this.known = new Map();
    this.wait = SOONEST;
    for (const list of this.lists()) this.remember(list);
    document.addEventListener("uploads:changed", () => this.soon());
    document.addEventListener("uploads:shown", () => this.cover());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.later());
    document.addEventListener("click", (event) => this.clicked(event));
    this.cover();
    this.later();
  }

  lists() {
    return [...document.querySelectorAll("[data-held]")];
  }

  lines(list) {
    return [...list.querySelectorAll("[data-artifact]")];
  }

  remember(list) {
    for (const line of this.lines(list)) this.known.set(line.dataset.artifact, markOf(line));
  }

  // What has a row of its own is not shown twice, and the link to look again is for those without script.
  cover() {
    for (const line of document.querySelectorAll("[data-artifact]")) {
      const item = [...this.queue.items].find((one) => one.upload?.artifact === line.dataset.artifact);
      line.hidden = Boolean(item) && line.dataset.state === "uploading";
      if (item?.state === "refused" && line.dataset.state === "rejected") item.gone();
    }
    for (const link of document.querySelectorAll("[data-look-again]")) link.hidden = true;
  }

  // --- asking -------------------------------------------------------------------------------------------

  soon() {
    this.wait = SOONEST;
    this.look();
  }

  later() {
    clearTimeout(this.timer);
    if (!document.querySelector("[data-under-way]") || document.visibilityState !== "visible") return;
    this.timer = setTimeout(() => this.look(), this.wait);
    this.wait = Math.min(LATEST, this.wait * 1.5);
  }

  async look() {
    clearTimeout(this.timer);
    try {
      const answer = await fetch(this.panel.dataset.listsUrl, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
      if (answer.ok && !answer.redirected) this.take(await answer.text());
    } catch {
      // Not connected: asked again later.
    }
    this.later();
  }

  // --- exchanging ---------------------------------------------------------------------------------------

  take(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    let changed = false;
    for (const list of this.lists()) {
      const fresh = page.getElementById(list.id);
      if (fresh) changed = this.exchange(list, fresh) || changed;
    }
    this.cover();
    if (changed) this.wait = SOONEST;
  }

  exchange(list, fresh) {
    const there = new Map(this.lines(list).map((line) => [line.dataset.artifact, line]));
    const lines = this.lines(fresh);
    const news = lines.filter((line) => this.known.get(line.dataset.artifact) !== markOf(line));
    if (!news.length && lines.length === there.size) return false;
    for (const line of news) this.tell(there.get(line.dataset.artifact), line);
    const had = document.activeElement;
    this.remember(fresh);
    for (const line of lines) {
      const old = there.get(line.dataset.artifact);
      if (!old) continue;
      if (news.includes(line)) keepOpen(old, line);
      else line.replaceWith(old);
    }
    list.replaceChildren(...fresh.childNodes);
    const box = list.parentElement.querySelector("[data-upload-box]");
    if (box) box.hidden = Boolean(list.querySelector("[data-full]"));
    refocus(had, list);
    list.dispatchEvent(new CustomEvent("region:loaded", { bubbles: true }));
    return true;
  }

  // A screen reader hears what became of a file, not every step on the way.
  tell(old, line) {
    const state = line.dataset.state;
    const told = ["rejected", "quarantined", ...(old ? ["ready"] : [])];
    if (old?.dataset.state === state || !told.includes(state)) return;
    const words = line.querySelector("[data-standing]")?.textContent.trim() ?? "";
    this.queue.say("became", { name: line.querySelector(".artifact-name").textContent, state: words });
  }

  // --- doing --------------------------------------------------------------------------------------------

  // button[data-quiet]: done in place, so that the page, and what is on its way from it, stay.
  async clicked(event) {
    const button = event.target.closest?.("[data-held] button[data-quiet]");
    if (!button || button.disabled) return;
    event.preventDefault();
    const line = button.closest("[data-artifact]");
    const body = new FormData();
    body.set("csrfmiddlewaretoken", button.form.elements.namedItem("csrfmiddlewaretoken").value);
    const file = button.dataset.quiet === "captions" && line.querySelector('input[type="file"]').files[0];
    if (file) body.set("captions", file);
    button.disabled = true;
    let answer;
    try {
      answer = await fetch(button.formAction, { method: "POST", body, credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
    } catch {
      answer = null;
    }
    button.disabled = false;
    if (!answer || answer.redirected || ![200, 400].includes(answer.status)) return this.plainly(button);
    this.did(button, line, await answer.text());
  }

  // The form as it is knows what to do, and says what is wrong.
  plainly(button) {
    button.removeAttribute("data-quiet");
    button.form.requestSubmit(button);
  }

  did(button, line, text) {
    const section = line.closest("[data-place]");
    const name = line.querySelector(".artifact-name").textContent;
    this.take(text);
    if (button.dataset.quiet === "remove" && !line.isConnected) {
      this.queue.say("removed", { name });
      (section.querySelector("[data-upload-box]:not([hidden]) input") ?? section.querySelector("button"))?.focus();
    }
    this.later();
  }
}

export function watch(panel, queue) {
  return new States(panel, queue);
}
