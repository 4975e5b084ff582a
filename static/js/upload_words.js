// Words for uploads, from the page's templates, and numbers in the reader's own way of writing them.
const language = () => document.documentElement.lang || undefined;
const STEPS = [
  [1024 ** 3, "gigabyte"],
  [1024 ** 2, "megabyte"],
  [1024, "kilobyte"],
  [1, "byte"],
];

export function wordsOf(template) {
  const found = template?.content.querySelectorAll("[data-word]") ?? [];
  return Object.fromEntries([...found].map((one) => [one.dataset.word, one.textContent.trim()]));
}

export function fill(words, values) {
  return (words ?? "").replace(/%(\w+)%/g, (whole, name) => values[name] ?? whole);
}

function unit(value, name, display = "short") {
  const digits = value < 10 && name !== "byte" && display === "short" ? 1 : 0;
  const form = { style: "unit", unit: name, unitDisplay: display, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language(), form).format(value);
}

export function size(bytes) {
  const [step, name] = STEPS.find(([least]) => bytes >= least) ?? STEPS.at(-1);
  return unit(bytes / step, name, name === "byte" ? "long" : "short");
}

export function percent(part, whole) {
  return new Intl.NumberFormat(language(), { style: "percent" }).format(whole ? Math.floor((100 * part) / whole) / 100 : 1);
}

// Seconds as people say them: minutes, then hours.
export function left(seconds, words) {
  if (seconds < 60) return words.moments;
  const minutes = Math.round(seconds / 60);
  const time = minutes < 90 ? unit(minutes, "minute", "long") : unit(Math.round(minutes / 60), "hour", "long");
  return fill(words.minutes, { time });
}

// How fast it goes, over the last seconds only: lines change.
export class Pace {
  constructor(now = () => performance.now()) {
    this.now = now;
    this.marks = [];
  }

  mark(bytes) {
    const at = this.now();
    this.marks.push([at, bytes]);
    while (this.marks.length > 2 && at - this.marks[0][0] > 20_000) this.marks.shift();
  }

  // Bytes a second, or nothing while there is too little to tell from.
  get rate() {
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    const time = first && last ? (last[0] - first[0]) / 1000 : 0;
    return time >= 1 ? (last[1] - first[1]) / time : 0;
  }
}
