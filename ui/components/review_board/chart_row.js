/* One code on the chart: its place, whether it is principal, its POA indicator, findings, comments. */

export class ChartRow {
  /** `on(what, row, value)` is told of clicks: select, principal, off, poa, drag, drop. */
  constructor(code, poa, on, comment) {
    const act = (what, value) => (event) => { event.stopPropagation(); on(what, code.id, value); };
    const named = { code: code.code };
    this.id = code.id;
    this.place = h("span", { class: "place-number" });
    this.principal = h("span", { class: "principal", hidden: true, text: `★ ${t("Principal diagnosis")}` });
    this.make = button(t("Make principal"), { class: "make-principal quiet", title: t("Make it the principal diagnosis (P)"), "aria-label": t("Make {code} the principal diagnosis", named), onclick: act("principal") });
    this.off = button("↶", { class: "off", title: t("Take it off the chart (Delete)"), "aria-label": t("Take {code} off the chart", named), onclick: act("off") });
    this.says = button(t("Comment"), { class: "quiet", title: t("Comment on it (T)"), "aria-label": t("Comment on {code}", named), onclick: act("comment") });
    this.handle = h("span", { class: "handle", draggable: "true", title: t("Drag, or Alt ↑ ↓"), "aria-hidden": "true", text: "⠿" });
    this.values = poa.map(([value, means]) => button(value, { class: "poa-value", "data-poa": value, title: `${value}: ${means}`, "aria-label": t("POA of {code}: {value}, {means}", { ...named, value, means }), onclick: act("poa", value) }));
    this.indicator = h("div", { class: "poa", role: "group", "aria-label": t("Present on admission: {code}", named) },
      h("span", { class: "poa-name", title: t("Present on admission (D)"), text: "POA" }), ...this.values);
    this.findings = h("span", { class: "row-findings" });
    this.saving = h("span", { class: "soft saving" });
    this.failure = h("div", { class: "failure", role: "alert", hidden: true });
    this.comment = comment;
    this.element = h("div", { class: "chart-row", role: "listitem", tabindex: "-1", "data-row": code.id, onclick: () => on("select", code.id) },
      this.handle, this.place, h("span", { class: "code", text: code.code }),
      h("span", { class: "title" }, code.title, this.principal),
      h("span", { class: "actions" }, this.off),
      h("div", { class: "chart-meta" }, this.indicator, this.make, this.says, this.findings, this.saving),
      this.failure, comment.element);
    this.listen(on);
  }

  listen(on) {
    const { element } = this;
    this.handle.addEventListener("dragstart", (event) => {
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      event.dataTransfer.setDragImage(element, 12, 12);
      on("drag", this.id);
    });
    element.addEventListener("dragover", (event) => {
      event.preventDefault();
      element.classList.add("is-over");
    });
    element.addEventListener("dragleave", () => element.classList.remove("is-over"));
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      element.classList.remove("is-over");
      on("drop", this.id);
    });
  }

  /** Show how the code stands now. */
  draw(code, { place, principal, selected, done, poa, findings, pending, failure }) {
    const { element } = this;
    element.className = `chart-row${selected ? " is-selected" : ""}${principal ? " is-principal" : ""}`;
    element.tabIndex = selected ? 0 : -1;
    element.setAttribute("aria-current", String(selected));
    this.place.textContent = `${place}.`;
    this.principal.hidden = !principal;
    this.make.hidden = principal || !code.diagnosis;
    this.indicator.hidden = !code.diagnosis;
    for (const each of this.values) each.setAttribute("aria-pressed", String(each.dataset.poa === poa));
    for (const each of [this.make, this.off, ...this.values]) each.disabled = done;
    this.saving.textContent = pending ? t("saving…") : "";
    this.failure.textContent = failure ? t("Not saved: {why}", { why: failure }) : "";
    this.failure.hidden = !failure;
    const shown = JSON.stringify(findings.map(({ level, rule }) => [level, rule]));
    if (shown !== this.findings.dataset.of) {
      this.findings.dataset.of = shown;
      this.findings.replaceChildren(...findings.map(({ level, name, says }) => h("span", { class: "row-finding", title: says }, levelMark(level), h("span", { text: `: ${name}` }))));
    }
    const spoken = [`${place}. ${code.code} ${code.title}`, principal ? t("principal diagnosis") : "", poa ? `POA ${poa}` : "",
      ...findings.map(({ level, name }) => `${t(level)}: ${name}`)];
    element.setAttribute("aria-label", spoken.filter(Boolean).join(", "));
  }
}
