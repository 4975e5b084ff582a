// Words in a text by its letters and digits alone: neither markup nor spaces count, here as on the server.
const LETTER = /[\p{L}\p{N}]/u;

function small(char) {
  const made = char.toLowerCase();
  return made.length === char.length ? made : char;
}

export function solid(text) {
  return [...text].filter((char) => LETTER.test(char)).map(small).join("");
}

// The nth place of `quote` in an element, as a range; nothing where the page does not show it.
export function find(element, quote, nth = 0) {
  const wanted = solid(quote);
  if (!wanted) return null;
  const { letters, places } = read(element);
  let at = letters.indexOf(wanted);
  for (let left = nth; left > 0 && at >= 0; left -= 1) at = letters.indexOf(wanted, at + 1);
  if (at < 0) return null;
  const [first, last] = [places[at], places[at + wanted.length - 1]];
  const range = document.createRange();
  range.setStart(first.node, first.offset);
  range.setEnd(last.node, last.offset + last.length);
  return range;
}

function read(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const places = [];
  let letters = "";
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    let offset = 0;
    for (const char of node.data) {
      if (LETTER.test(char)) {
        letters += small(char);
        for (let unit = 0; unit < char.length; unit += 1) places.push({ node, offset, length: char.length });
      }
      offset += char.length;
    }
  }
  return { letters, places };
}
