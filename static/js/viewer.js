// [data-viewer data-artifact]: pictures and pages that can be enlarged, and pages one can go to. Without script they
// stand below each other at the width of the pane. Tells `desk:page` {artifact, page}; goes where `desk:turn` {page} says.
// A place on a picture is given in parts of its [data-surface], which is exactly as large as the picture.
const STEPS = ["fit", 1, 1.5, 2, 3];

class Viewer {
  constructor(root) {
    this.root = root;
    this.scroll = root.querySelector("[data-viewer-scroll]");
    this.surfaces = [...root.querySelectorAll("[data-surface]")];
    this.field = root.querySelector("[data-page-field]");
    this.at = this.paged ? 1 : 0;
    root.querySelector("[data-viewer-bar]").hidden = false;
    root.classList.add("is-on");
    for (const button of root.querySelectorAll("[data-zoom]")) button.addEventListener("click", () => this.zoom(this.next(button.dataset.zoom)));
    for (const button of root.querySelectorAll("[data-turn]")) button.addEventListener("click", () => this.turn(this.page + Number(button.dataset.turn)));
    this.field?.addEventListener("change", () => this.turn(Number(this.field.value) || this.page));
    this.field?.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), this.turn(Number(this.field.value) || this.page)));
    root.addEventListener("desk:turn", (event) => this.turn(event.detail.page));
    this.scroll.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.zoom(this.at);
  }

  get paged() {
    return Boolean(this.field);
  }

  get page() {
    return Number(this.root.dataset.page) || 1;
  }

  next(way) {
    return way === "fit" ? 0 : Math.min(STEPS.length - 1, Math.max(0, this.at + Number(way)));
  }

  // The middle of what one looks at stays in the middle.
  zoom(at) {
    const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = this.scroll;
    const middle = [(scrollLeft + clientWidth / 2) / scrollWidth, (scrollTop + clientHeight / 2) / scrollHeight];
    const moved = at !== this.at;
    this.at = at;
    const step = STEPS[at];
    this.root.classList.toggle("is-fit", step === "fit");
    this.root.style.setProperty("--zoom", step === "fit" ? "1" : String(step));
    this.root.querySelector("[data-zoom-words]").textContent = step === "fit" ? this.root.dataset.fit : `${100 * step} %`;
    if (step !== "fit" && step > 1) this.sharpen();
    if (moved) {
      this.scroll.scrollLeft = middle[0] * this.scroll.scrollWidth - clientWidth / 2;
      this.scroll.scrollTop = middle[1] * this.scroll.scrollHeight - clientHeight / 2;
    }
  }

  sharpen() {
    for (const image of this.root.querySelectorAll("img[data-large]")) {
      image.src = image.dataset.large;
      delete image.dataset.large;
    }
  }

  turn(page) {
    const wanted = Math.min(this.surfaces.length, Math.max(1, page));
    const surface = this.surfaces[wanted - 1];
    if (!this.paged || !surface) return;
    this.scroll.scrollTop += surface.getBoundingClientRect().top - this.scroll.getBoundingClientRect().top;
    this.say(wanted);
  }

  scrolled() {
    if (!this.paged) return;
    const line = this.scroll.getBoundingClientRect().top + this.scroll.clientHeight / 3;
    const seen = this.surfaces.findLastIndex((surface) => surface.getBoundingClientRect().top <= line);
    this.say(Math.max(1, seen + 1));
  }

  say(page) {
    this.field.value = page;
    if (page === this.page && this.root.dataset.page) return;
    this.root.dataset.page = page;
    this.root.dispatchEvent(new CustomEvent("desk:page", { bubbles: true, detail: { artifact: this.root.dataset.artifact, page } }));
  }
}

export function start(root) {
  for (const one of root.querySelectorAll("[data-viewer]")) one.viewer ??= new Viewer(one);
}
