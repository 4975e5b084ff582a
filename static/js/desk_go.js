// The desk as a place one can be sent to. `desk:go` on the document, {item, seconds, page}: opens that piece of evidence,
// brings its pane forward on a phone, plays from there or turns to the page, and answers `desk:shown` {item, panel}.
// A link [data-flush] is followed once everything typed is with the server, or kept on this device.
export function start(root) {
  if (root !== document.documentElement) return;
  document.addEventListener("desk:go", (event) => go(event.detail));
  document.addEventListener("click", leave);
  document.addEventListener("tabs:shown", (event) => {
    const { item } = event.target.dataset;
    if (item) event.target.dispatchEvent(new CustomEvent("desk:shown", { bubbles: true, detail: { item, panel: event.target } }));
  });
}

function go({ item, seconds, page }) {
  const panel = [...document.querySelectorAll("[data-item]")].find((one) => one.dataset.item === item);
  const tab = panel && [...document.querySelectorAll("[data-tabs] a")].find((one) => one.hash === `#${panel.id}`);
  if (!panel) return;
  tab?.click();
  if (!panel.offsetParent) location.hash = "#evidence";
  if (seconds !== undefined) panel.querySelector("[data-player]")?.dispatchEvent(new CustomEvent("desk:seek", { detail: { seconds } }));
  if (page !== undefined) panel.querySelector("[data-viewer]")?.dispatchEvent(new CustomEvent("desk:turn", { detail: { page } }));
}

async function leave(event) {
  const link = event.target.closest("a[data-flush]");
  const autosave = document.querySelector("form[data-autosave]")?.autosave;
  if (!link || !autosave || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  await autosave.flush();
  location.assign(link.href);
}
