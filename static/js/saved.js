// The line [data-autosave-state] always says what is saved and when, in the words the template gave it. A screen reader
// hears, from [data-autosave-spoken], only what is news: trouble, and that the trouble is over.
const KEPT = ["offline", "expired", "error"];

function time(savedAt) {
  const when = savedAt ? new Date(savedAt) : new Date();
  const language = document.documentElement.lang;
  const day = when.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "short" };
  return when.toLocaleString(language, { ...day, hour: "2-digit", minute: "2-digit" });
}

export function announce(line, state, { savedAt, detail, stored = true, quiet = false } = {}) {
  if (!line) return;
  const before = line.dataset.state;
  line.dataset.state = state;
  if (state === "saved") line.dataset.savedAt = savedAt ?? new Date().toISOString();
  const parts = [(line.dataset[state] ?? "").replace("%time%", time(savedAt)), detail];
  if (KEPT.includes(state)) parts.push(stored ? line.dataset.kept : line.dataset.bare);
  line.textContent = parts.filter(Boolean).join(" ");
  if (state === "expired") line.append(" ", signIn(line, stored));
  if (state === "conflict") line.append(" ", link("#conflict", line.dataset.choose));
  if (!quiet) speak(line, state, before);
}

// Words that this device does not keep live in this page only, so it stays open.
function signIn(line, stored) {
  const made = link(`${line.dataset.signIn}?next=${encodeURIComponent(location.pathname + location.search)}`, line.dataset.signInWords);
  if (!stored) made.target = "_blank";
  return made;
}

function link(address, words) {
  const made = document.createElement("a");
  made.href = address;
  made.textContent = words;
  return made;
}

function speak(line, state, before) {
  const spoken = document.querySelector("[data-autosave-spoken]");
  if (!spoken || ["saving", "pending"].includes(state)) return;
  const trouble = state !== "saved";
  if (trouble && spoken.dataset.state !== state) spoken.textContent = line.textContent;
  else if (!trouble && spoken.dataset.state && spoken.dataset.state !== "saved") spoken.textContent = line.textContent;
  if (trouble || before !== "saved") spoken.dataset.state = state;
}
