// [data-design]: draws the badge anew, on the server, a moment after something was chosen. Without script there is a button.
const PATIENCE = 300;

function readable(blob) {
  return new Promise((done) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => done(reader.result));
    reader.readAsDataURL(blob);
  });
}

function parts(form) {
  const source = new FormData(form).get("source");
  for (const part of form.querySelectorAll("[data-design-part]")) part.hidden = part.dataset.designPart !== source;
}

async function draw(form, signal) {
  const note = document.querySelector("[data-design-note]");
  try {
    const response = await fetch(form.dataset.design, { method: "POST", body: new FormData(form), credentials: "same-origin", signal });
    if (!response.ok) {
      const problem = await response.json().catch(() => ({}));
      note.textContent = problem.detail ?? form.dataset.designBroken;
      return;
    }
    const address = await readable(await response.blob());
    for (const picture of document.querySelectorAll("[data-design-picture]")) picture.src = address;
    note.textContent = form.dataset.designDrawn;
  } catch (error) {
    if (error.name !== "AbortError") note.textContent = form.dataset.designBroken;
  }
}

export function start(root) {
  for (const form of root.querySelectorAll("form[data-design]")) {
    if (form.dataset.designing) continue;
    form.dataset.designing = "1";
    let waiting;
    let asked;
    form.querySelector("[data-design-plain]").hidden = true;
    parts(form);
    form.addEventListener("input", () => {
      parts(form);
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        asked?.abort();
        asked = new AbortController();
        draw(form, asked.signal);
      }, PATIENCE);
    });
  }
}
