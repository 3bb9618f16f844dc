/* The note's sections in one line above it: jump to one, and see in which one reads. Mixed into Board. */

const BELOW = 24; // pixels: a heading this far below the upper edge begins what is read

const outlining = {
  /** Anew for each note; the strip stays as it is while the note is open. */
  buildOutline() {
    const { outline } = this.data.note;
    this.section = -1;
    this.jumped = null;
    this.parts.outline.hidden = outline.length === 0;
    this.parts.outline.replaceChildren(...outline.map(([start, end], index) => h("button", {
      type: "button", class: "section", tabindex: "-1", onclick: () => this.jump(index),
    }, h("bdi", { text: this.words(start, end, 40).replace(/\s+/g, " ") }))));
    this.parts.outline.scrollLeft = 0;
  },

  /** Put a section's heading at the upper edge of the note. */
  jump(index) {
    const { outline } = this.data.note;
    if (outline.length === 0) { this.announce(t("No headings were found in this note")); return; }
    const wanted = Math.max(0, Math.min(outline.length - 1, index));
    const frame = this.parts["note-scroll"];
    frame.scrollTop += this.headingTop(wanted) - BELOW / 2;
    this.jumped = frame.scrollTop; // at the end of the note a heading cannot reach the edge
    this.markSection(wanted);
    this.announce(t("Section {heading}", { heading: this.words(...outline[wanted], 60) }));
  },

  /** Which section is read, after the note was scrolled. */
  followScroll() {
    if (this.parts["note-scroll"].scrollTop === this.jumped) return;
    this.jumped = null;
    let [low, high] = [0, this.data.note.outline.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.headingTop(middle) <= BELOW) low = middle + 1; else high = middle;
    }
    this.markSection(low - 1);
  },

  headingTop(index) {
    const [start, end] = this.data.note.outline[index];
    const place = rangeOf(this.parts.note, this.starts[start], this.starts[end]);
    return place.getBoundingClientRect().top - this.parts["note-scroll"].getBoundingClientRect().top;
  },

  markSection(index) {
    if (index === this.section) return;
    this.section = index;
    const strip = this.parts.outline;
    [...strip.children].forEach((each, place) => {
      if (place === index) each.setAttribute("aria-current", "location"); else each.removeAttribute("aria-current");
    });
    const current = strip.children[index];
    if (!current) return;
    const [from, to] = [current.offsetLeft - strip.offsetLeft, current.offsetLeft - strip.offsetLeft + current.offsetWidth];
    if (from < strip.scrollLeft || to > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = from - 12;
  },
};
