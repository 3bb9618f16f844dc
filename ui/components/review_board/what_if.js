/* What if some words were not in the note: scores that are not real, shown so. Mixed into Board.

   Nothing of it is kept, and nothing can be decided meanwhile. */

const supposing = {
  /** See the scores without the selected words, or else without the evidence shown; once more returns. */
  whatIf() {
    const spans = this.marks.length > 0 ? this.marks : (this.evidence()?.spans ?? []).map(([start, end]) => [start, end]);
    const other = this.marks.length > 0 && JSON.stringify(spans) !== JSON.stringify(this.without?.spans);
    if (this.without && !other) { this.endWhatIf(); return; }
    if (this.data.methods.length === 0) { this.announce(t("There is no model at hand")); return; }
    if (spans.length === 0) { this.announce(t("No words are shown or selected")); return; }
    this.without = { note: this.data.note.id, spans };
    this.polls = 0;
    document.getSelection()?.removeAllRanges();
    this.tell();
    this.draw();
    this.announce(t("What if: these are not the real scores. Escape returns."));
  },

  endWhatIf() {
    if (!this.without) return;
    this.without = null;
    this.parts["what-if"].classList.remove("is-nudged");
    this.announce(t("The real scores"));
    this.draw();
  },

  /** The server's answer for the words that are supposed away, or null. */
  supposed() {
    const found = this.data.what_if;
    return this.without && found && JSON.stringify(found.spans) === JSON.stringify(this.without.spans) ? found : null;
  },

  /* Nobody decides on scores that are not real. */
  supposes() {
    if (this.without === null) return false;
    this.announce(t("These are not the real scores. Escape returns; then decide."));
    this.parts["what-if"].classList.add("is-nudged");
    return true;
  },

  /* It lies over the head of the list, so that nothing moves. */
  drawWhatIf() {
    const { parts, without } = this;
    this.root.classList.toggle("is-what-if", without !== null);
    parts["what-if"].hidden = without === null;
    if (without === null) return;
    parts["what-if"].style.height = `${parts.list.offsetTop}px`;
    const found = this.supposed();
    const shown = JSON.stringify([without, found]);
    if (shown === this.supposition) return;
    this.supposition = shown;
    parts.supposition.replaceChildren(...this.supposing(this.removed(), found));
  },

  /** The words that are struck: whole ones, once the server has said which. */
  removed() { return this.supposed()?.removed ?? this.without?.spans ?? []; },

  supposing(spans, found) {
    const words = spans.map(([start, end]) => `“${this.words(start, end, 30)}”`);
    const some = { words: words.slice(0, 3).join(", ") };
    const named = words.length > 4 ? nt("{words} and {count} more place", "{words} and {count} more places", words.length - 3, some) : words.join(", ");
    const as = h("p", {}, t("As if the note did not say "), h("strong", { text: named }), t(". Nothing is stored; to decide, return first."));
    if (found === null) return [as, h("p", { class: "is-computing", text: t("Reading the note without these words…") })];
    if (found.problem) return [as, h("p", { text: t("There is no answer: {why}", { why: found.problem }) })];
    const anew = found.anew ? [h("p", { text: t("Memory has learned since this list was made; both scores are of now.") })] : [];
    return [as, ...this.turned(found), ...this.appearing(found), ...anew];
  },

  /* Codes of the list that fall off it or climb; some stand where nobody has scrolled to. */
  turned({ changes }) {
    const turns = new Map();
    for (const { id, code } of this.data.rows) {
      const how = turn(changes[id], this.data);
      if (how) turns.set(how, [...(turns.get(how) ?? []), code]);
    }
    if (turns.size === 0) return [h("p", { text: t("No code of the list would cross its threshold.") })];
    return [...turns].map(([how, codes]) => h("p", {}, turnOf(codes.length, how), " ", h("strong", { text: codes.join(", ") }), "."));
  },

  appearing(found) {
    if (found.appeared.length === 0) return [h("p", { text: t("No other code would come onto the list.") })];
    const codes = found.appeared.map(({ code, title, before, after }) => h("li", {},
      h("span", { class: "code", text: code }), h("span", { class: "title", title, text: title }),
      h("span", { class: "number", text: `${share(before ?? 0)} ↑ ${share(after)}` })));
    const count = found.appeared.length;
    const said = found.hidden
      ? t("{count} codes and {more} more would come onto the list:", { count, more: found.hidden })
      : nt("{count} code would come onto the list:", "{count} codes would come onto the list:", count);
    return [h("p", { text: said }), h("ul", {}, ...codes)];
  },
};
