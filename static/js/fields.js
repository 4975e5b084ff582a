// The fields of a form as autosave sends them: radios as their value, one box as yes or no, several boxes as a list.
const OTHER = ["file", "submit", "button", "reset", "fieldset"];

function fields(form) {
  return [...form.elements].filter(
    (field) => field.name && field.name !== "revision" && field.name !== "csrfmiddlewaretoken" &&
      !OTHER.includes(field.type) && field.dataset.autosaveSkip === undefined,
  );
}

// Fields of a name, those that stand elsewhere on the page and name this form too.
function named(form, name) {
  return [...form.elements].filter((field) => field.name === name);
}

// What the fields hold, or what the server gave them: words typed before the script came count as changed.
export function values(form, given = false) {
  const found = {};
  const on = (field) => (given ? field.defaultChecked : field.checked);
  for (const field of fields(form)) {
    if (field.type === "radio") {
      found[field.name] ??= "";
      if (on(field)) found[field.name] = field.value;
    } else if (field.type === "checkbox") {
      const boxes = named(form, field.name).filter((one) => one.type === "checkbox");
      found[field.name] = boxes.length > 1 ? boxes.filter(on).map((box) => box.value) : on(field);
    } else if (given && field.options) {
      found[field.name] = ([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "";
    } else {
      found[field.name] = given ? field.defaultValue : field.value;
    }
  }
  return found;
}

// Puts a value, as autosave sends it, back into the fields of that name; whoever counts or grows hears of it.
export function put(form, name, value) {
  for (const field of named(form, name)) {
    if (field.type === "radio") field.checked = field.value === value;
    else if (field.type === "checkbox") field.checked = Array.isArray(value) ? value.includes(field.value) : Boolean(value);
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

export function labelOf(form, name) {
  const field = named(form, name)[0];
  return (field?.labels?.[0]?.textContent ?? "").trim();
}
