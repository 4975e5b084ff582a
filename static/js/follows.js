// [data-follows id]: a region that depends on what is saved (such as what is still missing). After an autosave or an
// upload all of them are taken from the page as it is now; without script they are right after the next page.
const QUIET = 1000;

// What she has opened stays open, and what says the same as before stays where it is: she may be about to click on it.
function swap(region, found) {
  const open = [...region.querySelectorAll("details")].map((one) => one.open);
  found.querySelectorAll("details").forEach((one, place) => (one.open = open[place] ?? one.open));
  if (region.innerHTML !== found.innerHTML) region.replaceChildren(...found.childNodes);
}

// Those in which she is not just now.
function free() {
  return [...document.querySelectorAll("[data-follows]")].filter((one) => !one.contains(document.activeElement));
}

async function refreshAll() {
  if (!free().length) return;
  try {
    const response = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html", "X-Requested-With": "fetch" } });
    if (!response.ok || response.redirected) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const region of free()) {
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
