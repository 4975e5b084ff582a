// figure[data-player data-artifact]: our own controls ([data-player-bar]) around a native video or audio element, whose
// native controls stay where there is no script. Tells where it is by `desk:time` {artifact, seconds, duration, paused};
// goes where `desk:seek` {seconds, play} on the figure says. Pins lie in [data-pins], each placed by its --at (percent).
import { choose, chosen } from "./choices.js";
import { clock } from "./clock.js";

const SPEED = "speed";
const CAPTIONS = "captions";
const RATE = 30; // pictures a second, where nothing is known

class Player {
  constructor(figure) {
    this.figure = figure;
    this.media = figure.querySelector("video, audio");
    this.bar = figure.querySelector("[data-player-bar]");
    this.seek = this.part("seek");
    this.speed = this.part("speed");
    this.media.removeAttribute("controls");
    this.bar.hidden = false;
    this.listen();
    this.act();
    this.caption();
    this.setSpeed(chosen(SPEED) ?? "1");
    this.draw();
  }

  part(name) {
    return this.figure.querySelector(`[data-${name}]`);
  }

  // A recorder's file may not know how long it is; then the check's own measure counts.
  get duration() {
    return Number.isFinite(this.media.duration) ? this.media.duration : Number(this.figure.dataset.duration) || 0;
  }

  listen() {
    for (const name of ["timeupdate", "seeking", "play", "pause", "loadedmetadata", "durationchange", "volumechange", "ended"]) {
      this.media.addEventListener(name, () => this.draw());
    }
    const last = this.media.querySelector("source:last-of-type") ?? this.media;
    for (const target of [last, this.media]) target.addEventListener("error", () => this.fail());
    if (this.media.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) this.fail();
    this.figure.addEventListener("desk:seek", (event) => this.go(event.detail.seconds, event.detail.play));
    new MutationObserver(() => this.figure.closest("[hidden]") && this.media.pause()).observe(
      this.figure.parentElement,
      { attributes: true, attributeFilter: ["hidden"] },
    );
  }

  act() {
    this.part("play").addEventListener("click", () => this.toggle());
    this.seek.addEventListener("input", () => this.go(Number(this.seek.value)));
    this.seek.addEventListener("keydown", (event) => this.keyed(event));
    this.speed.addEventListener("change", () => this.setSpeed(this.speed.value));
    for (const button of this.bar.querySelectorAll("[data-skip]")) button.addEventListener("click", () => this.skip(Number(button.dataset.skip)));
    for (const button of this.bar.querySelectorAll("[data-frame]")) button.addEventListener("click", () => this.frame(Number(button.dataset.frame)));
    this.part("mute")?.addEventListener("click", () => (this.media.muted = !this.media.muted));
    this.part("full")?.addEventListener("click", () => this.fill());
    if (!document.fullscreenEnabled) this.part("full")?.remove();
    this.part("stage")?.addEventListener("click", (event) => this.clicked(event));
  }

  clicked(event) {
    if (event.target === this.media) return this.toggle();
    const wave = event.target.closest("[data-wave]");
    if (!wave) return;
    const box = wave.getBoundingClientRect();
    this.go(((event.clientX - box.left) / box.width) * this.duration);
  }

  toggle() {
    if (this.media.paused) this.media.play().catch(() => this.draw());
    else this.media.pause();
  }

  go(seconds, play = false) {
    this.media.currentTime = Math.min(Math.max(0, seconds), this.duration || seconds);
    if (play) this.media.play().catch(() => {});
    this.draw();
  }

  skip(seconds) {
    this.go(this.media.currentTime + seconds);
  }

  // To the middle of the neighbouring picture: at its edge a browser may show either.
  frame(step) {
    this.media.pause();
    const rate = Number(this.figure.dataset.rate) || RATE;
    const shown = Math.floor(this.media.currentTime * rate + 0.01);
    this.go((Math.max(0, shown + step) + 0.5) / rate);
  }

  faster(step) {
    this.speed.selectedIndex = Math.min(this.speed.options.length - 1, Math.max(0, this.speed.selectedIndex + step));
    this.setSpeed(this.speed.value);
  }

  setSpeed(value) {
    if (![...this.speed.options].some((option) => option.value === value)) return;
    this.speed.value = value;
    this.media.defaultPlaybackRate = this.media.playbackRate = Number(value);
    choose(SPEED, value);
  }

  keyed(event) {
    const far = event.shiftKey ? 10 : 5;
    const step = { ArrowLeft: -far, ArrowDown: -far, ArrowRight: far, ArrowUp: far, PageDown: -30, PageUp: 30, Home: -Infinity, End: Infinity }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.go(Math.min(this.duration, Math.max(0, this.media.currentTime + step)));
  }

  // A video shows its captions itself; sound has no picture to show them on, so they stand below it.
  caption() {
    const button = this.part("captions");
    const track = this.media.textTracks[0];
    if (!button || !track) return;
    const cues = this.part("cues");
    const set = (on) => {
      track.mode = on && !cues ? "showing" : on ? "hidden" : "disabled";
      if (cues && !on) cues.textContent = "";
      button.setAttribute("aria-pressed", String(on));
      choose(CAPTIONS, on ? "on" : "off");
    };
    if (cues) track.addEventListener("cuechange", () => (cues.textContent = [...(track.activeCues ?? [])].map((cue) => cue.text.replace(/<[^>]*>/g, "")).join(" ")));
    button.addEventListener("click", () => set(button.getAttribute("aria-pressed") !== "true"));
    set(chosen(CAPTIONS) !== "off");
  }

  fill() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.figure.requestFullscreen().catch(() => {});
  }

  fail() {
    const trouble = this.part("trouble");
    if (trouble) trouble.hidden = false;
    this.figure.classList.add("is-broken");
  }

  draw() {
    const { currentTime: seconds, paused } = this.media;
    const all = this.duration;
    this.seek.max = all || 1;
    this.seek.value = seconds;
    this.seek.setAttribute("aria-valuetext", this.seek.dataset.words.replace("%now%", clock(seconds)).replace("%all%", clock(all)));
    this.part("now").textContent = clock(seconds);
    this.part("all").textContent = clock(all);
    this.figure.style.setProperty("--at", String(all ? (100 * seconds) / all : 0));
    this.pressed(this.part("play"), !paused);
    this.pressed(this.part("mute"), this.media.muted);
    const { artifact } = this.figure.dataset;
    this.figure.dispatchEvent(new CustomEvent("desk:time", { bubbles: true, detail: { artifact, seconds, duration: all, paused } }));
  }

  // A button that does the one or the other: its name says what it will do now.
  pressed(button, on) {
    if (!button || button.dataset.state === String(on)) return;
    button.dataset.state = String(on);
    button.setAttribute("aria-label", on ? button.dataset.on : button.dataset.off);
    button.title = button.getAttribute("aria-label");
  }
}

export function start(root) {
  for (const figure of root.querySelectorAll("[data-player]")) figure.player ??= new Player(figure);
}
