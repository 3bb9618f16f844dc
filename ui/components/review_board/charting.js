/* What a coder does with the chart as coded: order, principal, POA, comments, findings. Mixed into Board. */

const chartKeys = () => [
  [t("U, Shift U"), t("undo and redo go over decisions, order, POA and comments alike, as far back as you like")],
  ["O", t("the chart as coded, or the suggestions; what is selected stays")],
  ["Alt ↑ ↓", t("on the chart: move the code up or down in the order (or drag it)")],
  ["P", t("on the chart: make the code the principal diagnosis")],
  [t("D, then Y N U W 1"), t("on the chart: whether it was present on admission (POA); then the next diagnosis without one")],
  ["T", t("on the chart: comment on the code; Esc leaves the text, which saves itself")], [t("Shift T"), t("on the chart: comment on the whole chart")],
  ["Q", t("on the chart: the next finding of the checks; Enter goes to its code, Tab to what can be said of it")],
  [t("Delete"), t("on the chart: take the code off (take the decision back)")],
];

const charting = {
  /* What is typed leaves before the page does, or the page asks first. */
  listenToChart() {
    const leaving = (event) => { this.chart.flush(); if (this.outbox.pending.length > 0) event.preventDefault(); };
    window.addEventListener("beforeunload", leaving, { signal: this.gone.signal });
  },

  makeChart() {
    return new ChartPanel(this.parts.chart, {
      on: (what, row, value) => this.onChart(what, row, value),
      say: (code, text) => this.comment(code, text),
      leave: () => this.focusRow(),
      typed: () => this.drawHeader(),
      ask: () => { this.regroup(); this.focusRow(); },
    });
  },

  onChart(what, row, value) {
    if (what === "select") this.select(row);
    else if (what === "principal") this.makePrincipal(row);
    else if (what === "off") this.takeOff(row);
    else if (what === "poa") this.setPoa(row, value);
    else if (what === "comment") { this.select(row); this.chart.rows.get(row)?.comment.open(); }
    else if (what === "drag") this.dragged = row;
    else if (what === "drop") this.dropOn(row);
    else if (what === "finding") this.goTo(value);
    else if (what === "unrelated") this.setUnrelated([...this.data.chart.unrelated, value.slice(0, 2)]);
    else if (what === "related") this.setUnrelated(this.data.chart.unrelated.filter((pair) => JSON.stringify(pair) !== JSON.stringify(value)));
  },

  /* A detail is said like a decision is made: at once on the page, and kept until the server has it. */
  say(kind, key, name, fields, becomes) {
    const intent = {
      token: uuid(), kind, note: this.data.note.id, screen: this.data.screen, seen: this.data.sequence,
      seen_details: this.data.chart.sequence, ...fields,
    };
    this.outbox.add(intent, { row: key, name, becomes });
    this.tries = 0; // something new is sent at once, and again soon, however long the server was away
    this.tell();
    this.draw();
  },

  /* Undo or redo of the last thing done: a decision, or a detail. */
  retrace(kind, target) {
    const name = target.says || t("the decision on {code}", { code: target.row.split(" ").at(-1) });
    this.say(kind, target.row, name, {}, target.state ?? this.byId.get(target.row)?.state ?? "open");
    const row = this.byId.has(target.row) ? target.row : target.code;
    if (this.byId.has(row)) this.select(row);
  },

  reorder(ids) {
    if (this.done() || this.supposes()) return;
    this.say("order", "order", t("the order of the codes"), { codes: ids });
  },

  shift(step) {
    const ids = this.coded().map(({ id }) => id);
    const from = ids.indexOf(this.selected);
    const to = from + step;
    if (from < 0 || to < 0 || to >= ids.length) return;
    ids.splice(to, 0, ...ids.splice(from, 1));
    this.reorder(ids);
    this.announce(t("{code} is number {place} of {count}", { code: this.byId.get(this.selected).code, place: to + 1, count: ids.length }));
    this.focusRow();
  },

  dropOn(row) {
    const ids = this.coded().map(({ id }) => id);
    const [from, to] = [ids.indexOf(this.dragged), ids.indexOf(row)];
    this.dragged = null;
    if (from < 0 || to < 0 || from === to) return;
    ids.splice(to, 0, ...ids.splice(from, 1));
    this.reorder(ids);
  },

  makePrincipal(row = this.selected) {
    const codes = this.coded();
    const code = codes.find(({ id }) => id === row);
    if (!code || this.done()) return;
    if (!code.diagnosis) { this.announce(t("{code} is a procedure; only a diagnosis can be principal", { code: code.code })); return; }
    this.reorder([row, ...codes.map(({ id }) => id).filter((id) => id !== row)]);
    this.select(row);
    this.announce(t("{code} is the principal diagnosis", { code: code.code }));
  },

  /** Take the decision that put a code on the chart back; the code below it is selected. */
  takeOff(row = this.selected) {
    const ids = this.coded().map(({ id }) => id);
    const at = ids.indexOf(row);
    if (at < 0 || this.done() || this.supposes()) return;
    const next = ids[at + 1] ?? ids[at - 1] ?? row;
    this.decide("retract", row);
    this.select(next);
  },

  setPoa(row, value) {
    if (this.done() || this.supposes()) return;
    const code = this.coded().find(({ id }) => id === row);
    if (!code) return;
    this.select(row);
    const waiting = this.outbox.of(detailOf("poa", row));
    const now = waiting?.intent.kind === "poa" ? waiting.intent.value : code.poa;
    this.say("poa", detailOf("poa", row), t("the POA indicator of {code}", { code: code.code }), { system: code.system, code: code.code, value: now === value ? "" : value });
  },

  /** Ask for the indicator of the selected diagnosis; one key each, then on to the next that lacks one. */
  askPoa() {
    const code = this.coded().find(({ id }) => id === this.selected);
    if (!code || this.done() || this.supposes()) return;
    if (!code.diagnosis) { this.announce(t("{code} is a procedure and takes no POA indicator", { code: code.code })); return; }
    this.sheet = "poa";
    this.parts.poa.replaceChildren(
      h("p", {}, h("strong", { text: t("Was {code} present on admission?", { code: code.code }) }), " ",
        h("span", { text: t("One key, then the next diagnosis without one. Backspace leaves it blank, Esc ends.") })),
      ...this.data.chart.poa.map(([value, means]) => button(means, { class: "reason", "data-poa": value, onclick: () => this.givePoa(value) }, value)));
    this.parts.poa.hidden = false;
    this.parts.poa.querySelector("button").focus();
  },

  givePoa(value) {
    const row = this.selected;
    const codes = this.coded();
    const code = codes.find(({ id }) => id === row);
    this.closeSheet();
    if ((code?.poa ?? "") !== value) this.setPoa(row, value);
    const next = codes.slice(codes.findIndex(({ id }) => id === row) + 1).find((each) => each.diagnosis && !each.poa && !this.outbox.of(detailOf("poa", each.id)));
    if (!next) return;
    this.select(next.id);
    this.askPoa();
  },

  comment(code, text) {
    const key = code ? detailOf("comment", code.id) : "comment";
    const name = code ? t("the comment of {code}", { code: code.code }) : t("the comment");
    this.say("comment", key, name, { system: code?.system ?? null, code: code?.code ?? null, value: text });
  },

  writeComment(onChart) {
    if (this.done()) return;
    const row = this.chart.rows.get(this.selected);
    const box = onChart || !row ? this.chart.whole : row.comment;
    reveal(this.parts.chart, box.element);
    box.open();
  },

  setUnrelated(pairs) {
    if (this.done() || this.supposes()) return;
    this.say("unrelated", "unrelated", t("which codes are unrelated"), { pairs });
  },
};

const CHART_COMMANDS = {
  "Alt+ArrowUp": (board) => board.shift(-1),
  "Alt+ArrowDown": (board) => board.shift(1),
  p: (board) => board.makePrincipal(),
  d: (board) => board.askPoa(),
  t: (board) => board.writeComment(false),
  T: (board) => board.writeComment(true),
  q: (board) => board.nextFinding(),
  Delete: (board) => board.takeOff(),
};

/* The keys that mean something on the chart alone; whether it was one. */
function onChartKey(board, event) {
  const { key, altKey, shiftKey } = event;
  if (board.view !== "chart" || board.sheet !== null || event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing) return false;
  if (isTyping(event) || !board.root.isConnected || document.querySelector("[role=dialog]")) return false;
  const plain = key.length > 1 ? key : shiftKey ? key.toUpperCase() : key.toLowerCase();
  const act = CHART_COMMANDS[(altKey ? "Alt+" : "") + plain];
  if (!act) return false;
  event.preventDefault();
  event.stopPropagation();
  if (!event.repeat || altKey) act(board);
  return true;
}

/* In the chooser of POA: one key each. */
function poaKey(board, key) {
  if (key === "Backspace" || key === "Delete") return () => board.givePoa("");
  return /^[ynuw1]$/i.test(key) ? () => board.givePoa(key.toUpperCase()) : null;
}
