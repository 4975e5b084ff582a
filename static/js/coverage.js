// [data-coverage=address]: the question about a piece of evidence. A tap is kept at once and only the question is drawn
// anew; without script the same buttons send the whole form. `region:loaded` lets what is still missing follow.
const listening = new WeakSet();

function fields(box, button) {
  const data = new FormData();
  for (const input of box.querySelectorAll("input[name]")) {
    if (input.type !== "checkbox" || input.checked) data.append(input.name, input.value);
  }
  data.append(button.name, button.value);
  return data;
}

function token(form) {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? form.elements.namedItem("csrfmiddlewaretoken")?.value ?? "";
}

async function send(box, button) {
  const response = await fetch(box.dataset.coverage, {
    method: "POST",
    credentials: "same-origin",
    headers: { Accept: "text/html", "X-Requested-With": "fetch", "X-CSRFToken": token(button.form) },
    body: fields(box, button),
  });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.getElementById(box.id);
  if (!fresh || response.redirected) throw new Error("not the question");
  box.replaceWith(fresh);
  settle(fresh, response.ok);
}

// Whoever uses a keyboard or a screen reader goes on where she was, and hears the answer.
function settle(box, kept) {
  const place = kept ? box.querySelector(".coverage-answer") : box.querySelector(".field-error");
  if (place) {
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
  }
  if (kept) document.dispatchEvent(new CustomEvent("region:loaded", { bubbles: true }));
}

function clicked(event) {
  const button = event.target.closest("button[name=answer]");
  const box = button?.closest("[data-coverage]");
  if (!box) return;
  event.preventDefault();
  if (box.ariaBusy === "true") return;
  box.ariaBusy = "true";
  // Where the short way fails, the long one is taken: the plain form with the same button.
  send(box, button).catch(() => button.form.requestSubmit(button));
}

export function start(root) {
  for (const box of root.querySelectorAll?.("[data-coverage]") ?? []) {
    const form = box.closest("form");
    if (!form || listening.has(form)) continue;
    listening.add(form);
    form.addEventListener("click", clicked);
    form.addEventListener("keydown", (event) => {
      const inside = event.target.closest?.(".coverage-form");
      if (event.key !== "Enter" || !inside || event.target.tagName !== "INPUT") return;
      event.preventDefault();
      inside.querySelector("button[name=answer]").click();
    });
  }
}
