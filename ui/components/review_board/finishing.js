/* Before a chart is finished: a pause of thought, and what the checks find. Mixed into Board. */

const MENDS = 4; // findings named in the dialog, if fewer are errors

const finishing = {
  askFinish() {
    this.chart.flush();
    const close = () => this.closeSheet();
    this.finishParts = {
      findings: h("div", { class: "finish-findings" }),
      counts: h("p", {}),
      left: h("p", {}),
      finish: button(t("Finish the chart"), { class: "primary", onclick: () => { close(); this.intend("finish", {}); } }, t("Enter")),
    };
    const { findings, counts, left, finish } = this.finishParts;
    this.showDialog("finish", t("What did the list miss?"),
      h("p", { text: t("Read the note once more. A list of suggestions makes it easy to stop looking: add what it left out with / before you finish.") }),
      counts, left, findings,
      h("div", { class: "dialog-buttons" }, finish, button(t("Add a code"), { onclick: () => this.addInstead() }, "/"), button(t("Go on reviewing"), { onclick: close }, t("Esc"))));
    this.drawFinish();
    (finish.disabled ? findings.querySelector("button") : finish).focus();
  },

  drawFinish() {
    const { findings, counts, left, finish } = this.finishParts;
    const open = this.data.rows.filter((row) => this.state(row.id) === "open").length;
    const codes = this.coded();
    counts.textContent = codes.length ? t("On the chart: {codes}.", { codes: codes.map((code) => code.code).join(", ") }) : t("No code is on the chart.");
    left.textContent = nt("{count} suggestion undecided. It stays undecided; nothing is accepted for you.", "{count} suggestions undecided. They stay undecided; nothing is accepted for you.", open);
    finish.disabled = this.data.chart.blocks;
    const found = JSON.stringify(this.data.chart.findings);
    if (findings.dataset.of === found) return;
    findings.dataset.of = found;
    const held = findings.contains(this.root.getRootNode().activeElement);
    findings.replaceChildren(...this.findingsOf(this.data.chart));
    if (held) (finish.disabled ? findings.querySelector("button") : finish).focus();
  },

  /* Errors all, of the rest a few; each leads to where it is mended. */
  findingsOf(chart) {
    if (chart.findings.length === 0) return [h("p", { text: t("The checks find nothing wrong.") })];
    const errors = chart.findings.filter(({ level }) => level === "error");
    const shown = inOrder({ findings: chart.findings, codes: chart.codes }).slice(0, Math.max(errors.length, MENDS));
    const more = chart.findings.length - shown.length;
    return [
      h("p", {}, h("strong", { text: `${countFindings(chart.findings)}.` }), " ",
        errors.length ? t("Errors must be mended before the chart can be finished; Enter goes to the code.") : t("Warnings never keep you from finishing.")),
      h("ul", {}, ...shown.map((finding) => findingButton(finding, { go: (each) => this.goTo(each) }))),
      more > 0 ? h("p", { text: nt("{count} more warning on the chart.", "{count} more warnings on the chart.", more) }) : null,
    ].filter(Boolean);
  },

  addInstead() {
    this.closeSheet();
    this.parts.search.focus();
  },
};
