// textarea[data-write]: the toolbar [data-write-tools] before it, Ctrl or Cmd with B, I and K, lists that go on by
// themselves, a preview made by the server, and a clean paste. What is written stays plain Markdown; undo keeps working.
import { markdownOf } from "./paste.js";

const ITEM = /^([ \t]*)([-*+]|\d{1,9}[.)])[ \t]+/;
const PAUSE = 700;

// The browser's own insertion can be undone; where it is refused, the words come all the same.
function insert(area, start, end, words) {
  area.focus();
  area.setSelectionRange(start, end);
  if (words === area.value.slice(start, end)) return;
  if (document.execCommand(words ? "insertText" : "delete", false, words)) return;
  area.setRangeText(words, start, end, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function around(area, mark) {
  const { value } = area;
  let { selectionStart: start, selectionEnd: end } = area;
  while (start < end && /\s/.test(value[start])) start += 1;
  while (end > start && /\s/.test(value[end - 1])) end -= 1;
  const inside = value.slice(start, end);
  const size = mark.length;
  const longer = mark === "*" && value[start - 2] === "*" && value[start - 3] !== "*";
  if (value.slice(start - size, start) === mark && value.slice(end, end + size) === mark && !longer) {
    insert(area, start - size, end + size, inside);
    area.setSelectionRange(start - size, end - size);
  } else {
    insert(area, start, end, `${mark}${inside}${mark}`);
    area.setSelectionRange(start + size, end + size);
  }
}

// Every chosen line gets the mark, or loses it where all have it already.
function lines(area, has, mark) {
  const { value, selectionStart, selectionEnd } = area;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const close = value.indexOf("\n", selectionEnd);
  const end = close < 0 ? value.length : close;
  const chosen = value.slice(start, end).split("\n");
  const off = chosen.every((line) => has.test(line));
  const bare = chosen.map((line) => line.replace(/^(?:#{1,6}|[-*+]|\d{1,9}[.)])[ \t]+/, ""));
  insert(area, start, end, (off ? bare : bare.map((line, at) => mark(at) + line)).join("\n"));
}

function link(area) {
  const { selectionStart: start, selectionEnd: end, value } = area;
  const chosen = value.slice(start, end);
  const address = /^(?:https?:\/\/|mailto:)\S+$/.test(chosen) ? chosen : "https://";
  const words = address === chosen ? "" : chosen;
  insert(area, start, end, `[${words}](${address})`);
  if (words) area.setSelectionRange(start + words.length + 3, start + words.length + 3 + address.length);
  else area.setSelectionRange(start + 1, start + 1);
}

const MARKS = {
  heading: (area) => lines(area, /^#{1,6}[ \t]/, () => "## "),
  bold: (area) => around(area, "**"),
  italic: (area) => around(area, "*"),
  list: (area) => lines(area, /^[-*+][ \t]/, () => "- "),
  numbers: (area) => lines(area, /^\d{1,9}[.)][ \t]/, (at) => `${at + 1}. `),
  link,
};
const KEYS = { b: "bold", i: "italic", k: "link" };

// Enter goes on with the list; on an item without words it ends the list.
function goOn(event, area) {
  const { selectionStart: at, selectionEnd, value } = area;
  const start = value.lastIndexOf("\n", at - 1) + 1;
  const item = at === selectionEnd && !event.shiftKey && !event.isComposing && value.slice(start, at).match(ITEM);
  if (!item) return;
  event.preventDefault();
  if (value.slice(start, at) === item[0]) return insert(area, start, at, "");
  const number = Number.parseInt(item[2], 10);
  return insert(area, at, at, `\n${item[1]}${Number.isNaN(number) ? item[2] : number + 1 + item[2].at(-1)} `);
}

function keyed(event, area) {
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.altKey) goOn(event, area);
  const mark = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && KEYS[event.key.toLowerCase()];
  if (!mark) return;
  event.preventDefault();
  MARKS[mark](area);
}

function pasted(event, area) {
  const html = event.clipboardData?.getData("text/html");
  const words = html && markdownOf(html);
  if (!words || words === event.clipboardData.getData("text/plain").trim()) return;
  event.preventDefault();
  insert(area, area.selectionStart, area.selectionEnd, words);
}

// One stop for Tab, the arrows go through it.
function toolbar(tools, area) {
  const buttons = [...tools.querySelectorAll("button")];
  const reach = (at) => buttons.forEach((button, place) => (button.tabIndex = place === at ? 0 : -1));
  reach(0);
  tools.hidden = false;
  tools.addEventListener("click", (event) => MARKS[event.target.closest("[data-mark]")?.dataset.mark]?.(area));
  tools.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length;
    event.preventDefault();
    reach(next);
    buttons[next].focus();
  });
}

async function fill(preview, area) {
  const shown = preview.querySelector("[data-write-shown]");
  const token = area.form.elements.namedItem("csrfmiddlewaretoken")?.value ?? "";
  try {
    const answer = await fetch(area.form.dataset.previewUrl, {
      method: "POST",
      headers: { "X-CSRFToken": token },
      body: new URLSearchParams({ text: area.value }),
    });
    if (!answer.ok || answer.redirected) throw new Error("no preview");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    shown.replaceChildren(...page.body.childNodes);
  } catch {
    shown.textContent = preview.dataset.trouble;
  }
}

function offer(preview, area) {
  let timer;
  preview.hidden = false;
  preview.addEventListener("toggle", () => preview.open && fill(preview, area));
  area.addEventListener("input", () => {
    clearTimeout(timer);
    if (preview.open) timer = setTimeout(() => fill(preview, area), PAUSE);
  });
}

export function start(root) {
  for (const area of root.querySelectorAll("textarea[data-write]")) {
    if (area.written) continue;
    area.written = true;
    const field = area.closest(".field");
    toolbar(field.querySelector("[data-write-tools]"), area);
    offer(field.querySelector("[data-write-preview]"), area);
    area.addEventListener("keydown", (event) => keyed(event, area));
    area.addEventListener("paste", (event) => pasted(event, area));
  }
}
