/* The right pane: codes under their categories. Rows are built once and then only updated. */

const states = () => ({
  open: ["○", t("Open")],
  accepted: ["✓", t("Accepted")],
  rejected: ["✕", t("Rejected")],
  added: ["+", t("Added")],
});
const CONTEXTS = { negated: "⊘", family: "⌂", historical: "↺", hypothetical: "?" };

/** What proposed a code, as a coder calls it. */
function sourceName(source) {
  return { network: t("model"), memory: t("memory"), "network and memory": t("model and memory"), coder: t("coder") }[source] ?? source;
}

/** The list of codes. `on(what, rowId)` is told of clicks: select, accept, reject, retract. */
export class CodeList {
  constructor(container, on) {
    this.container = container;
    this.on = on;
    this.rows = new Map();
    this.shape = "";
  }

  /** Show these rows; the tree is rebuilt only if their set or grouping changed. */
  draw(data, view) {
    const shape = JSON.stringify([data.key, data.rows.map((row) => [row.id, row.group])]);
    const rebuild = shape !== this.shape;
    const place = rebuild && this.note === data.note.id ? this.place(view.selected) : null;
    if (rebuild) this.build(data);
    this.shape = shape;
    this.note = data.note.id;
    for (const row of data.rows) this.update(row, view);
    for (const score of this.scores) score.show(view.supposed?.[score.id] ?? null);
    if (place) this.restore(place, view.selected);
  }

  /** Where a row stands in the frame, and whether the list has the focus. */
  place(rowId) {
    const element = this.element(rowId);
    const focused = this.container.contains(this.container.getRootNode().activeElement);
    return element && { top: element.getBoundingClientRect().top, focused };
  }

  restore({ top, focused }, rowId) {
    const element = this.element(rowId);
    if (!element) return;
    this.container.scrollTop += element.getBoundingClientRect().top - top;
    if (focused) element.focus({ preventScroll: true });
  }

  build(data) {
    this.rows.clear();
    this.scores = [];
    const suggested = data.rows.filter((row) => row.probability !== null);
    const parts = [
      [t("Likely"), t("at or above the model's threshold of {threshold}", { threshold: share(data.threshold) }), suggested.filter((row) => row.likely)],
      [t("Less likely"), t("below the threshold; look before you pass them by"), suggested.filter((row) => !row.likely)],
      [t("Added"), t("by a coder; not on this list of suggestions"), data.rows.filter((row) => row.probability === null)],
    ];
    this.order = [];
    const sections = parts.filter(([, , rows]) => rows.length > 0).map((part) => this.section(part, data));
    if (sections.length === 0) sections.push(h("p", { class: "empty", text: t("No suggestions. Press / to add codes.") }));
    this.container.replaceChildren(...sections);
  }

  section([title, meaning, rows], data) {
    const groups = new Map();
    for (const row of rows) {
      const name = row.category ?? row.group;
      groups.set(name, [...(groups.get(name) ?? []), row]);
    }
    const section = h("section", { "aria-label": `${title}: ${meaning}` },
      h("h3", {}, title, h("span", { class: "meaning", text: ` ${meaning}` })));
    for (const [name, members] of groups) section.append(this.group(data.categories[name], members));
    return section;
  }

  group(category, members) {
    const head = h("div", { class: "category", title: category ? `${category.id}: ${category.title}` : null },
      h("span", { class: "category-title", text: members[0].group || t("No category") }),
      h("span", { class: "category-code", text: category ? category.code : "" }),
      category && category.probability !== null
        ? this.score(category.id, category.probability, t("category probability")) : h("span", { class: "bar-none", text: category ? t("not ranked") : "" }));
    const list = h("div", { role: "list", class: "codes" });
    for (const row of members) {
      this.order.push(row.id);
      list.append(this.row(row));
    }
    return h("div", { class: "group" }, head, list);
  }

  row(row) {
    const act = (what) => (event) => { event.stopPropagation(); this.on(what, row.id); };
    const icon = h("span", { class: "state-icon", "aria-hidden": "true" });
    const state = h("span", { class: "state-text" });
    const saved = h("span", { class: "saved" });
    const source = h("span", { class: "source" });
    const snippet = h("span", { class: "snippet" });
    const failure = h("div", { class: "failure", role: "alert", hidden: true });
    const named = { code: row.code };
    const buttons = {
      accept: button("✓", { class: "accept", title: t("Accept (A)"), "aria-label": t("Accept {code}", named), onclick: act("accept") }),
      reject: button("✕", { class: "reject", title: t("Reject (X)"), "aria-label": t("Reject {code}", named), onclick: act("reject") }),
      retract: button("↶", { class: "retract", title: t("Take back the decision on this code"), "aria-label": t("Take back {code}", named), onclick: act("retract") }),
    };
    const element = h("div", { class: "row", role: "listitem", tabindex: "-1", "data-row": row.id, onclick: () => this.on("select", row.id) },
      icon,
      h("span", { class: "code", text: row.code }),
      h("span", { class: "title" }, row.title, ...row.contexts.map(contextLabel),
        ...row.flags.map((flag) => h("span", { class: "flag", text: flag }))),
      row.probability === null ? h("span", { class: "bar-none", text: t("no score") }) : this.score(row.id, row.probability, t("probability")),
      h("span", { class: "actions" }, buttons.accept, buttons.reject, buttons.retract),
      snippet,
      h("span", { class: "meta" }, state, saved,
        h("span", { class: "provenance", title: row.provenance || null, text: row.provenance }),
        source),
      failure);
    this.rows.set(row.id, { element, icon, state, saved, source, snippet, failure, buttons });
    return element;
  }

  update(row, { outbox, selected, done, supposed, threshold, cut, snippet }) {
    const parts = this.rows.get(row.id);
    const waiting = outbox.of(row.id);
    const state = waiting?.becomes ?? row.state;
    const [icon, text] = states()[state];
    const given = waiting ? waiting.intent.reason : row.reason;
    const reason = given && t(given);
    const why = outbox.failures.get(row.id) ?? "";
    parts.element.className = `row is-${state}${row.id === selected ? " is-selected" : ""}${waiting ? " is-saving" : ""}`;
    parts.element.tabIndex = row.id === selected ? 0 : -1;
    parts.element.setAttribute("aria-current", String(row.id === selected));
    const spoken = [`${row.code} ${row.title}`, ...row.contexts.map((each) => t(each)), row.provenance, text, reason];
    parts.element.setAttribute("aria-label", spoken.filter(Boolean).join(", "));
    parts.icon.textContent = icon;
    drawSnippet(parts.snippet, snippet(row));
    parts.state.textContent = reason ? `${text}: ${reason}` : text;
    const turned = turnWord(turn(supposed?.[row.id], { threshold, cut }));
    parts.source.textContent = turned || [row.system, t("source: {source}", { source: sourceName(row.source) })].join(" · ");
    parts.source.classList.toggle("is-turn", turned !== "");
    parts.saved.textContent = waiting ? t("saving…") : state === "open" ? "" : `${t("saved")} · ${row.by}`;
    parts.failure.textContent = why && t("Not saved: {why}", { why });
    parts.failure.hidden = !why;
    parts.buttons.accept.hidden = state === "accepted" || state === "added";
    parts.buttons.reject.hidden = state === "rejected" || state === "added";
    parts.buttons.retract.hidden = state === "open";
    for (const each of Object.values(parts.buttons)) each.disabled = done;
  }

  /* A probability, and in its place what it would be without some words. */
  score(id, probability, meaning) {
    const change = h("span", { class: "change", hidden: true });
    const score = h("span", { class: "score" }, bar(probability, meaning), change);
    const show = (pair) => {
      score.classList.toggle("is-supposed", pair !== null);
      change.hidden = pair === null;
      if (pair) change.replaceChildren(...changed(pair));
    };
    this.scores.push({ id, show });
    return score;
  }

  /** The rows that are on screen now. */
  inSight() {
    const { top, bottom } = this.container.getBoundingClientRect();
    return (this.order ?? []).filter((id) => {
      const box = this.element(id).getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    });
  }

  element(rowId) {
    return this.rows.get(rowId)?.element ?? null;
  }
}

/* A shape and a word, so that neither colour nor sight is needed to read it. */
function contextLabel(context) {
  return h("span", { class: "context", title: t("The note speaks of it as {context}", { context: t(context) }) },
    h("span", { class: "context-shape", "aria-hidden": "true", text: CONTEXTS[context] ?? "•" }), t(context));
}

function bar(probability, meaning) {
  const fill = h("span", { class: "fill" });
  fill.style.setProperty("--share", String(probability));
  return h("span", { class: "bar", title: `${meaning} ${probability.toFixed(3)}` },
    h("span", { class: "track", "aria-hidden": "true" }, fill), h("span", { class: "number", text: share(probability) }));
}

/* "0.91 ↓ 0.12": an arrow and both numbers, so that no colour is needed to read it. */
function changed([before, after]) {
  const [was, is] = [share(before), after === null ? t("none") : share(after)];
  const arrow = was === is ? "=" : (after ?? 0) < (before ?? 0) ? "↓" : "↑";
  const spoken = { "=": t("What if: stays at {was}", { was }), "↓": t("What if: drops from {was} to {is}", { was, is }), "↑": t("What if: rises from {was} to {is}", { was, is }) }[arrow];
  return [h("span", { class: "visually-hidden", text: spoken }),
    h("span", { class: "was", "aria-hidden": "true", text: was }),
    h("span", { class: `arrow${was === is ? " is-same" : ""}`, "aria-hidden": "true", text: arrow }),
    h("span", { class: "number", "aria-hidden": "true", text: is })];
}

/* What a change means for the list: which side of its edge a code gets to, or nothing. */
function turn(pair, { threshold, cut }) {
  if (!pair) return "";
  const least = cut ?? threshold;
  const [was, is] = [(pair[0] ?? 0) >= least, (pair[1] ?? 0) >= least];
  if (was === is) return "";
  return cut !== null ? (is ? "enters" : "leaves") : is ? "likely" : "unlikely";
}

function turnWord(how) {
  return {
    "": "", enters: t("would come onto the list"), leaves: t("would leave the list"),
    likely: t("would become likely"), unlikely: t("would no longer be likely"),
  }[how];
}

/* The same of several codes, said before their numbers. */
function turnOf(count, how) {
  return {
    enters: nt("{count} code would come onto the list:", "{count} codes would come onto the list:", count),
    leaves: nt("{count} code would leave the list:", "{count} codes would leave the list:", count),
    likely: nt("{count} code would become likely:", "{count} codes would become likely:", count),
    unlikely: nt("{count} code would no longer be likely:", "{count} codes would no longer be likely:", count),
  }[how];
}
