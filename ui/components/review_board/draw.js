/* What the board draws around the list: header, note, evidence, sheets. Mixed into Board. */

const KEYS = [
  ["↑ ↓ or K J", "previous or next code"], ["A", "accept the code (with selected text as evidence)"],
  ["X, then 1–6", "reject it, with the reason"], ["U", "undo your last decision"], ["Shift U", "redo it"],
  ["/", "add a code by number or words; ↓ then Enter takes one, → shows the codes around it"],
  ["V", "mark evidence by keyboard: arrows, Ctrl and Shift as in any text; Enter keeps, Backspace drops the last, Esc leaves"],
  ["I", "notes on the code (includes, excludes, code also), and the codes around it"],
  ["Y", "change to one of those: ↓ to it, then Enter; the code is rejected and the other added with its evidence"],
  ["G, Shift G", "next or previous section of the note"], ["B", "show the suggestions, where a first list is made without"],
  ["M", "switch the method of evidence"],
  ["W", "what if the selected words, or else the words shown, were not in the note: every score without them; W or Esc returns"],
  ["S", "stop evidence that is being computed; S again begins it anew"],
  ["E", "evidence for the code by every method side by side, in a new tab (audit page)"],
  ["L", "switch the list: likely codes, or one that is to hold a share of the note's codes"],
  ["[ and ]", "previous or next place of evidence"], ["N", "next note that is not done"],
  ["F", "finish the chart, or reopen it"], ["?", "this list"], ["Esc", "close, cancel, return to the real scores, forget the selected text"],
];

const drawing = {
  draw() {
    const { data } = this;
    this.list.draw(data, {
      outbox: this.outbox, selected: this.selected, done: this.done() || this.without !== null,
      supposed: this.supposed()?.changes ?? null, threshold: data.threshold, cut: data.cut,
      snippet: (row) => this.snippet(row),
    });
    this.drawHeader();
    this.drawWhatIf();
    this.drawMethods();
    this.drawLists();
    this.drawChart();
    this.drawNote();
    this.drawMarks();
    this.drawAbout();
    this.drawBlind();
  },

  drawHeader() {
    const { data, parts } = this;
    const states = data.rows.map((row) => [row, this.state(row.id)]);
    const suggested = states.filter(([row]) => row.probability !== null);
    const decided = suggested.filter(([, state]) => state !== "open").length;
    const accepted = states.filter(([, state]) => state === "accepted" || state === "added").length;
    const saving = this.outbox.pending.length + this.chart.unsaved();
    parts.name.textContent = data.note.name;
    const cut = data.note.truncated_at;
    const read = cut === null ? "" : ` · it read ${cut.toLocaleString("en")} of ${(this.starts.length - 1).toLocaleString("en")} characters`;
    parts.sub.textContent = `${data.note.status} · coder: ${data.coder} · model: ${data.withheld ? "its suggestions are not shown yet" : data.model}${read}`;
    const fill = h("span", { class: "fill" });
    fill.style.setProperty("--share", String(suggested.length ? decided / suggested.length : 0));
    parts.progress.replaceChildren(
      h("span", { class: "progress-text", text: `${decided} of ${plural(suggested.length, "suggestion")} decided; ${plural(accepted, "code")} accepted` }),
      h("span", { class: "track", "aria-hidden": "true" }, fill),
      h("span", { class: "progress-saving", text: saving ? "saving…" : "all saved" }));
    const why = this.outbox.failures.get("") ?? data.problem ?? (this.heldBy() || null);
    parts.banner.textContent = why ?? (this.done() ? "This chart is finished. Press F to reopen it, N for the next note." : "");
    parts.banner.classList.toggle("is-calm", !why);
    parts.banner.hidden = parts.banner.textContent === "";
    const finish = this.root.querySelector("[data-do=finish]");
    finish.firstChild.textContent = this.done() ? "Reopen chart " : "Finish chart ";
  },

  drawMethods() {
    const { data, parts } = this;
    parts.methods.hidden = data.methods.length === 0;
    const offered = JSON.stringify(data.methods);
    if (parts.methods.dataset.of !== offered) {
      parts.methods.dataset.of = offered;
      parts.methods.replaceChildren(...data.methods.map(({ id, name, finds }) => button(name, {
        "data-method": id, title: `Shows ${finds}. Switch with M`, onclick: () => this.switchMethod(id),
      })));
    }
    for (const each of parts.methods.children) each.setAttribute("aria-pressed", String(each.dataset.method === this.method));
    const row = this.byId.get(this.selected);
    const evidence = this.evidence();
    parts.explains.textContent = this.explanation(row, evidence);
    const computing = this.lacks(this.selected);
    parts.explains.classList.toggle("is-computing", computing);
    this.drawComputing(computing);
    this.drawTrust(row, evidence);
    const chips = (evidence?.spans ?? []).map(([, , score], index) => button(String(index + 1), {
      class: "place", title: `Place ${index + 1}: strength ${score.toFixed(2)}`, onclick: () => this.showPlace(index),
    }));
    parts.places.replaceChildren(...chips);
  },

  drawComputing(computing) {
    const { computing: at } = this.data;
    const known = computing && at && at.row === this.selected && at.method === this.method ? at.share : 0;
    this.parts.computing.hidden = !computing;
    this.parts.places.hidden = computing;
    this.parts.share.style.setProperty("--share", String(known));
    this.parts.track.setAttribute("aria-valuenow", String(Math.round(known * 100)));
  },

  drawTrust(row, evidence) {
    const said = evidence ? this.said() ?? "Checking how far this can be trusted…" : "";
    if (this.parts.said.textContent !== said) this.parts.said.textContent = said;
    this.parts.said.classList.toggle("is-waiting", Boolean(evidence) && this.said() === null);
    this.parts["what-if-of"].textContent = this.marks.length > 0 ? "Without the selected" : "Without these words";
    const act = this.root.querySelector(".trust [data-do=what-if]");
    act.disabled = this.marks.length === 0 && !evidence?.spans.length;
    act.setAttribute("aria-pressed", String(this.without !== null));
  },

  words(start, end, most) {
    const words = this.data.note.text.slice(this.starts[start], this.starts[end]);
    return words.length > most ? `${words.slice(0, most - 2)}…` : words;
  },

  explanation(row, evidence) {
    const worth = row && row.probability !== null ? this.worth(row.probability) : "";
    return this.shownBy(row, evidence) + worth;
  },

  /* What a probability is worth: how often codes that got as much were right. */
  worth(probability) {
    const right = this.data.rightness;
    const tenth = Math.min(Math.floor(probability * right.length), right.length - 1);
    if (right.length === 0 || right[tenth] === null) return "";
    const [from, to] = [tenth, tenth + 1].map((edge) => (edge / right.length).toFixed(1));
    return ` Codes scored ${from} to ${to} were right ${Math.round(right[tenth] * 100)} times in 100.`;
  },

  shownBy(row, evidence) {
    if (!row) return "No code is selected.";
    if (row.probability === null) return `${row.code} was not suggested, so the model shows no evidence for it.`;
    if (!this.method) return "There is no model at hand to show evidence.";
    const { name, finds: meaning } = this.called(this.method);
    if (!row.networked && !this.called(this.method).unranked) {
      return `${row.code} is not among the network's codes, so there is no ${name.toLowerCase()} for it; only phrases speak for it.`;
    }
    const failed = this.data.unexplained[this.method]?.[row.id];
    if (failed) return `${name} could not be computed: ${failed}`;
    if (this.stopped.has(`${this.method} ${row.id}`)) return `${row.code}: ${name.toLowerCase()} was stopped. S begins it anew.`;
    if (!evidence) return `${row.code}: computing ${name.toLowerCase()}… decisions go on meanwhile.`;
    const places = evidence.spans.length ? plural(evidence.spans.length, "place") : "no word stands out";
    const contexts = row.contexts.length ? ` Spoken of as ${row.contexts.join(" and ")}.` : "";
    if (this.used() !== this.method) {
      return `${row.code}: no phrase is known for it here; ${this.called(this.used())?.name.toLowerCase() ?? this.used()} instead: ${places}.${contexts}`;
    }
    if (this.called(this.method).unranked) return `${row.code}: ${places}; ${row.provenance || meaning}.${contexts}`;
    const delta = evidence.delta === null ? "" : ` Convergence delta ${evidence.delta.toFixed(4)} (near 0: the words add up to the score).`;
    return `${row.code}: ${places}; ${meaning}.${delta}${contexts}`;
  },

  drawLists() {
    const { data, parts } = this;
    parts["list-head"].hidden = data.cuts.length === 0;
    if (data.cuts.length === 0) return;
    if (parts.coverages.dataset.of !== JSON.stringify(data.cuts)) {
      parts.coverages.dataset.of = JSON.stringify(data.cuts);
      const last = data.cuts.at(-1)[0];
      const offered = [[null, 0], ...data.cuts].map(([coverage, cut]) => button(
        coverage === null ? "Likely codes" : percent(coverage) + (coverage === last ? " of the note's codes" : ""),
        {
          "data-coverage": String(coverage), disabled: cut === null,
          title: cut === null ? "No list of this model holds as much" : "Switch with L",
          "aria-label": coverage === null ? "Likely codes" : `A list of ${percent(coverage)} of the note's codes`,
          onclick: () => this.switchList(coverage),
        }));
      parts.coverages.replaceChildren(...offered);
    }
    for (const each of parts.coverages.children) {
      each.setAttribute("aria-pressed", String(each.dataset.coverage === String(this.coverage)));
    }
    const count = plural(data.rows.filter((row) => row.probability !== null).length, "code");
    const promise = data.coverage === null
      ? `${count}: all likely ones, filled up with the next best. No share of the note's codes is promised.`
      : `${count}, the shortest list expected to hold ${percent(data.coverage)} of a note's codes, on average over notes like those the model learned from.`;
    if (parts.promise.textContent !== promise) parts.promise.textContent = promise;
  },

  drawNote() {
    const row = this.byId.get(this.selected);
    const spans = this.evidence()?.spans ?? [];
    const marks = row?.marks ?? [];
    const removed = this.removed();
    const where = JSON.stringify([this.key, this.selected, this.method, spans, marks]);
    const wanted = JSON.stringify([where, removed, this.kept]);
    if (wanted === this.painted) return;
    this.painted = wanted;
    const { text, truncated_at: truncatedAt } = this.data.note;
    const caret = this.marking ? caretAt(this.parts.note, this.selection()) : null;
    paint(this.parts.note, text, { spans, marks: [...marks, ...this.kept], removed, truncatedAt, starts: this.starts });
    if (caret !== null) this.setCaret(caret);
    if (where === this.where || this.marking) return; // the same evidence with other words struck: nothing moves
    this.where = where;
    this.place = 0;
    const first = this.parts.note.querySelector('[data-rank="1"]') ?? this.parts.note.querySelector(".marked");
    reveal(this.parts["note-scroll"], first, { middle: true });
    this.followScroll();
  },

  showPlace(index) {
    const count = this.evidence()?.spans.length ?? 0;
    if (count === 0) return;
    this.place = (index + count) % count;
    for (const each of this.parts.note.querySelectorAll(".is-place")) each.classList.remove("is-place");
    const pieces = this.parts.note.querySelectorAll(`[data-rank="${this.place + 1}"]`);
    for (const each of pieces) each.classList.add("is-place");
    reveal(this.parts["note-scroll"], pieces[0], { middle: true });
  },

  /* ---- sheets ---- */

  askReason() {
    if (!this.selected || this.done() || this.supposes() || ["rejected", "added"].includes(this.state(this.selected))) return;
    const { code } = this.byId.get(this.selected);
    this.sheet = "reasons";
    this.parts.reasons.replaceChildren(
      h("p", {}, h("strong", { text: `Why is ${code} wrong?` }), h("span", { text: " One key; Esc cancels." })),
      ...this.data.reasons.map((reason, index) => button(reason, {
        class: "reason", onclick: () => this.giveReason(index),
      }, String(index + 1))));
    this.parts.reasons.hidden = false;
    this.parts.reasons.querySelector("button").focus();
  },

  giveReason(index) {
    const reason = this.data.reasons[index];
    if (!reason) return;
    const row = this.selected;
    this.closeSheet();
    this.decide("reject", row, reason);
  },

  showHelp() {
    const rows = [...KEYS, ...CHART_KEYS].map(([key, what]) => h("tr", {}, h("td", {}, h("kbd", { text: key })), h("td", { text: what })));
    const close = button("Close", { onclick: () => this.closeSheet() }, "Esc");
    this.showDialog("help", "Keys", h("table", {}, h("tbody", {}, ...rows)), h("div", { class: "dialog-buttons" }, close));
    close.focus();
  },

  showDialog(sheet, title, ...content) {
    this.closeSheet();
    this.sheet = sheet;
    this.parts.dialog.setAttribute("aria-label", title);
    this.parts.dialog.replaceChildren(h("h3", { text: title }), ...content);
    this.parts.veil.hidden = false;
  },

  closeSheet() {
    if (this.sheet === null) return;
    this.sheet = null;
    this.parts.reasons.hidden = true;
    this.parts.poa.hidden = true;
    this.parts.veil.hidden = true;
    this.focusRow();
  },
};
