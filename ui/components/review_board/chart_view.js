/* How the board shows the chart as coded: which side is open, what stands, where to mend. Mixed into Board. */

const viewing = {
  /** Suggestions, or the chart; what is selected stays. */
  switchView(view = this.view === "chart" ? "list" : "chart") {
    this.endWhatIf();
    this.view = view;
    this.ask();
    this.draw();
    this.focusRow();
  },

  pane() { return this.view === "chart" ? this.chart : this.list; },

  /** The codes on the chart in their order, with what is on its way. */
  coded() {
    const { data } = this;
    const stands = (row) => ["accepted", "added"].includes(this.state(row));
    const known = new Map(data.chart.codes.map((code) => [code.id, code]));
    const rest = data.rows.filter((row) => !known.has(row.id)).map((row) => ({ ...row, poa: "", comments: [], diagnosis: !/PCS|procedure/i.test(row.system) }));
    const all = new Map([...data.chart.codes, ...rest].filter(({ id }) => stands(id)).map((code) => [code.id, code]));
    const waiting = this.outbox.of("order");
    const order = waiting?.intent.kind === "order" ? waiting.intent.codes : [];
    return [...order.filter((id) => all.has(id)), ...[...all.keys()].filter((id) => !order.includes(id))].map((id) => all.get(id));
  },

  principal(codes = this.coded()) {
    const waiting = this.outbox.of("order");
    if (waiting?.intent.kind === "order") return codes.find(({ diagnosis }) => diagnosis)?.id ?? null;
    return this.data.chart.principal;
  },

  /* Say what an undo or a redo concerned, once the server has kept it. */
  retraced(settled) {
    for (const { row, intent, name } of settled) {
      if (this.outbox.failures.get(row)) continue;
      this.undone = { undo: t("Undone: {name}", { name }), redo: t("Done again: {name}", { name }) }[intent.kind] ?? "";
      if (this.undone) this.announce(this.undone);
    }
  },

  /* The findings of a code beside it in the list of suggestions. */
  markList(codes) {
    const levels = new Map(codes.map(({ id }) => [id, worst(this.data.chart.findings, id)]));
    for (const { id } of this.data.rows) {
      const saved = this.list.element(id)?.querySelector(".saved");
      if (!saved) continue;
      const mark = saved.nextElementSibling?.matches(".finding-mark") ? saved.nextElementSibling : h("span", { class: "finding-mark" });
      if (!mark.isConnected) saved.after(mark);
      const level = levels.get(id) ?? "";
      if (mark.dataset.level === level) continue;
      mark.dataset.level = level;
      mark.replaceChildren(...(level ? [levelMark(level)] : []));
    }
  },

  /** Where a finding can be mended: its code on the chart, or a suggestion of its category. */
  goTo(finding) {
    const ids = new Set(this.coded().map(({ id }) => id));
    const row = finding.rows.find((each) => ids.has(each));
    const suggested = this.data.rows.find((each) => finding.rows.includes(each.category) || finding.rows.includes(each.id));
    this.closeSheet();
    if (row) { this.view = "chart"; this.select(row); }
    else if (suggested) { this.view = "list"; this.select(suggested.id); }
    else if (finding.rows.length === 0) this.switchView("chart");
    else this.parts.search.focus();
  },

  nextFinding() {
    const all = [...this.parts.chart.querySelectorAll(".finding")];
    if (all.length === 0) { this.announce(t("No finding")); return; }
    const at = all.indexOf(this.root.getRootNode().activeElement);
    const next = all[(at + 1) % all.length];
    reveal(this.parts.chart, next);
    next.focus({ preventScroll: true });
  },

  drawChart() {
    const { data, parts } = this;
    const codes = this.coded();
    const { findings } = data.chart;
    const onChart = this.view === "chart";
    parts.chart.hidden = !onChart;
    parts.list.hidden = onChart;
    if (onChart) parts["list-head"].hidden = true;
    for (const each of parts.views.querySelectorAll("[data-do]")) each.setAttribute("aria-pressed", String((each.dataset.do === "view-chart") === onChart));
    const errors = findings.filter(({ level }) => level === "error").length;
    parts["chart-count"].textContent = t("On the chart ({count})", { count: codes.length });
    parts["chart-errors"].replaceChildren(...(findings.length ? [levelMark(errors ? "error" : "warning"), ` ${errors || findings.length}`] : []));
    parts.undone.textContent = this.undone ?? "";
    const selected = this.byId.get(this.selected);
    this.chart.draw({
      codes, findings, outbox: this.outbox, principal: this.principal(codes), selected: this.selected, done: this.done(),
      poa: data.chart.poa, comments: data.chart.comments, unrelated: data.chart.unrelated, names: (id) => this.byId.get(id)?.code ?? id.split(" ").at(-1),
      groups: {
        patient: data.chart.patient, answer: onChart ? this.groups() : null, asked: onChart ? this.groupsAsked() : null,
        selected: selected ? { id: selected.id, code: selected.code, onChart: codes.some(({ id }) => id === selected.id) } : null,
      },
    });
    this.markList(codes);
    if (this.sheet === "finish") this.drawFinish();
  },
};
