// Shows in [data-autosave-conflict] every text that was changed here and elsewhere, with what differs; the person
// chooses, and what she does not choose is set aside, never thrown away.
import { element } from "./aside.js";
import { put } from "./fields.js";

export function showConflict(form, disputed, aside, done) {
  const box = document.querySelector("[data-autosave-conflict]");
  if (!box) return;
  const list = box.querySelector("[data-conflict-list]");
  const finish = () => {
    if (list.children.length) return list.querySelector("button").focus();
    box.hidden = true;
    form.elements.namedItem(disputed.at(-1).name)?.focus?.();
    return done();
  };
  list.replaceChildren(...disputed.map((one) => choice(form, box, one, aside, finish)));
  box.hidden = false;
  // Keys pressed meanwhile belong into the text; the line that says so leads here.
  if (!document.activeElement?.matches("input, textarea, select")) box.focus();
}

function choice(form, box, one, aside, finish) {
  const field = form.elements.namedItem(one.name);
  const row = element("section", "conflict-choice");
  const sides = element("div", "conflict-sides");
  sides.append(side(box.dataset.mine, field?.value), side(box.dataset.theirs, one.theirs));
  const actions = element("div", "form-actions");
  const choose = (words, act) => {
    const button = element("button", "btn btn--sm", words);
    button.type = "button";
    button.addEventListener("click", () => {
      act();
      row.remove();
      finish();
    });
    actions.append(button);
  };
  if (field instanceof HTMLTextAreaElement) choose(box.dataset.keepBoth, () => put(form, one.name, `${one.theirs}\n\n${field.value}`));
  choose(box.dataset.keepMine, () => aside.add(one.name, one.theirs));
  choose(box.dataset.keepTheirs, () => {
    aside.add(one.name, field?.value);
    put(form, one.name, one.theirs);
  });
  row.append(element("h4", "", one.label), ...(one.differences ? compared(box, one.differences, sides) : [sides]), actions);
  return row;
}

// [[same | removed | added, text], …] as running text; both whole texts are one click away.
function compared(box, differences, sides) {
  const text = element("div", "conflict-text conflict-diff");
  const tags = { same: "span", removed: "del", added: "ins" };
  text.append(...differences.map(([op, words]) => element(tags[op] ?? "span", "", words)));
  const legend = element("p", "sm conflict-legend");
  legend.append(element("ins", "", box.dataset.onlyMine), " ", element("del", "", box.dataset.onlyTheirs));
  const whole = element("details", "");
  whole.append(element("summary", "", box.dataset.whole), sides);
  return [legend, text, whole];
}

function side(title, value) {
  const part = element("div", "stack stack--tight");
  part.append(element("span", "sm muted", title), element("div", "conflict-text", String(value ?? "")));
  return part;
}
