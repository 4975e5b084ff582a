// What a word processor puts on the clipboard, as the Markdown the fields take: headings, bold, italic, lists, links;
// tables as lines; nothing else. The HTML is read in a document of its own that never meets the page: nothing in it
// runs or loads.
const DROPPED = new Set(["SCRIPT", "STYLE", "HEAD", "TITLE", "META", "LINK", "XML", "IMG", "SVG", "OBJECT", "IFRAME", "NOSCRIPT", "TEMPLATE", "TEXTAREA", "SELECT", "BUTTON", "O:P"]);
const BLOCKS = new Set(["P", "DIV", "SECTION", "ARTICLE", "HEADER", "FOOTER", "MAIN", "ASIDE", "BLOCKQUOTE", "PRE", "ADDRESS", "DL", "DT", "DD", "FIGURE", "FIGCAPTION", "TABLE", "THEAD", "TBODY", "TFOOT", "CAPTION", "CENTER", "HR", "UL", "OL", "LI"]);
const HEADING = /^H[1-6]$/;
const WORD_HEADING = /^Mso(?:Heading(\d)|Title|Subtitle)/;
const PLAIN = { bold: false, italic: false, href: "" };
const INDENT = "    ";

export function markdownOf(html) {
  const reader = new Reader();
  reader.walk(new DOMParser().parseFromString(html, "text/html").body, PLAIN);
  reader.close();
  return reader.text();
}

class Reader {
  constructor() {
    this.blocks = []; // {kind: "text" | "heading" | "item" | "row", mark, words}
    this.lists = []; // open <ul> and <ol>, with the number of their last item
    this.runs = [];
    this.kind = { kind: "text", mark: "" };
  }

  walk(node, format) {
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) this.say(child.data, format);
      else if (child.nodeType === Node.ELEMENT_NODE) this.element(child, format);
    }
  }

  element(one, format) {
    const style = (one.getAttribute("style") ?? "").toLowerCase();
    const name = one.tagName;
    if (DROPPED.has(name) || /display:\s*none|mso-hide:\s*all|mso-list:\s*ignore/.test(style)) return;
    if (name === "BR") this.say("\n", format, true);
    else if (name === "TR") this.row(one);
    else if (HEADING.test(name) || WORD_HEADING.test(one.className)) this.heading(one);
    else if (/mso-list:\s*l\d+/.test(style)) this.fakeItem(one, style, format);
    else if (name === "UL" || name === "OL") this.list(one, format);
    else if (name === "LI") this.item(one, format);
    else if (BLOCKS.has(name)) this.block(one, format);
    else this.walk(one, formatted(one, style, format));
  }

  say(words, format, breaks = false) {
    this.runs.push({ ...format, words: breaks ? words : words.replace(/[\s\u00a0]+/g, " ") });
  }

  block(one, format) {
    // The paragraph inside an item is the item.
    const inItem = one.parentElement?.tagName === "LI" && one.tagName !== "TABLE";
    if (!inItem) this.close();
    else if (this.runs.some((run) => run.words.trim())) this.say("\n", format, true);
    this.walk(one, format);
    if (!inItem) this.close();
  }

  // Starts something, says what is in it, ends it.
  whole(kind, one, format) {
    this.close();
    this.kind = kind;
    this.walk(one, format);
    this.close();
  }

  heading(one) {
    const level = Number((one.tagName.match(/^H(\d)/) ?? one.className.match(WORD_HEADING))?.[1] ?? 1);
    this.whole({ kind: "heading", mark: `${"#".repeat(Math.min(6, level))} ` }, one, { ...PLAIN, plain: true });
  }

  list(one, format) {
    this.close();
    this.lists.push({ ordered: one.tagName === "OL", number: Number(one.getAttribute("start") || 1) - 1 });
    this.walk(one, format);
    this.lists.pop();
    this.close();
  }

  item(one, format) {
    const list = this.lists.at(-1) ?? { ordered: false };
    list.number += 1;
    this.whole(item(this.lists.length || 1, list.ordered && list.number), one, format);
  }

  // Word writes its lists as paragraphs; the sign or the number stands in a span that is marked as not being text.
  fakeItem(one, style, format) {
    const level = Number(style.match(/level(\d+)/)?.[1] ?? 1);
    const sign = [...one.querySelectorAll("[style]")].find((part) => /mso-list:\s*ignore/i.test(part.getAttribute("style")));
    const ordered = /^[\s\u00a0]*\(?(?:\d+|[a-z]{1,4})[.)]/i.test(sign?.textContent ?? "");
    const last = this.blocks.findLast((block) => block.kind !== "item" || block.level <= level);
    const goesOn = last?.kind === "item" && last.level === level && last.number;
    this.whole(item(level, ordered && (goesOn || 0) + 1), one, format);
  }

  row(one) {
    this.close();
    const cells = [...one.cells].map((cell) => {
      const reader = new Reader();
      reader.walk(cell, PLAIN);
      reader.close();
      return reader.text().replace(/\s*\n\s*/g, " ").trim();
    });
    if (cells.some(Boolean)) this.blocks.push({ kind: "row", mark: "", words: cells.join(" | ") });
  }

  close() {
    const words = joined(this.runs);
    const { kind } = this;
    this.runs = [];
    this.kind = { kind: "text", mark: "" };
    if (!words) return;
    const hanging = kind.kind === "item" ? `\n${" ".repeat(kind.mark.length)}` : kind.kind === "heading" ? " " : "\n";
    this.blocks.push({ ...kind, words: (kind.kind === "heading" ? words : literal(words)).replace(/\n/g, hanging) });
  }

  text() {
    const tight = (one, other) => one && one.kind === other.kind && ["item", "row"].includes(one.kind);
    const parts = this.blocks.map((block, at) => {
      const gap = !at ? "" : tight(this.blocks[at - 1], block) ? "\n" : "\n\n";
      return gap + block.mark + block.words;
    });
    return parts.join("").trim();
  }
}

function item(level, number) {
  return { kind: "item", level, number, mark: `${INDENT.repeat(Math.min(9, level) - 1)}${number ? `${number}.` : "-"} ` };
}

function formatted(one, style, format) {
  if (format.plain) return format;
  const weight = style.match(/font-weight:\s*(\w+)/)?.[1];
  const slant = style.match(/font-style:\s*(\w+)/)?.[1];
  const href = one.tagName === "A" ? (one.getAttribute("href") ?? "").trim() : "";
  return {
    bold: weight ? weight === "bold" || weight === "bolder" || Number(weight) >= 600 : format.bold || ["B", "STRONG"].includes(one.tagName),
    italic: slant ? slant !== "normal" : format.italic || ["I", "EM"].includes(one.tagName),
    href: /^(?:https?:\/\/|mailto:)[^\s()<>]+$/i.test(href) ? href : format.href,
  };
}

// A line that only looks like an item or a heading stays what it is.
function literal(words) {
  return words.replace(/^([-+]|#{1,6})(?=\s)/gm, "\\$1").replace(/^(\d{1,9})([.)])(?=\s)/gm, "$1\\$2");
}

// Neighbours of one look become one run; marks stand next to letters, or they would not be read as marks.
function joined(runs) {
  const merged = [];
  for (const run of runs) {
    const last = merged.at(-1);
    if (last && last.bold === run.bold && last.italic === run.italic && last.href === run.href) last.words += run.words;
    else merged.push({ ...run });
  }
  return merged.map(marked).join("").replace(/ +/g, " ").replace(/ ?\n ?/g, "\n").trim();
}

function marked({ words, bold, italic, href }) {
  const [, before, inside, after] = words.match(/^(\s*)([^]*?)(\s*)$/);
  if (!inside) return words;
  let text = inside.replace(/[\\*]/g, "\\$&").replace(/(^|\s)_|_(?=\s|$)/g, "$1\\_").replace(/\](?=\()/g, "\\]");
  if (italic) text = `*${text}*`;
  if (bold) text = `**${text}**`;
  return before + (href ? `[${text.replace(/[[\]]/g, "\\$&")}](${href})` : text) + after;
}
