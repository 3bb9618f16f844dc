/* The panels: the same text in a column for each method, row by row. Text nodes only. */

const STATUS = {
  computing: () => t("computing…"), waiting: () => t("waiting for its turn"), stopped: () => t("stopped; not computed"),
  problem: () => t("nothing to show"),
};
const drawn = new WeakMap(); // root -> what it shows: the key of the code, and each part as JSON

/** What streamlit calls on mount and whenever the data changed. */
export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".audit");
  if (!root || !data) return;
  speak(data.words, root);
  const parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((each) => [each.dataset.part, each]));
  const { columns, rows, ...onRecord } = data; // its words are among them: all is drawn anew in another language
  const before = drawn.get(root) ?? {};
  const after = { key: data.key, record: JSON.stringify(onRecord), grid: JSON.stringify([columns, rows, data.words.language]) };
  if (after.record !== before.record) drawRecord(parts, data);
  if (after.grid !== before.grid) keepingPlace(parts.scroll, after.key === before.key, () => drawGrid(parts, data));
  drawn.set(root, after);
  keepBright(parentElement.host);
}

function drawGrid({ grid }, { columns, rows, language }) {
  grid.style.setProperty("--columns", String(columns.length));
  const show = (column, number) => showPlace(grid, column, number);
  grid.replaceChildren(
    ...columns.map(({ name, kind, state }) => h("h4", { class: `name is-${kind}` },
      h("bdi", { text: name }), STATUS[state] ? h("span", { class: `status is-${state}`, text: STATUS[state]() }) : null)),
    ...columns.map((column, index) => about(column, (number) => show(index, number))),
    ...rows.flatMap((row) => cells(row, columns, language)));
}

/* What a method says besides the text. Its height is fixed, so that nothing below moves. */
function about({ name, meta, settings, said = [], spans = null }, show) {
  const places = (spans ?? []).map(([words, score], index) => h("li", {},
    h("button", { type: "button", title: t("Show it in the text"), onclick: () => show(index + 1) }, h("bdi", { text: words })),
    h("span", { class: "score", text: score })));
  return h("div", { class: "about", tabindex: "0", role: "group", "aria-label": t("{name}: what it says", { name }) },
    ...said.filter(Boolean).map((text) => h("p", { class: "said" }, h("bdi", { text }))),
    places.length ? h("ol", {}, ...places) : spans ? h("p", { text: t("No word stands out.") }) : null,
    meta ? h("p", { class: "small" }, h("bdi", { text: meta })) : null,
    settings ? h("p", { class: "small", text: settings }) : null);
}

function cells({ at, skipped, cells: texts }, columns, language) {
  const found = [];
  if (skipped) found.push(h("p", { class: "skipped small", text: t("{count} characters left out", { count: skipped }) }));
  texts.forEach((pieces, column) => found.push(h("div", {
    class: "text", dir: "auto", lang: language, "data-at": column === 0 ? at : null, "data-column": column,
    role: "group", "aria-label": columns[column].name,
  }, ...pieces.map(piece))));
  return found;
}

function piece([text, styles, number]) {
  return styles ? h("span", { class: styles, text, "data-number": number || null }) : document.createTextNode(text);
}

function showPlace(grid, column, number) {
  for (const each of grid.querySelectorAll(".is-place")) each.classList.remove("is-place");
  const pieces = [...grid.querySelectorAll(`[data-column="${column}"] [data-number="${number}"]`)];
  for (const each of pieces) each.classList.add("is-place");
  pieces[0]?.scrollIntoView({ block: "center", inline: "nearest" }); // the page as well as the panels
}

/* More text may come in above what somebody reads: that stays where it is. */
function keepingPlace(scroll, same, draw) {
  const top = scroll.getBoundingClientRect().top;
  const rows = () => [...scroll.querySelectorAll("[data-at]")];
  const read = scroll.scrollTop > 0 ? rows().find((each) => each.getBoundingClientRect().bottom > top + 60) : null;
  const [at, away] = read ? [Number(read.dataset.at), read.getBoundingClientRect().top] : [0, 0];
  draw();
  if (!same) scroll.scrollTop = 0;
  if (!same || !read) return;
  const again = rows().findLast((each) => Number(each.dataset.at) <= at);
  if (again) scroll.scrollTop += again.getBoundingClientRect().top - away;
}
