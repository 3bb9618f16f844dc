/* The right pane's other side: the codes on the chart in their order, what is wrong, what it groups to. */

export class ChartPanel {
  /** `on(what, row, value)` is told what the coder does; `say(code, text)` keeps a comment. */
  constructor(container, { on, say, leave, typed, ask }) {
    Object.assign(this, { container, on, say, leave, typed });
    this.rows = new Map();
    this.order = [];
    this.whole = this.box(null, t("Comment on the whole chart  ( Shift T )"));
    this.whole.always = true;
    this.findings = h("section", { class: "findings", "aria-label": t("What the checks find") });
    this.codes = h("div", { class: "chart-codes", role: "list", "aria-label": t("Codes on the chart, in their order") });
    this.empty = h("p", { class: "empty", text: t("No code is on the chart yet. Press O for the suggestions and A to accept one, or / to add a code.") });
    this.groups = new GroupsBox(ask);
    container.replaceChildren(this.findings, h("section", {}, h("h3", {}, t("Codes in their order"),
      h("span", { class: "meaning" }, " ", t("the first diagnosis of an order you give is the principal one"))), this.codes, this.empty),
    h("section", { class: "on-chart" }, h("h3", { text: t("Comment on the chart") }), this.whole.element), this.groups.element);
  }

  box(code, label) {
    return new CommentBox({ label, save: (text) => this.say(code, text), leave: this.leave, typed: this.typed });
  }

  boxes() { return [this.whole, ...[...this.rows.values()].map(({ comment }) => comment)]; }

  /** How many comments are typed and not on their way yet. */
  unsaved() { return this.boxes().filter(({ dirty }) => dirty).length; }

  flush() { for (const box of this.boxes()) box.flush(); }

  /** Another note: nothing of the one before stays. */
  open() {
    this.rows.clear();
    this.codes.replaceChildren();
    this.groups.forget();
    this.listed = null;
    this.whole.dirty = false;
    this.whole.failure = null;
  }

  element(row) { return this.rows.get(row)?.element ?? null; }

  /** Show these codes, in this order. Rows stay themselves, with what is being typed in them. */
  draw(view) {
    const { codes, outbox } = view;
    this.order = codes.map(({ id }) => id);
    for (const code of codes) if (!this.rows.has(code.id)) this.add(code, view.poa);
    for (const id of [...this.rows.keys()]) if (!this.order.includes(id) && !this.rows.get(id).comment.editing()) this.remove(id);
    this.arrange();
    codes.forEach((code, index) => this.update(code, index + 1, view));
    this.whole.draw({ comments: view.comments, done: view.done, ...standing(outbox, "comment") });
    this.empty.hidden = codes.length > 0;
    this.drawFindings(view);
    this.groups.draw(view.groups);
  }

  add(code, poa) {
    const comment = this.box(code, t("Comment on {code}", { code: code.code }));
    this.rows.set(code.id, new ChartRow(code, poa, this.on, comment));
  }

  remove(id) {
    this.rows.get(id).comment.flush();
    this.rows.delete(id);
  }

  /* Moving an element takes its focus away, so it is given back. */
  arrange() {
    const wanted = [...this.order, ...[...this.rows.keys()].filter((id) => !this.order.includes(id))].map((id) => this.rows.get(id).element);
    if (wanted.length === this.codes.children.length && wanted.every((each, index) => each === this.codes.children[index])) return;
    const focused = this.container.getRootNode().activeElement;
    const inside = focused && this.codes.contains(focused);
    this.codes.replaceChildren(...wanted);
    if (inside && focused.isConnected) focused.focus({ preventScroll: true });
  }

  update(code, place, view) {
    const row = this.rows.get(code.id);
    const poa = standing(view.outbox, detailOf("poa", code.id));
    row.draw(code, {
      place, principal: code.id === view.principal, selected: code.id === view.selected, done: view.done,
      poa: poa.value ?? code.poa, findings: view.findings.filter(({ rows }) => rows.includes(code.id)),
      pending: poa.pending || Boolean(view.outbox.of(code.id)), failure: poa.failure ?? view.outbox.failures.get(code.id),
    });
    row.comment.draw({ comments: code.comments, done: view.done, ...standing(view.outbox, detailOf("comment", code.id)) });
  }

  drawFindings({ findings, codes, unrelated, done, names }) {
    const shown = JSON.stringify([findings, unrelated, done, this.order]);
    if (shown === this.listed) return;
    this.listed = shown;
    const go = (finding) => this.on("finding", finding.rows[0] ?? null, finding);
    const part = done ? null : (finding) => this.on("unrelated", null, finding.rows);
    const items = inOrder({ findings, codes }).map((finding) => findingButton(finding, { go, unrelated: part }));
    const apart = unrelated.map((pair) => h("li", { class: "apart" },
      h("span", { text: t("{one} and {other} are marked as two unrelated conditions.", { one: names(pair[0]), other: names(pair[1]) }) }),
      button(t("They are related"), { class: "quiet", disabled: done, onclick: () => this.on("related", null, pair) })));
    const focused = [...this.findings.querySelectorAll("button")].indexOf(this.container.getRootNode().activeElement);
    this.findings.replaceChildren(h("h3", {}, t("Checks"), h("span", { class: "meaning" }, " ", t("{findings}; errors keep the chart from being finished", { findings: countFindings(findings) }))),
      h("ul", { tabindex: "-1" }, ...items, ...apart, items.length + apart.length === 0 ? h("li", { class: "empty", text: t("The checks find nothing wrong.") }) : null));
    if (focused >= 0) [...this.findings.querySelectorAll("button")][focused]?.focus({ preventScroll: true });
  }
}

/** How one detail stands in the outbox: whether it is on its way, its value there, and why it failed. */
function standing(outbox, key) {
  const waiting = outbox.of(key);
  const steps = waiting && ["undo", "redo"].includes(waiting.intent.kind);
  return { pending: Boolean(waiting), value: waiting && !steps ? waiting.intent.value : undefined, failure: outbox.failures.get(key) ?? null };
}
