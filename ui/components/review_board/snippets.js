/* A line of the note for each code: its marked words, or its strongest evidence. Mixed into Board. */

const [BEFORE, WITHIN, AFTER] = [26, 70, 70]; // characters at most

const snippets = {
  /** [before, words, after], or [what there is to say instead]. The line is there before its words are. */
  snippet(row) {
    const evidence = this.evidence(row.id);
    const [start, end] = row.marks[0] ?? evidence?.spans[0] ?? [];
    if (start !== undefined) return this.around(start, end);
    if (evidence) return [t("no word stands out")];
    if (row.probability === null) return [t("no words of the note are marked for it")];
    return [this.lacks(row.id) ? "…" : t("no evidence by this method")];
  },

  around(start, end) {
    const { text } = this.data.note;
    const [from, to] = [this.starts[start], this.starts[end]];
    const before = text.slice(Math.max(0, from - BEFORE), from).replace(/^\S*\s/, from > BEFORE ? "…" : "$&");
    return [before, text.slice(from, Math.min(to, from + WITHIN)), text.slice(to, to + AFTER)].map((part) => part.replace(/\s+/g, " "));
  },
};

function drawSnippet(element, said) {
  const key = JSON.stringify(said);
  if (element.dataset.of === key) return;
  element.dataset.of = key;
  const [before, words, after] = said;
  element.classList.toggle("is-none", words === undefined);
  element.replaceChildren(...(words === undefined ? [before] : [h("bdi", {}, before, h("b", { text: words }), after)]));
}
