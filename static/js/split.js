// [data-splitter]: the line between two panes of its parent, moved by hand or by key and remembered for each person.
// The parent gets --split (percent of the first pane); without script the panes keep their shares.
import { choose, chosen } from "./choices.js";

const [LEAST, MOST, USUAL, STEP] = [30, 70, 56, 2];

class Splitter {
  constructor(line) {
    this.line = line;
    this.panes = line.parentElement;
    this.name = `split:${line.dataset.splitter}`;
    line.hidden = false;
    line.addEventListener("keydown", (event) => this.keyed(event));
    line.addEventListener("pointerdown", (event) => this.grab(event));
    line.addEventListener("dblclick", () => this.keep(USUAL));
    this.set(Number(chosen(this.name)) || USUAL);
  }

  set(share) {
    this.share = Math.min(MOST, Math.max(LEAST, Math.round(share)));
    this.panes.style.setProperty("--split", String(this.share));
    this.line.setAttribute("aria-valuenow", this.share);
  }

  keep(share) {
    this.set(share);
    choose(this.name, this.share);
  }

  keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const rtl = getComputedStyle(this.panes).direction === "rtl" ? -1 : 1;
    const step = { ArrowLeft: -STEP * rtl, ArrowRight: STEP * rtl, PageUp: 5 * STEP, PageDown: -5 * STEP }[event.key];
    const place = { Home: LEAST, End: MOST, Enter: USUAL }[event.key];
    if (!step && !place) return;
    event.preventDefault();
    event.stopPropagation();
    this.keep(place ?? this.share + step);
  }

  grab(event) {
    event.preventDefault();
    this.line.focus({ focusVisible: false });
    this.line.setPointerCapture(event.pointerId);
    const box = this.panes.getBoundingClientRect();
    const move = (now) => this.set((100 * (now.clientX - box.left)) / box.width);
    this.line.addEventListener("pointermove", move);
    this.line.addEventListener("lostpointercapture", () => {
      this.line.removeEventListener("pointermove", move);
      this.keep(this.share);
    }, { once: true });
  }
}

export function start(root) {
  for (const line of root.querySelectorAll("[data-splitter]")) line.splitter ??= new Splitter(line);
}
