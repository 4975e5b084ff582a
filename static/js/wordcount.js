// textarea[data-wordcount data-min data-max]: counts words as guidance, never as a wall.
// The count goes to #<id>_words if the template has it, else to a new line after the field; words: data-words="%n% words".
function show(area, line) {
  const count = (area.value.trim().match(/\S+/gu) ?? []).length;
  const least = Number(area.dataset.min ?? 0);
  const most = Number(area.dataset.max ?? 0);
  line.textContent = (area.dataset.words ?? "%n%").replace("%n%", count);
  line.dataset.level = !count ? "none" : count < least ? "short" : most && count > most ? "long" : "good";
}

export function start(root) {
  for (const area of root.querySelectorAll("textarea[data-wordcount]")) {
    if (area.counted) continue;
    area.counted = true;
    let line = document.getElementById(`${area.id}_words`);
    if (!line) {
      line = document.createElement("p");
      line.className = "wordcount";
      area.after(line);
    }
    area.addEventListener("input", () => show(area, line));
    show(area, line);
  }
}
