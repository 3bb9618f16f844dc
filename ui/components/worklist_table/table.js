/* The worklist: a row for each coding to do. Text nodes only; the server filters, sorts and pages. */

const STATES = new WeakMap(); // root -> { marked, focused, shown, last }
const SHAPES = {
  status: { new: "○", "in progress": "◐", done: "●" },
  priority: { urgent: "▲▲", high: "▲", normal: "·", low: "▽" },
};

/** What streamlit calls on mount and whenever the data changed. */
export default function mount({ data, parentElement, setTriggerValue, setStateValue }) {
  const root = parentElement.querySelector(".worklist");
  if (!root || !data) return;
  const state = STATES.get(root) ?? { marked: new Map(), focused: null, shown: null, last: null };
  STATES.set(root, state);
  state.open = (row) => setTriggerValue("open", [row.note, row.pass]);
  state.tell = () => setStateValue("marked", [...state.marked.values()]);
  state.turn = (page) => setStateValue("page", page);
  keepBright(parentElement.host);
  const shown = JSON.stringify(data);
  if (shown === state.shown) return;
  state.shown = shown;
  draw(root, data, state);
}

function draw(root, data, state) {
  const part = (name) => root.querySelector(`[data-part="${name}"]`);
  const scroll = root.querySelector(".scroll");
  const [top, focused] = [scroll.scrollTop, root.getRootNode().activeElement];
  const turned = state.page !== data.page;
  state.page = data.page;
  part("head").replaceChildren(...head(root, data, state));
  part("body").replaceChildren(...data.rows.map((row) => line(root, row, data, state)));
  pages(part("pages"), data, state);
  scroll.scrollTop = turned ? 0 : top;
  const buttons = [...root.querySelectorAll("button.open")];
  const here = buttons.find((each) => each.dataset.key === state.focused) ?? buttons[0];
  if (here) here.tabIndex = 0;
  if (here && (focused?.matches?.("button.open") || (focused && !focused.isConnected))) here.focus({ preventScroll: !turned });
  showMarks(root, state);
}

const keyOf = (row) => `${row.note} ${row.pass}`;

function head(root, { words, columns, rows }, state) {
  const all = h("input", { type: "checkbox", "aria-label": words.mark_all, title: words.mark_all, "data-all": "" });
  all.addEventListener("change", () => {
    for (const row of rows) mark(row, all.checked, state);
    showMarks(root, state);
    state.tell();
  });
  return columns.map((column) => (column === "mark" ? h("th", { class: "mark" }, all) : h("th", { scope: "col", text: words[column] })));
}

function line(root, row, data, state) {
  const cells = { mark: () => markCell(root, row, data, state), name: () => nameCell(root, row, data, state), ...CELLS };
  const taken = row.has && !row.mine ? "is-taken" : null;
  const tr = h("tr", { class: taken, "data-key": keyOf(row), onclick: () => state.open(row) });
  tr.append(...data.columns.map((column) => cells[column](row, data)));
  return tr;
}

function markCell(root, row, { words, rows }, state) {
  const box = h("input", { type: "checkbox", tabindex: "-1", "aria-label": `${words.mark}: ${row.name}` });
  const cell = h("td", { class: "mark" }, box);
  cell.addEventListener("click", (event) => {
    event.stopPropagation();
    if (event.target !== box) box.checked = !box.checked;
    markTo(root, row, box.checked, event.shiftKey, rows, state);
  });
  return cell;
}

function nameCell(root, row, data, state) {
  const button = h("button", { type: "button", class: "open", tabindex: "-1", "data-key": keyOf(row), title: row.name }, h("bdi", { text: row.name }));
  button.addEventListener("focus", () => { state.focused = keyOf(row); });
  button.addEventListener("keydown", (event) => onKey(event, root, row, data, state));
  return h("td", { class: "name" }, button);
}

const CELLS = {
  status: (row, { words }) => shaped("status", row.status, words),
  priority: (row, { words }) => shaped("priority", row.priority, words),
  teaches: (row) => h("td", { class: "teaches", text: row.teaches }),
  coding: (row, { words }) => h("td", { text: words[row.pass] }),
  assigned: (row, { words }) => h("td", {}, person(row.assigned, row.assigned_me, words)),
  has: (row, data) => h("td", {}, person(row.has, row.mine, data.words), row.has ? h("span", { class: "quiet", text: `  ${data.words.since} ${when(row.since, data.language)}` }) : null),
  decided: (row, { words }) => h("td", { title: words.decided_long }, ...[["✓", row.accepted], ["+", row.added], ["✕", row.rejected]].map(([shape, count]) =>
    h("span", { class: count ? "count" : "count is-none", text: `${shape} ${count}` }))),
  changed: (row, { language }) => h("td", { text: when(row.changed, language) }),
};

function shaped(kind, value, words) {
  return h("td", { class: `is-${value.replace(" ", "-")}` }, h("span", { class: "shape", "aria-hidden": "true", text: SHAPES[kind][value] }), words[value]);
}

function person(name, me, words) {
  if (!name) return null;
  return me ? h("span", { class: "is-mine", text: words.you }) : h("bdi", { text: name });
}

/** The time of day, or before today the day as well; where the browser is. */
function when(iso, language) {
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  const time = { hour: "2-digit", minute: "2-digit", hour12: false };
  return at.toLocaleString(language, today ? time : { year: "numeric", month: "short", day: "numeric", ...time });
}

function onKey(event, root, row, { rows, columns }, state) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const buttons = [...root.querySelectorAll("button.open")];
  const at = buttons.findIndex((each) => each.dataset.key === keyOf(row));
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1, PageDown: at + 10, PageUp: at - 10 }[event.key];
  if (to !== undefined) focusOn(buttons, Math.max(0, Math.min(buttons.length - 1, to)));
  else if (event.key === " " && columns.includes("mark")) markTo(root, row, !state.marked.has(keyOf(row)), event.shiftKey, rows, state);
  else if (event.key === "Enter") state.open(row);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function focusOn(buttons, at) {
  for (const each of buttons) each.tabIndex = -1;
  buttons[at].tabIndex = 0;
  buttons[at].focus();
  buttons[at].closest("tr").scrollIntoView({ block: "nearest" });
}

/** Mark a row; with Shift all from the one marked last, too. */
function markTo(root, row, on, far, rows, state) {
  const place = (key) => rows.findIndex((each) => keyOf(each) === key);
  const [from, to] = [far && state.last !== null ? place(state.last) : -1, place(keyOf(row))].sort((a, b) => a - b);
  const those = from >= 0 ? rows.slice(from, to + 1) : [row];
  for (const each of those) mark(each, on, state);
  state.last = keyOf(row);
  showMarks(root, state);
  state.tell();
}

function mark(row, on, state) {
  if (on) state.marked.set(keyOf(row), [row.note, row.pass]);
  else state.marked.delete(keyOf(row));
}

function showMarks(root, state) {
  const lines = [...root.querySelectorAll("tbody tr")];
  for (const tr of lines) {
    const on = state.marked.has(tr.dataset.key);
    tr.classList.toggle("is-marked", on);
    const box = tr.querySelector("td.mark input");
    if (box) box.checked = on;
  }
  const all = root.querySelector("[data-all]");
  if (!all) return;
  const on = lines.filter((tr) => tr.classList.contains("is-marked")).length;
  all.checked = lines.length > 0 && on === lines.length;
  all.indeterminate = on > 0 && on < lines.length;
}

function pages(place, { words, page, pages: count, summary }, state) {
  place.hidden = count < 2;
  place.replaceChildren(
    h("span", { class: "quiet", text: summary }),
    h("button", { type: "button", disabled: page === 0, text: words.before, onclick: () => state.turn(page - 1) }),
    h("button", { type: "button", disabled: page >= count - 1, text: words.after, onclick: () => state.turn(page + 1) }));
}
