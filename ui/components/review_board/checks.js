/* Findings: a shape and a word for how much each weighs, so that no colour is needed to read it. */

const SHAPES = { error: "✕", warning: "▲", info: "ℹ" };

/** "✕ Error" */
export function levelMark(level) {
  const word = { error: t("Error"), warning: t("Warning") }[level] ?? t("Note");
  return h("span", { class: `level is-${level}` }, h("span", { class: "shape", "aria-hidden": "true", text: SHAPES[level] ?? SHAPES.info }), word);
}

/** "1 error, 2 warnings", or that there is none. */
export function countFindings(findings) {
  const errors = findings.filter(({ level }) => level === "error").length;
  const others = findings.length - errors;
  if (findings.length === 0) return t("No finding");
  return [errors ? nt("{count} error", "{count} errors", errors) : "", others ? nt("{count} warning", "{count} warnings", others) : ""].filter(Boolean).join(", ");
}

/** Errors first; within a level what concerns the whole chart, then its codes, then what it may lack. */
export function inOrder({ findings, codes }) {
  const listed = new Set(codes.map(({ id }) => id));
  const concerns = ({ rows }) => (rows.length === 0 ? 0 : rows.some((row) => listed.has(row)) ? 1 : 2);
  const place = (finding) => (finding.level === "error" ? 0 : 3) + concerns(finding);
  return [...findings].sort((one, other) => place(one) - place(other));
}

/** One finding as a button that leads to where it can be mended. */
export function findingButton(finding, { go, unrelated = null }) {
  const act = h("button", {
    type: "button", class: `finding is-${finding.level}`, "data-rule": finding.rule, title: `${finding.name} (${finding.source})`, onclick: () => go(finding),
  }, levelMark(finding.level), h("span", { class: "finding-says", text: finding.says }), h("span", { class: "finding-to-do", text: finding.to_do }));
  if (!finding.pair || !unrelated) return h("li", {}, act);
  return h("li", {}, act, button(t("They are two unrelated conditions"), {
    class: "unrelated", title: t("Both may stand then (guideline I.A.12.a). Kept with your name; U takes it back"), onclick: () => unrelated(finding),
  }));
}

/** The heaviest level among the findings on a code, or null. */
export function worst(findings, row) {
  const levels = findings.filter(({ rows }) => rows.includes(row)).map(({ level }) => level);
  return ["error", "warning", "info"].find((level) => levels.includes(level)) ?? null;
}
