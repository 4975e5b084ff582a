// [data-progress]: a region about long work, taken anew from its page every few seconds. When the page has none any more
// the work is done and the page is loaded whole. Without script its link does the same by hand.
const PAUSE = 4000;

async function look(region) {
  try {
    const response = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html", "X-Requested-With": "fetch" } });
    if (response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const found = page.getElementById(region.id);
      if (!found) return location.reload();
      region.replaceChildren(...found.childNodes);
    }
  } catch {
    // Not connected: what was there stays, and it is asked again.
  }
  return setTimeout(look, PAUSE, region);
}

export function start(root) {
  for (const region of root.querySelectorAll("[data-progress]")) {
    if (region.dataset.watched) continue;
    region.dataset.watched = "1";
    setTimeout(look, PAUSE, region);
  }
}
