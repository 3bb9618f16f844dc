/* The note: original text in, text nodes out. Offsets are code points, half-open. */

/** Where each code point starts, in code units; one entry more than there are code points. */
export function codePointStarts(text) {
  const points = Array.from(text);
  const starts = new Uint32Array(points.length + 1);
  points.forEach((point, index) => { starts[index + 1] = starts[index] + point.length; });
  return starts;
}

/** The code point at a code unit: the inverse of `starts[offset]`. */
export function codePointAt(starts, unit) {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (starts[middle] < unit) low = middle + 1; else high = middle;
  }
  return low;
}

/**
 * Draw a note with its evidence. `container.textContent` is the text exactly.
 * spans: [[start, end, score]], strongest first; marks, removed: [[start, end]]; truncatedAt: offset or null.
 */
export function paint(container, text, { spans = [], marks = [], removed = [], truncatedAt = null, starts = null } = {}) {
  const at = starts ?? codePointStarts(text);
  const length = at.length - 1;
  const cuts = new Set([0, length]);
  for (const [start, end] of [...spans, ...marks, ...removed]) { cuts.add(start); cuts.add(end); }
  if (truncatedAt !== null) cuts.add(truncatedAt);
  const sorted = [...cuts].filter((cut) => cut >= 0 && cut <= length).sort((a, b) => a - b);
  const pieces = document.createDocumentFragment();
  for (let i = 0; i < sorted.length; i += 1) {
    const [start, end] = [sorted[i], sorted[i + 1] ?? length];
    if (start === truncatedAt && truncatedAt < length) pieces.append(divider());
    if (start < end) pieces.append(piece(text.slice(at[start], at[end]), start, end, { spans, marks, removed, truncatedAt }));
  }
  container.replaceChildren(pieces);
}

function piece(text, start, end, { spans, marks, removed, truncatedAt }) {
  const rank = spans.findIndex(([from, to]) => from <= start && end <= to);
  const within = ([from, to]) => from <= start && end <= to;
  const [marked, gone] = [marks.some(within), removed.some(within)];
  const unread = truncatedAt !== null && start >= truncatedAt;
  if (rank < 0 && !marked && !gone && !unread) return document.createTextNode(text);
  const element = document.createElement(gone ? "del" : rank < 0 && !marked ? "span" : "mark");
  element.textContent = text;
  element.dataset.start = String(start);
  element.dataset.end = String(end);
  element.classList.toggle("unread", unread);
  element.classList.toggle("marked", marked);
  if (rank >= 0) {
    element.classList.add("evidence");
    element.dataset.rank = String(rank + 1);
    element.style.setProperty("--score", String(Math.max(0, Math.min(1, spans[rank][2]))));
  }
  return element;
}

/* Its words are drawn by the style sheet, so that textContent stays the note. */
function divider() {
  const line = document.createElement("span");
  line.className = "unread-line";
  line.setAttribute("role", "separator");
  line.setAttribute("aria-label", t("The model did not read beyond here"));
  return line;
}

/** The selection inside `container` as [start, end] in code points, or null. */
export function selectedSpan(container, starts, selection) {
  if (!selection || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (range.collapsed || !container.contains(range.startContainer) || !container.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.selectNodeContents(container);
  before.setEnd(range.startContainer, range.startOffset);
  const start = before.toString().length;
  const end = start + range.toString().length;
  return trimmed([codePointAt(starts, start), codePointAt(starts, end)], range.toString());
}

/** The range of these code units of the note. */
export function rangeOf(container, from, to) {
  const place = document.createRange();
  place.setStart(...nodeAt(container, from));
  place.setEnd(...nodeAt(container, to));
  return place;
}

function nodeAt(container, unit) {
  const texts = document.createTreeWalker(container, NodeFilter.SHOW_TEXT);
  let left = unit;
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    if (left <= node.length) return [node, left];
    left -= node.length;
  }
  return [container, container.childNodes.length];
}

function trimmed([start, end], text) {
  const lead = Array.from(text).length - Array.from(text.trimStart()).length;
  const trail = Array.from(text).length - Array.from(text.trimEnd()).length;
  return start + lead < end - trail ? [start + lead, end - trail] : null;
}
