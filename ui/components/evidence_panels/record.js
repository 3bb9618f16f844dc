/* What is on record of a code: head, warnings, facts, decisions, agreement. Text nodes only. */

const STATES = { accept: "✓", add: "＋", reject: "✕", open: "○" };

function drawRecord(parts, data) {
  parts.head.replaceChildren(
    h("h2", {}, h("span", { class: "code", text: data.code }), h("span", { class: "title", text: data.title, dir: "auto" })),
    h("p", { class: `standing is-${data.decided}` },
      h("span", { class: "state-icon", "aria-hidden": "true", text: STATES[data.decided] ?? "○" }), h("bdi", { text: data.standing })),
    h("p", { class: "small" }, h("bdi", { text: [data.system, data.group, ...data.flags].filter(Boolean).join(" · ") })),
    h("p", { class: "small hash", text: data.note }));
  parts.warnings.replaceChildren(...data.warnings.map(([text, kind]) => h("p", { class: kind, text })));
  parts.facts.replaceChildren(
    h("thead", {}, h("tr", {}, h("td", {}), h("th", { scope: "col", text: data.then, dir: "auto" }), h("th", { scope: "col", text: t("Now") }))),
    h("tbody", {}, ...data.facts.map(fact)));
  parts.decisions.replaceChildren(...(data.decisions.length ? data.decisions.map(decision) : [h("li", { class: "small", text: t("None.") })]));
  drawAgreement(parts.agreement, data.agreement);
}

function fact([what, then, now, differs]) {
  const cells = [then, now].map((text) => h("td", { dir: "auto", text: text || "–" }));
  if (differs) cells[1].append(h("span", { class: "differs", text: t("differs") }));
  return h("tr", {}, h("th", { scope: "row", text: what }), ...cells);
}

function decision({ what, when, why, marks }) {
  const quotes = marks.map((mark) => h("q", {}, h("bdi", { text: mark })));
  return h("li", {},
    h("bdi", { class: "what", text: what }), h("span", { class: "small when", text: when }),
    why ? h("p", {}, h("bdi", { text: why })) : null,
    quotes.length ? h("p", {}, t("Marked: "), ...quotes) : null);
}

function drawAgreement(table, { across, lines }) {
  if (lines.length === 0) {
    table.replaceChildren(h("tbody", {}, h("tr", {}, h("td", { class: "small", text: t("There are no two methods to compare.") }))));
    return;
  }
  table.replaceChildren(
    h("thead", {}, h("tr", {}, h("td", {}), ...across.map((text) => h("th", { scope: "col", text })))),
    h("tbody", {}, ...lines.map(([one, ...cells]) => h("tr", {}, h("th", { scope: "row", text: one }), ...cells.map((text) => h("td", { text }))))));
}
