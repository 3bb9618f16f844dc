/* The right pane: codes under their categories. Rows are built once and then only updated. */

const STATES = {
  open: ["○", "Open"],
  accepted: ["✓", "Accepted"],
  rejected: ["✕", "Rejected"],
  added: ["+", "Added"],
};
const SOURCES = { network: "model", memory: "memory", "network and memory": "model and memory", coder: "coder" };
const CONTEXTS = { negated: "⊘", family: "⌂", historical: "↺", hypothetical: "?" };

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
      ["Likely", `at or above the model's threshold of ${share(data.threshold)}`, suggested.filter((row) => row.likely)],
      ["Less likely", "below the threshold; look before you pass them by", suggested.filter((row) => !row.likely)],
      ["Added", "by a coder; not on this list of suggestions", data.rows.filter((row) => row.probability === null)],
    ];
    this.order = [];
    const sections = parts.filter(([, , rows]) => rows.length > 0).map((part) => this.section(part, data));
    if (sections.length === 0) sections.push(h("p", { class: "empty", text: "No suggestions. Press / to add codes." }));
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
      h("span", { class: "category-title", text: members[0].group || "No category" }),
      h("span", { class: "category-code", text: category ? category.code : "" }),
      category && category.probability !== null
        ? this.score(category.id, category.probability, "category probability") : h("span", { class: "bar-none", text: category ? "not ranked" : "" }));
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
    const failure = h("div", { class: "failure", role: "alert", hidden: true });
    const buttons = {
      accept: button("✓", { class: "accept", title: "Accept (A)", "aria-label": `Accept ${row.code}`, onclick: act("accept") }),
      reject: button("✕", { class: "reject", title: "Reject (X)", "aria-label": `Reject ${row.code}`, onclick: act("reject") }),
      retract: button("↶", { class: "retract", title: "Take back the decision on this code", "aria-label": `Take back ${row.code}`, onclick: act("retract") }),
    };
    const element = h("div", { class: "row", role: "listitem", tabindex: "-1", "data-row": row.id, onclick: () => this.on("select", row.id) },
      icon,
      h("span", { class: "code", text: row.code }),
      h("span", { class: "title" }, row.title, ...row.contexts.map(contextLabel),
        ...row.flags.map((flag) => h("span", { class: "flag", text: flag }))),
      row.probability === null ? h("span", { class: "bar-none", text: "no score" }) : this.score(row.id, row.probability, "probability"),
      h("span", { class: "actions" }, buttons.accept, buttons.reject, buttons.retract),
      h("span", { class: "meta" }, state, saved,
        h("span", { class: "provenance", title: row.provenance || null, text: row.provenance }),
        source),
      failure);
    this.rows.set(row.id, { element, icon, state, saved, source, failure, buttons });
    return element;
  }

  update(row, { outbox, selected, done, supposed, threshold, cut }) {
    const parts = this.rows.get(row.id);
    const waiting = outbox.of(row.id);
    const state = waiting?.becomes ?? row.state;
    const [icon, text] = STATES[state];
    const reason = waiting ? waiting.intent.reason : row.reason;
    const why = outbox.failures.get(row.id) ?? "";
    parts.element.className = `row is-${state}${row.id === selected ? " is-selected" : ""}${waiting ? " is-saving" : ""}`;
    parts.element.tabIndex = row.id === selected ? 0 : -1;
    parts.element.setAttribute("aria-current", String(row.id === selected));
    const spoken = [`${row.code} ${row.title}`, ...row.contexts, row.provenance, text, reason];
    parts.element.setAttribute("aria-label", spoken.filter(Boolean).join(", "));
    parts.icon.textContent = icon;
    parts.state.textContent = reason ? `${text}: ${reason}` : text;
    const turned = turn(supposed?.[row.id], { threshold, cut });
    parts.source.textContent = turned || `${row.system} · source: ${SOURCES[row.source] ?? row.source}`;
    parts.source.classList.toggle("is-turn", turned !== "");
    parts.saved.textContent = waiting ? "saving…" : state === "open" ? "" : `saved · ${row.by}`;
    parts.failure.textContent = why && `Not saved: ${why}`;
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

  element(rowId) {
    return this.rows.get(rowId)?.element ?? null;
  }
}

/* A shape and a word, so that neither colour nor sight is needed to read it. */
function contextLabel(context) {
  return h("span", { class: "context", title: `The note speaks of it as ${context}` },
    h("span", { class: "context-shape", "aria-hidden": "true", text: CONTEXTS[context] ?? "•" }), context);
}

function bar(probability, meaning) {
  const fill = h("span", { class: "fill" });
  fill.style.setProperty("--share", String(probability));
  return h("span", { class: "bar", title: `${meaning} ${probability.toFixed(3)}` },
    h("span", { class: "track", "aria-hidden": "true" }, fill), h("span", { class: "number", text: share(probability) }));
}

/* "0.91 ↓ 0.12": an arrow and both numbers, so that no colour is needed to read it. */
function changed([before, after]) {
  const [was, is] = [share(before), after === null ? "none" : share(after)];
  const arrow = was === is ? "=" : (after ?? 0) < (before ?? 0) ? "↓" : "↑";
  const spoken = was === is ? `stays at ${was}` : `${arrow === "↓" ? "drops" : "rises"} from ${was} to ${is}`;
  return [h("span", { class: "visually-hidden", text: `What if: ${spoken}` }),
    h("span", { class: "was", "aria-hidden": "true", text: was }),
    h("span", { class: `arrow${was === is ? " is-same" : ""}`, "aria-hidden": "true", text: arrow }),
    h("span", { class: "number", "aria-hidden": "true", text: is })];
}

/* What a change means for the list: nothing, or one that is worth a word. */
function turn(pair, { threshold, cut }) {
  if (!pair) return "";
  const least = cut ?? threshold;
  const [was, is] = [(pair[0] ?? 0) >= least, (pair[1] ?? 0) >= least];
  if (was === is) return "";
  if (cut !== null) return is ? "would come onto the list" : "would leave the list";
  return is ? "would become likely" : "would no longer be likely";
}
