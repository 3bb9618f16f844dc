/* What the board draws around the list: header, note, evidence, sheets. Mixed into Board. */

const keys = () => [
  [t("↑ ↓ or K J"), t("previous or next code")], ["A", t("accept the code (with selected text as evidence)")],
  [t("X, then 1–6"), t("reject it, with the reason")], ["U", t("undo your last decision")], [t("Shift U"), t("redo it")],
  ["/", t("add a code by number or words; ↓ then Enter takes one, → shows the codes around it")],
  ["V", t("mark evidence by keyboard: arrows, Ctrl and Shift as in any text; Enter keeps, Backspace drops the last, Esc leaves")],
  ["I", t("notes on the code (includes, excludes, code also), and the codes around it")],
  ["Y", t("change to one of those: ↓ to it, then Enter; the code is rejected and the other added with its evidence")],
  [t("G, Shift G"), t("next or previous section of the note")], ["B", t("show the suggestions, where a first list is made without")],
  ["M", t("switch the method of evidence")],
  ["W", t("what if the selected words, or else the words shown, were not in the note: every score without them; W or Esc returns")],
  ["S", t("stop evidence that is being computed; S again begins it anew")],
  ["E", t("evidence for the code by every method side by side, in a new tab (audit page)")],
  ["L", t("switch the list: likely codes, or one that is to hold a share of the note's codes")],
  [t("[ and ]"), t("previous or next place of evidence")], ["N", t("next note that is not done")],
  ["F", t("finish the chart, or reopen it")], ["?", t("this list")], [t("Esc"), t("close, cancel, return to the real scores, forget the selected text")],
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
    parts.sub.textContent = [
      t(data.note.status), t("coder: {name}", { name: data.coder }),
      data.withheld ? t("model: its suggestions are not shown yet") : t("model: {name}", { name: data.model }),
      cut === null ? "" : t("it read {read} of {all} characters", { read: cut, all: this.starts.length - 1 }),
    ].filter(Boolean).join(" · ");
    const all = suggested.length;
    const progress = [
      nt("{decided} of {count} suggestion decided", "{decided} of {count} suggestions decided", all, { decided }),
      nt("{count} code accepted", "{count} codes accepted", accepted),
    ].join("; ");
    const fill = h("span", { class: "fill" });
    fill.style.setProperty("--share", String(all ? decided / all : 0));
    parts.progress.replaceChildren(
      h("span", { class: "progress-text", text: progress }),
      h("span", { class: "track", "aria-hidden": "true" }, fill),
      h("span", { class: "progress-saving", text: saving ? t("saving…") : t("all saved") }));
    const why = this.outbox.failures.get("") ?? data.problem ?? (this.heldBy() || null);
    parts.banner.textContent = why ?? (this.done() ? t("This chart is finished. Press F to reopen it, N for the next note.") : "");
    parts.banner.classList.toggle("is-calm", !why);
    parts.banner.hidden = parts.banner.textContent === "";
    const finish = this.root.querySelector("[data-do=finish]");
    finish.firstChild.textContent = `${this.done() ? t("Reopen chart") : t("Finish chart")} `;
  },

  drawMethods() {
    const { data, parts } = this;
    parts.methods.hidden = data.methods.length === 0;
    const offered = JSON.stringify(data.methods);
    if (parts.methods.dataset.of !== offered) {
      parts.methods.dataset.of = offered;
      parts.methods.replaceChildren(...data.methods.map(({ id, name, finds }) => button(name, {
        "data-method": id, title: t("Shows {finds}. Switch with M", { finds }), onclick: () => this.switchMethod(id),
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
      class: "place", title: t("Place {number}: strength {score}", { number: index + 1, score: score.toFixed(2) }), onclick: () => this.showPlace(index),
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
    const said = evidence ? this.said() ?? t("Checking how far this can be trusted…") : "";
    if (this.parts.said.textContent !== said) this.parts.said.textContent = said;
    this.parts.said.classList.toggle("is-waiting", Boolean(evidence) && this.said() === null);
    this.parts["what-if-of"].textContent = this.marks.length > 0 ? t("Without the selected") : t("Without these words");
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
    return [this.shownBy(row, evidence), worth].filter(Boolean).join(" ");
  },

  /* What a probability is worth: how often codes that got as much were right. */
  worth(probability) {
    const right = this.data.rightness;
    const tenth = Math.min(Math.floor(probability * right.length), right.length - 1);
    if (right.length === 0 || right[tenth] === null) return "";
    const [from, to] = [tenth, tenth + 1].map((edge) => (edge / right.length).toFixed(1));
    return t("Codes scored {from} to {to} were right {times} times in 100.", { from, to, times: Math.round(right[tenth] * 100) });
  },

  shownBy(row, evidence) {
    if (!row) return t("No code is selected.");
    const { code } = row;
    if (row.probability === null) return t("{code} was not suggested, so the model shows no evidence for it.", { code });
    if (!this.method) return t("There is no model at hand to show evidence.");
    const { name, finds } = this.called(this.method);
    const method = name.toLowerCase();
    if (!row.networked && !this.called(this.method).unranked) {
      return t("{code} is not among the network's codes, so there is no {method} for it; only phrases speak for it.", { code, method });
    }
    const failed = this.data.unexplained[this.method]?.[row.id];
    if (failed) return t("{method} could not be computed: {why}", { method: name, why: failed });
    if (this.stopped.has(`${this.method} ${row.id}`)) return t("{code}: {method} was stopped. S begins it anew.", { code, method });
    if (!evidence) return t("{code}: computing {method}… decisions go on meanwhile.", { code, method });
    const count = evidence.spans.length;
    const said = { code, places: count ? nt("{count} place", "{count} places", count) : t("no word stands out") };
    const contexts = row.contexts.length ? t("Spoken of as {contexts}.", { contexts: listing(row.contexts.map((each) => t(each))) }) : "";
    return [this.found(row, evidence, said, finds), contexts].filter(Boolean).join(" ");
  },

  /* What the marks in the note are, and by which method. */
  found(row, { delta }, said, finds) {
    if (this.used() !== this.method) {
      const method = this.called(this.used())?.name.toLowerCase() ?? this.used();
      return t("{code}: no phrase is known for it here; {method} instead: {places}.", { ...said, method });
    }
    const remembered = this.called(this.method).unranked;
    const meaning = t("{code}: {places}; {meaning}.", { ...said, meaning: (remembered && row.provenance) || finds });
    if (remembered || delta === null) return meaning;
    return [meaning, t("Convergence delta {delta} (near 0: the words add up to the score).", { delta: delta.toFixed(4) })].join(" ");
  },

  drawLists() {
    const { data, parts } = this;
    parts["list-head"].hidden = data.cuts.length === 0;
    if (data.cuts.length === 0) return;
    if (parts.coverages.dataset.of !== JSON.stringify(data.cuts)) {
      parts.coverages.dataset.of = JSON.stringify(data.cuts);
      const last = data.cuts.at(-1)[0];
      const offered = [[null, 0], ...data.cuts].map(([coverage, cut]) => button(
        listName(coverage, last),
        {
          "data-coverage": String(coverage), disabled: cut === null,
          title: cut === null ? t("No list of this model holds as much") : t("Switch with L"),
          "aria-label": coverage === null ? t("Likely codes") : t("A list of {share} of the note's codes", { share: percent(coverage) }),
          onclick: () => this.switchList(coverage),
        }));
      parts.coverages.replaceChildren(...offered);
    }
    for (const each of parts.coverages.children) {
      each.setAttribute("aria-pressed", String(each.dataset.coverage === String(this.coverage)));
    }
    const count = data.rows.filter((row) => row.probability !== null).length;
    const promise = data.coverage === null
      ? nt("{count} code: all likely ones, filled up with the next best. No share of the note's codes is promised.", "{count} codes: all likely ones, filled up with the next best. No share of the note's codes is promised.", count)
      : nt("{count} code, the shortest list expected to hold {share} of a note's codes, on average over notes like those the model learned from.", "{count} codes, the shortest list expected to hold {share} of a note's codes, on average over notes like those the model learned from.", count, { share: percent(data.coverage) });
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
      h("p", {}, h("strong", { text: t("Why is {code} wrong?", { code }) }), " ", h("span", { text: t("One key; Esc cancels.") })),
      ...this.data.reasons.map((reason, index) => button(t(reason), {
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
    const rows = [...keys(), ...chartKeys()].map(([key, what]) => h("tr", {}, h("td", {}, h("kbd", { text: key })), h("td", { text: what })));
    const close = button(t("Close"), { onclick: () => this.closeSheet() }, t("Esc"));
    this.showDialog("help", t("Keys"), h("table", {}, h("tbody", {}, ...rows)), h("div", { class: "dialog-buttons" }, close));
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

/** How a list to switch to is called; the last of them says of what it holds a share. */
function listName(coverage, last) {
  if (coverage === null) return t("Likely codes");
  return coverage === last ? t("{share} of the note's codes", { share: percent(coverage) }) : percent(coverage);
}
