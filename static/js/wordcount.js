// textarea[data-wordcount data-min data-max]: counts words as guidance, never as a wall. The line #<id>_words says how
// many, and how many are missing or over; a screen reader hears it (#<id>_spoken) only when that changes its kind.
// Words are counted as submissions/checklist.py counts them: not Markdown's marks, not the addresses of links.
const WHITE = "\\s\\x1c-\\x1f\\x85\\ufeff";
const LINK = /\[([^[\]]*)\]\((?:<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"[^"\n]*")?\)/g;
const NUMBER = /^(?:[ \t]*(?:[-*+]|#{1,6}))*[ \t]*\d{1,9}[.)](?=\s|$)/gm;
const RUN = new RegExp(`[^${WHITE}]+`, "g");
const LETTER = /[\p{L}\p{N}]/u;
const NEAR = 0.9;
const PAUSE = 1200;

export function countWords(text) {
  const plain = text.replace(LINK, "$1").replace(NUMBER, "");
  return (plain.match(RUN) ?? []).filter((run) => LETTER.test(run)).length;
}

function level(count, least, most) {
  if (!count) return "none";
  if (count < least) return "short";
  if (most && count > most) return "long";
  return most && count >= most * NEAR ? "near" : "good";
}

function show(area, line) {
  const count = countWords(area.value);
  const least = Number(area.dataset.min ?? 0);
  const most = Number(area.dataset.max ?? 0);
  const at = level(count, least, most);
  const gap = at === "short" ? least - count : at === "long" ? count - most : most - count;
  const words = area.dataset[`words${at[0].toUpperCase()}${at.slice(1)}`] || area.dataset.words || "%n%";
  line.textContent = words.replace("%n%", count).replace("%d%", gap);
  line.dataset.level = at;
}

function follow(area, line) {
  const spoken = document.getElementById(`${area.id}_spoken`);
  let said;
  let timer;
  show(area, line);
  said = line.dataset.level;
  area.addEventListener("input", () => {
    show(area, line);
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (spoken && line.dataset.level !== said) spoken.textContent = line.textContent;
      said = line.dataset.level;
    }, PAUSE);
  });
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
    follow(area, line);
  }
}
