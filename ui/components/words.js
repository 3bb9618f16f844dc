/* Words in the language of the session (ui/language). The English sentence is the key; placeholders are {named}. */

const spoken = { language: "en", sentences: {} };
const markup = new WeakMap(); // root -> the language its markup was written in, and the English of each place
const LABELS = ["placeholder", "aria-label", "title", "alt"];
const PLACE = /\{([a-z_][a-z0-9_]*)\}/g;

/** Speak the language of the data from here on, in the markup of the component too. Call it first in mount. */
export function speak({ language = "en", sentences = {} } = {}, root = null) {
  spoken.language = language;
  spoken.sentences = sentences;
  if (root) translateMarkup(root);
}

/** The sentence in the session's language, its {names} replaced by values; whole numbers as the language writes them. */
export function t(english, values = {}) {
  return filled(spoken.sentences[english] ?? english, values);
}

/** As t, for one or for many; {count} is among the values. */
export function nt(one, many, count, values = {}) {
  const said = spoken.sentences[one] ?? [one, many];
  return filled(said[count === 1 ? 0 : 1], { count, ...values });
}

/** "a, b and c", as the language puts several in a row. */
export function listing(items) {
  return new Intl.ListFormat(spoken.language).format(items);
}

function filled(said, values) {
  return said.replace(PLACE, (place, name) => (name in values ? written(values[name]) : place));
}

function written(value) {
  return Number.isInteger(value) ? value.toLocaleString(spoken.language) : String(value);
}

/* The component's own markup, before data is drawn into it: what it says in English is kept. */
function translateMarkup(root) {
  if (!markup.has(root)) markup.set(root, { language: "en", places: places(root) });
  const known = markup.get(root);
  if (known.language === spoken.language) return;
  known.language = spoken.language;
  root.lang = spoken.language;
  for (const { english, write } of known.places) write(t(english));
}

function places(root) {
  const found = [];
  const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walk.currentNode; node; node = walk.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) {
      const [, before, english, after] = /^(\s*)([^]*?)(\s*)$/.exec(node.data);
      if (english) found.push({ english: english.replace(/\s+/g, " "), write: (words) => { node.data = before + words + after; } });
      continue;
    }
    for (const name of LABELS) {
      const english = node.getAttribute(name);
      if (english) found.push({ english, write: (words) => node.setAttribute(name, words) });
    }
  }
  return found;
}
