// [data-follows]: a region that depends on what is saved (such as what is still missing). After each autosave and each
// upload it is loaded again from the page by its id; without script it is right after the next page.
import { refresh } from "./load.js";

const QUIET = 400;

export function start() {
  if (document.followed) return;
  document.followed = true;
  let timer;
  const later = (event) => {
    if (event.target.dataset?.follows !== undefined) return;
    clearTimeout(timer);
    timer = setTimeout(() => document.querySelectorAll("[data-follows]").forEach(refresh), QUIET);
  };
  document.addEventListener("autosave:saved", later);
  document.addEventListener("region:loaded", later);
}
