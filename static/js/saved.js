// The line [data-autosave-state] says what autosave is doing, in the words the template gave it.
export function announce(line, state, savedAt, detail) {
  if (!line) return;
  const when = savedAt ? new Date(savedAt) : new Date();
  const time = when.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  line.dataset.state = state;
  const words = (line.dataset[state] ?? "").replace("%time%", time);
  line.textContent = detail ? `${words} ${detail}` : words;
}
