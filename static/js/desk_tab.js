// [data-desk-tab]: the tab keeps its name in the address, so that a reload or coming back from the queue still holds the
// editing lock; a link [data-shows="#panel"] in the rubric opens that piece of evidence.
function remembered(key, value) {
  try {
    if (value) sessionStorage.setItem(key, value);
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

export function start(root) {
  for (const desk of root.querySelectorAll("[data-desk-tab]")) {
    const key = `microcreds:desk:${desk.dataset.deskId}`;
    const address = new URL(location.href);
    const holder = desk.dataset.deskHolder;
    if (holder && remembered(key) === holder && address.searchParams.get("tab") !== holder) {
      address.searchParams.set("tab", holder);
      location.replace(address);
      return;
    }
    if (!holder) remembered(key, desk.dataset.deskTab);
    address.searchParams.set("tab", desk.dataset.deskTab);
    history.replaceState(history.state, "", address);
    desk.addEventListener("click", shows);
  }
  reveal();
}

// A link from the preview names a field that may lie in a closed criterion.
function reveal() {
  const field = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!field || !field.closest(".desk-rubric") || field.matches(".desk-rubric")) return;
  const fold = field.closest("details");
  if (fold) fold.open = true;
  location.replace("#rubric");
  field.focus();
}

function shows(event) {
  const link = event.target.closest("[data-shows]");
  const tab = link && [...document.querySelectorAll(".desk-evidence .tabs a")].find((one) => one.hash === link.hash);
  if (!tab) return;
  event.preventDefault();
  tab.click();
  if (!tab.offsetParent) location.hash = "#evidence";
}
