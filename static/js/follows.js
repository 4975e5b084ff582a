// [data-follows id]: a region that depends on what is saved (such as what is still missing). After an autosave or an
// upload all of them are taken from the page as it is now; without script they are right after the next page.
const QUIET = 1000;

// What she has opened stays open.
function swap(region, found) {
  const open = [...region.querySelectorAll("details")].map((one) => one.open);
  region.replaceChildren(...found.childNodes);
  region.querySelectorAll("details").forEach((one, place) => (one.open = open[place] ?? one.open));
}

async function refreshAll() {
  const regions = [...document.querySelectorAll("[data-follows]")].filter((one) => !one.contains(document.activeElement));
  if (!regions.length) return;
  try {
    const response = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html", "X-Requested-With": "fetch" } });
    if (!response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const region of regions) {
      const found = page.getElementById(region.id);
      if (found) swap(region, found);
    }
  } catch {
    // Not connected: what was there stays.
  }
}

export function start() {
  if (document.followed) return;
  document.followed = true;
  let timer;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(refreshAll, QUIET);
  };
  document.addEventListener("autosave:saved", later);
  document.addEventListener("region:loaded", later);
}
