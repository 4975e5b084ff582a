// Loads a behaviour only where the page asks for it by a data attribute. Every page works without any of them.
// A behaviour exports start(root) and may be called again for a region that was swapped in.
const behaviours = [
  ["[data-autosave]", () => import("./autosave.js")],
  ["[data-upload]", () => import("./upload.js")],
  ["[data-recorder]", () => import("./recorder.js")],
  ["[data-write]", () => import("./write.js")],
  ["[data-wordcount]", () => import("./wordcount.js")],
  ["[data-desk]", () => import("./desk.js")],
  ["[data-item]", () => import("./desk_go.js")],
  ["[data-splitter]", () => import("./split.js")],
  ["[data-player]", () => import("./player.js")],
  ["[data-viewer]", () => import("./viewer.js")],
  ["[data-notes]", () => import("./notes.js")],
  ["[data-bank]", () => import("./bank.js")],
  ["[data-desk-tab]", () => import("./desk_tab.js")],
  ["[data-verdict]", () => import("./verdict.js")],
  ["[data-tabs]", () => import("./tabs.js")],
  ["[data-copy], [data-share]", () => import("./share.js")],
  ["[data-confirm], [data-opens]", () => import("./confirm.js")],
  ["[data-follows]", () => import("./follows.js")],
  ["[data-prove]", () => import("./prove.js")],
  ["[data-digest]", () => import("./digest.js")],
  ["[data-load]", () => import("./load.js")],
  ["[data-progress]", () => import("./progress.js")],
  ["[data-coverage]", () => import("./coverage.js")],
  ["[data-names]", () => import("./names.js")],
  ["[data-design]", () => import("./design.js")],
  ["[data-autosubmit]", () => import("./autosubmit.js")],
];

function begin(root) {
  const asked = behaviours.filter(([selector]) => root.matches?.(selector) || root.querySelector(selector));
  return Promise.all(asked.map(([, load]) => load().then((module) => module.start(root))));
}

// A message out of sight is no message: the summary of errors takes the focus.
const wanted = document.querySelector("[data-focus]");
wanted?.focus();
// Where the address names a part of the page, the browser goes there once all is loaded; the message comes first.
if (wanted && location.hash) {
  const again = () => [document.body, document.getElementById(location.hash.slice(1))].includes(document.activeElement) && wanted.focus();
  addEventListener("load", () => setTimeout(again));
  again();
}
// Whoever drives this page by a program, as the tests do, waits for this: what behaviours add moves what is below it.
begin(document.documentElement).then(() => (document.documentElement.dataset.ready = ""));

document.addEventListener("region:loaded", (event) => begin(event.target));
for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => menu.contains(event.target) || menu.removeAttribute("open"));
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });
}
