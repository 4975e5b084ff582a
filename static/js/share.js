// button[data-copy="text or #id" data-done="Copied"] copies; button[data-share data-url data-title] opens the device's share sheet where there is one.
async function copy(button) {
  const source = button.dataset.copy;
  const field = source.startsWith("#") ? document.querySelector(source) : null;
  const words = field ? (field.value ?? field.textContent).trim() : source;
  try {
    await navigator.clipboard.writeText(words);
  } catch {
    field?.select?.();
    return;
  }
  const label = button.querySelector("[data-label]") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset.done ?? before;
  setTimeout(() => (label.textContent = before), 2500);
}

export function start(root) {
  for (const button of root.querySelectorAll("[data-copy]")) {
    if (button.copies) continue;
    button.copies = true;
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
  for (const button of root.querySelectorAll("[data-share]")) {
    button.hidden = !navigator.share;
    button.onclick = () => navigator.share({ url: button.dataset.url, title: button.dataset.title }).catch(() => {});
  }
}
