/* Columns of passages. Text nodes only. */

const legendOf = (used) => [["marked", t("marked by the coder")], ["shown", t("shown as evidence")]].filter(([style]) => used.has(style));

/** What streamlit calls on mount and whenever the data changed. */
export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".quotes");
  if (!root || !data) return;
  speak(data.words);
  const used = new Set(data.columns.flatMap(({ passages }) => passages.flatMap(([, pieces]) => pieces.flatMap(([, styles]) => styles.split(" ")))));
  const legend = legendOf(used);
  root.replaceChildren(
    h("div", { class: "columns" }, ...data.columns.map((each) => column(each, data.language))),
    legend.length ? h("p", { class: "legend" }, ...legend.flatMap(([style, words]) => [h("span", { class: style, text: words }), " "])) : "");
}

function column({ name, state, icon, lines, passages, empty }, language) {
  const head = name || state
    ? h("header", {}, h("bdi", { class: "name", text: name }),
      state ? h("span", { class: "state" }, h("span", { class: "icon", "aria-hidden": "true", text: icon }), state) : null)
    : null;
  return h("section", { "aria-label": name || null }, head,
    ...lines.map((text) => h("p", { class: "line" }, h("bdi", { text }))),
    empty ? h("p", { class: "line empty", text: empty }) : null,
    passages.length ? h("div", { class: "text", dir: "auto", lang: language || null, tabindex: "0", role: "group", "aria-label": t("Text of the note") },
      ...passages.flatMap(passage)) : null);
}

function passage([skipped, pieces]) {
  const left = skipped ? [h("span", { class: "left-out", title: t("{count} characters left out", { count: skipped }), text: " … " })] : [];
  return [...left, ...pieces.map(([text, styles]) => styles ? h("span", { class: styles, text }) : document.createTextNode(text))];
}
