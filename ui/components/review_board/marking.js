/* Words the coder marks as evidence, with the mouse or by keyboard alone. Mixed into Board.

   By keyboard the note becomes a text field that takes no text: the browser's own caret moves in it, by
   letters, words and lines as everywhere. A mark that was kept stays when another is made. */

const MOST_MARKS = 20; // for one decision; the server takes no more
const asField = () => ({ role: "textbox", "aria-multiline": "true", "aria-readonly": "true", "aria-label": t("Text of the note") });

const marking = {
  listenToMarking(signal) {
    const { note } = this.parts;
    document.addEventListener("selectionchange", () => this.selecting(), { signal });
    note.addEventListener("keydown", (event) => this.markingKey(event), { signal });
    note.addEventListener("beforeinput", (event) => event.preventDefault(), { signal });
    note.addEventListener("input", () => this.repaint(), { signal }); // a dead key cannot be prevented
    note.addEventListener("blur", () => this.stopMarking(), { signal });
  },

  selection() { return this.root.getRootNode().getSelection?.() ?? document.getSelection(); },

  selecting() {
    if (this.done()) return;
    const span = selectedSpan(this.parts.note, this.starts, this.selection());
    if (this.marking) this.drawCaret();
    if (!span && !this.marking) return;
    this.marks = merged(span ? [...this.kept, span] : this.kept);
    this.drawMarks();
  },

  /** Put a caret into the note; text that is selected already is kept as a mark. */
  mark() {
    if (this.done() || this.supposes()) return;
    const from = this.marks.at(-1)?.[1] ?? this.evidence()?.spans[this.place ?? 0]?.[0] ?? this.data.note.outline[this.section]?.[0] ?? 0;
    this.keepMarks(this.marks);
    const { note } = this.parts;
    this.marking = true;
    note.contentEditable = "true";
    for (const [name, value] of Object.entries(asField())) note.setAttribute(name, value);
    note.focus({ preventScroll: true });
    this.setCaret(this.starts[from]);
    reveal(this.parts["note-scroll"], this.parts.caret, { middle: true });
    this.root.classList.add("is-marking");
    this.drawMarks();
    this.announce(t("Marking. Arrows move, Shift extends, Enter keeps, Escape leaves."));
  },

  stopMarking() {
    if (!this.marking) return;
    this.marking = false;
    this.parts.note.contentEditable = "false";
    for (const name of Object.keys(asField())) this.parts.note.removeAttribute(name);
    this.parts.caret.hidden = true;
    this.root.classList.remove("is-marking");
    document.getSelection()?.removeAllRanges();
    this.marks = this.kept;
    this.drawMarks();
  },

  markingKey(event) {
    if (!this.marking) return;
    event.stopPropagation();
    const act = {
      Enter: () => { this.selecting(); this.keepMarks(this.marks, { caret: true }); }, // its event may be late
      Escape: () => { this.stopMarking(); this.focusRow(); },
      Backspace: () => this.keepMarks(this.kept.slice(0, -1), { caret: true }),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  },

  keepMarks(marks, { caret = false } = {}) {
    if (marks.length > MOST_MARKS) { this.announce(t("A decision takes {count} marks at most", { count: MOST_MARKS })); return; }
    const at = caret ? caretAt(this.parts.note, this.selection()) : null;
    this.kept = this.marks = marks;
    this.drawNote();
    if (at !== null) this.setCaret(at);
    this.drawMarks();
    this.announce(nt("{count} passage marked", "{count} passages marked", marks.length));
  },

  setMarks(marks) {
    this.marks = this.kept = marks;
    document.getSelection()?.removeAllRanges();
  },

  forget() {
    if (this.without) { this.endWhatIf(); return; }
    this.setMarks([]);
    this.drawNote();
    this.drawMarks();
  },

  repaint() {
    this.painted = null;
    this.drawNote();
  },

  /** unit: a place in the text, in code units */
  setCaret(unit) {
    const place = rangeOf(this.parts.note, unit, unit);
    this.selection().collapse(place.startContainer, place.startOffset);
    this.drawCaret();
  },

  /* The browser's caret is one pixel wide; this one is seen. */
  drawCaret() {
    const { focusNode, focusOffset } = this.selection() ?? {};
    if (!focusNode || !this.parts.note.contains(focusNode)) return;
    const place = document.createRange();
    place.setStart(focusNode, focusOffset);
    const box = place.getClientRects()[0] ?? boxAfter(place);
    this.parts.caret.hidden = !box;
    if (!box) return;
    const frame = this.parts["note-scroll"];
    const edge = frame.getBoundingClientRect();
    Object.assign(this.parts.caret.style, {
      left: `${box.left - edge.left + frame.scrollLeft}px`, top: `${box.top - edge.top + frame.scrollTop}px`, height: `${box.height}px`,
    });
  },

  /** The first words that are marked, quoted, and how many more places; empty if there are none. */
  markedWords() {
    const words = this.marks.slice(0, 3).map((mark) => `“${this.words(...mark, 34)}”`).join(", ");
    const more = this.marks.length - 3;
    return more > 0 ? nt("{words} and {count} more place", "{words} and {count} more places", more, { words }) : words;
  },

  markingNote(words) {
    const how = t("Arrows move (Ctrl: by words), Shift extends, Enter keeps, Backspace drops the last, Esc leaves.");
    return [words ? t("Marking: {words}.", { words }) : t("Marking."), how].join(" ");
  },

  markedNote(words) {
    if (!words) return t("Select text in the note, or mark it by keyboard (V): evidence for the next code. W shows the scores without it.");
    return this.marks.length > 1
      ? t("Marked {words}: they go with the next code you accept, add or change. V marks more, W shows the scores without, Esc forgets.", { words })
      : t("Marked {words}: it goes with the next code you accept, add or change. V marks more, W shows the scores without, Esc forgets.", { words });
  },

  drawMarks() {
    const part = this.parts["mark-note"];
    part.textContent = this.marking ? this.markingNote(this.markedWords()) : this.markedNote(this.markedWords());
    part.classList.toggle("is-on", this.marks.length > 0 || this.marking === true);
    this.drawTrust(this.byId.get(this.selected), this.evidence());
  },
};

/** Spans in order, those that touch made one. */
function merged(spans) {
  const found = [];
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = found.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end); else found.push([start, end]);
  }
  return found;
}

/** Where the caret stands, in code units from the beginning of the note. */
function caretAt(container, selection) {
  if (!selection?.focusNode || !container.contains(selection.focusNode)) return 0;
  const before = document.createRange();
  before.selectNodeContents(container);
  before.setEnd(selection.focusNode, selection.focusOffset);
  return before.toString().length;
}

/* At the beginning of a line a collapsed range has no box; the letter after it has. */
function boxAfter(place) {
  const node = place.startContainer;
  if (node.nodeType !== Node.TEXT_NODE || place.startOffset >= node.length) return null;
  const letter = place.cloneRange();
  letter.setEnd(node, place.startOffset + 1);
  return letter.getClientRects()[0] ?? null;
}
