// [data-load data-src]: a region another room serves at its own address, loaded into the page; a plain link inside serves without script.
export async function refresh(region) {
  if (!region) return;
  const address = region.dataset.src ?? location.href;
  try {
    const response = await fetch(address, { credentials: "same-origin", headers: { Accept: "text/html", "X-Requested-With": "fetch" } });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = region.id ? page.getElementById(region.id) : null;
    region.replaceChildren(...(found ?? page.body).childNodes);
    region.dispatchEvent(new CustomEvent("region:loaded", { bubbles: true }));
  } catch {
    // Not connected: what was there stays, with its link.
  }
}

export function start(root) {
  for (const region of root.querySelectorAll("[data-load]")) {
    if (region.dataset.loaded) continue;
    region.dataset.loaded = "1";
    refresh(region);
  }
}
