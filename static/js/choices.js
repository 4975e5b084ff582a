// What a person chose on this device (speed, the width of a pane). Without storage it holds for this page only.
const START = "microcreds:choice:";

export function chosen(name) {
  try {
    return localStorage.getItem(START + name);
  } catch {
    return null;
  }
}

export function choose(name, value) {
  try {
    localStorage.setItem(START + name, value);
  } catch {
    // Refused: nothing is lost but the habit.
  }
}
