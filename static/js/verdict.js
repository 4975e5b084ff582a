// [data-desk] with [data-verdict]: what a click means is shown at once (pill, count); the verdict's words come from the
// server with each autosave, so that the rule stands in one place.
export function start(root) {
  for (const desk of root.querySelectorAll("[data-desk]:has([data-verdict])")) {
    if (desk.dataset.verdictOn) continue;
    desk.dataset.verdictOn = "1";
    desk.addEventListener("change", (event) => event.target.closest("[data-levels]") && update(desk));
    desk.addEventListener("autosave:saved", (event) => {
      if (event.detail.verdict) desk.querySelector("[data-verdict]").textContent = event.detail.verdict;
      update(desk);
    });
    update(desk);
  }
}

function update(desk) {
  const criteria = [...desk.querySelectorAll("[data-criterion]")];
  criteria.forEach(mark);
  const scored = criteria.filter((item) => item.querySelector("[data-levels] :checked")).length;
  for (const bar of desk.querySelectorAll("[data-scored-bar]")) bar.value = scored;
  for (const words of document.querySelectorAll("[data-scored]")) words.textContent = words.textContent.replace(/\d+/, scored);
}

function mark(item) {
  const chosen = item.querySelector("[data-levels] :checked");
  const kind = !chosen ? "none" : Number(chosen.value) >= Number(item.dataset.passing) ? "ok" : "below";
  const below = item.querySelector("[data-below]");
  if (below) below.hidden = kind !== "below" && ![...below.querySelectorAll("textarea")].some((field) => field.value.trim());
  const pill = document.querySelector(`template[data-pill-of="${kind}"]`)?.content.cloneNode(true);
  if (!pill) return;
  const words = pill.querySelector(".tag > span");
  if (words) words.textContent = chosen.dataset.name;
  item.querySelector("[data-pill]").replaceChildren(pill);
}
