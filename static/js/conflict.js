// Shows both texts side by side in [data-autosave-conflict]; the person chooses, nothing is thrown away.
import { put } from "./fields.js";

export function showConflict(form, mine, theirs, done) {
  const box = document.querySelector("[data-autosave-conflict]");
  if (!box) return;
  const list = box.querySelector("[data-conflict-list]");
  const names = Object.keys(mine).filter((name) => name in theirs && theirs[name] !== mine[name]);
  for (const [name, value] of Object.entries(theirs)) if (!(name in mine)) put(form, name, value);
  list.replaceChildren(...names.map((name) => side(form, box, name, mine[name], theirs[name], finish)));
  box.hidden = false;
  box.focus();
  if (!names.length) finish();

  function finish() {
    if (list.children.length) return;
    box.hidden = true;
    done();
  }
}

function side(form, box, name, mine, theirs, finish) {
  const row = element("div", "conflict");
  const sides = element("div", "conflict-sides");
  sides.append(text(box.dataset.mine, mine), text(box.dataset.theirs, theirs));
  const actions = element("div", "form-actions");
  const choose = (words, value) => {
    const button = element("button", "btn btn--sm", words);
    button.type = "button";
    button.addEventListener("click", () => {
      put(form, name, value);
      row.remove();
      finish();
    });
    actions.append(button);
  };
  choose(box.dataset.keepMine, mine);
  choose(box.dataset.keepTheirs, theirs);
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLTextAreaElement) choose(box.dataset.keepBoth, `${theirs}\n\n${mine}`);
  const label = field?.labels?.[0]?.textContent ?? "";
  row.append(element("strong", "", label.trim()), sides, actions);
  return row;
}

function text(title, value) {
  const part = element("div", "stack stack--tight");
  part.append(element("span", "sm muted", title), element("div", "conflict-text", String(value)));
  return part;
}

function element(tag, className, words = "") {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (words) made.textContent = words;
  return made;
}
