// [data-names=address data-names-person]: looks for names, addresses and numbers of students in everything on this page
// and in the texts drawn from its files. The list of names stays on this device: no form field, no request carries it.
const EMAIL = /[^\s@<>()]+@[^\s@<>()]+\.\p{L}{2,}/gu;
const PHONE = /(?<![\p{L}\p{N}])\+?\(?\d[\d\s().-]{6,16}\d(?![\p{L}\p{N}])/gu;
const NUMBER = /(?<![\p{L}\p{N}])\p{L}{0,3}[-#]?\d{6,12}(?![\p{L}\p{N}])/gu;
const DATE = /^\(?\d{1,4}[-./]\d{1,2}[-./]\d{1,4}\)?$/;
const AROUND = 30;
const MOST = 60;

// One sign stays one sign, so that places in the folded text are places in the text.
export function fold(text) {
  return [...text.normalize("NFC")]
    .map((sign) => {
      const plain = sign.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
      return plain.length === sign.length ? plain : sign;
    })
    .join("");
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

// A whole name, and each of its parts that is long enough to mean somebody.
export function patterns(list) {
  const wanted = new Map();
  for (const line of list.split(/[\n,;]+/)) {
    const words = line.trim().split(/\s+/).filter(Boolean);
    if (words.length) wanted.set(fold(words.join(" ")), words);
    for (const word of words) if (words.length > 1 && word.length > 2) wanted.set(fold(word), [word]);
  }
  const longest = [...wanted.values()].sort((one, other) => other.join(" ").length - one.join(" ").length);
  return longest.map(
    (words) => new RegExp(`(?<![\\p{L}\\p{N}])${words.map((word) => escaped(fold(word))).join("[\\s_.-]+")}(?![\\p{L}\\p{N}])`, "gu"),
  );
}

function unlikely(text) {
  const digits = text.replace(/\D/g, "").length;
  return DATE.test(text.trim()) || digits < 7 || digits > 15;
}

// What in a text could tell who somebody is: [{kind, text, around}], each different thing once, the longest first.
export function search(text, names) {
  const whole = text.normalize("NFC");
  const folded = fold(whole);
  const found = new Map();
  const taken = [];
  const add = (kind, hit) => {
    const [from, to] = [hit.index, hit.index + hit[0].length];
    if (taken.some(([first, last]) => from < last && to > first)) return;
    taken.push([from, to]);
    const what = whole.slice(from, to);
    const around = whole.slice(Math.max(0, from - AROUND), to + AROUND).replace(/\s+/g, " ").trim();
    if (!found.has(fold(what))) found.set(fold(what), { kind, text: what, around });
  };
  for (const pattern of names) for (const hit of folded.matchAll(pattern)) add("name", hit);
  for (const hit of whole.matchAll(EMAIL)) add("email", hit);
  for (const hit of whole.matchAll(NUMBER)) add("number", hit);
  for (const hit of whole.matchAll(PHONE)) if (!unlikely(hit[0])) add("phone", hit);
  return [...found.values()];
}

class Names {
  constructor(box) {
    this.box = box;
    this.key = `names:${box.dataset.namesPerson}`;
    this.list = box.querySelector("textarea");
    this.result = box.querySelector("[data-names-result]");
    box.querySelector("[data-names-tool]").hidden = false;
    try {
      this.list.value = localStorage.getItem(this.key) ?? "";
    } catch {
      // No store on this device: the list lasts as long as the page.
    }
    this.list.addEventListener("input", (event) => {
      event.stopPropagation(); // autosave keeps what is sent; this is not
      this.keep();
    });
    this.list.addEventListener("change", (event) => event.stopPropagation());
    box.querySelector("[data-names-look]").addEventListener("click", () => this.look());
    box.querySelector("[data-names-forget]").addEventListener("click", () => this.forget());
  }

  keep() {
    try {
      localStorage.setItem(this.key, this.list.value);
    } catch {
      // As above.
    }
  }

  forget() {
    this.list.value = "";
    try {
      localStorage.removeItem(this.key);
    } catch {
      // As above.
    }
    this.list.focus();
  }

  // What is typed on the page: answers, notes, titles; not the list itself and not the aliases of a class.
  *typed() {
    for (const field of this.box.closest("form").elements) {
      if (!field.matches("textarea[name], input[type=text][name], input[type=url][name]") || field.closest("[data-names], [data-coverage]")) continue;
      if (!field.value.trim()) continue;
      const label = field.labels?.[0]?.textContent.trim().replace(/\s+/g, " ") || field.name;
      yield { text: field.value, where: label.slice(0, 80), id: field.id };
    }
  }

  async files() {
    const response = await fetch(this.box.dataset.names, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error("no texts");
    const { texts } = await response.json();
    return texts.flatMap((one) => {
      const row = document.querySelector(`[data-artifact="${one.artifact}"]`);
      if (row && !row.id) row.id = `artifact-${one.artifact}`;
      const id = row?.id ?? "part-2";
      const words = this.box.dataset;
      return [
        { text: one.title, where: words.namesTitle.replace("%s", one.title), id },
        { text: one.name, where: words.namesFile.replace("%s", one.name), id },
        { text: one.text, where: words.namesInside.replace("%s", one.title), id, inside: true },
      ];
    });
  }

  async look() {
    const names = patterns(this.list.value);
    let places = [...this.typed()];
    let whole = true;
    try {
      places = places.concat(await this.files());
    } catch {
      whole = false;
    }
    const hits = places.flatMap((place) => search(place.text, names).map((hit) => ({ ...hit, ...place, hit: hit.text })));
    this.show(hits, whole);
  }

  show(hits, whole) {
    const words = this.box.dataset;
    const line = document.createElement("p");
    line.textContent = hits.length ? words.namesSome.replace("%d", hits.length) : words.namesNone;
    const list = document.createElement("ul");
    for (const hit of hits.slice(0, MOST)) list.append(this.row(hit));
    const parts = [line];
    if (hits.length) parts.push(list);
    if (!whole) parts.push(Object.assign(document.createElement("p"), { textContent: words.namesOffline }));
    this.result.replaceChildren(...parts);
    this.box.querySelector("[data-names-advice]").hidden = !hits.length;
  }

  row(hit) {
    const item = document.createElement("li");
    const what = document.createElement("strong");
    what.textContent = hit.hit;
    const where = document.createElement("a");
    where.href = `#${hit.id}`;
    where.textContent = hit.where;
    const around = document.createElement("span");
    around.className = "muted";
    around.textContent = ` … ${hit.around} …`;
    item.append(what, ` (${this.box.dataset[`names${hit.kind[0].toUpperCase()}${hit.kind.slice(1)}`]}) `, where, around);
    return item;
  }
}

export function start(root) {
  for (const box of root.querySelectorAll("[data-names]")) box.looked ??= new Names(box);
}
