/* Notes on the selected code, and the codes to choose instead of it. Mixed into Board.

   The panel stays open from code to code. What the server said of a code is kept: tables do not change. */

const choiceGroups = () => [["children", t("More specific")], ["siblings", t("Under the same heading")]];

const aboutCodes = {
  toggleAbout(open = this.parts.about.hidden) {
    this.parts.about.hidden = !open;
    this.choice = null;
    this.askAbout();
    this.drawAbout();
    this.focusRow();
  },

  askAbout() {
    this.rested = true;
    if (this.want()) this.tell();
  },

  /** The code whose notes the server is asked for; null: none, or they are here. */
  unknown() {
    return this.rested && this.selected && !this.parts.about.hidden && !this.abouts.has(this.selected) ? this.selected : null;
  },

  receiveAbout(about) { if (about) this.abouts.set(about.id, about); },

  drawAbout() {
    const part = this.parts.about;
    if (part.hidden) return;
    const row = this.byId.get(this.selected);
    const about = this.abouts.get(this.selected);
    const shown = `${this.selected} ${Boolean(about)}`;
    if (part.dataset.of !== shown) {
      part.dataset.of = shown;
      const close = button(t("Close"), { onclick: () => this.toggleAbout(false) }, "I");
      part.replaceChildren(
        h("div", { class: "about-head" }, h("strong", { class: "code", text: row?.code ?? "" }), h("span", { class: "title", text: row?.title ?? t("No code is selected.") }), close),
        ...(about ? [codeNotes(about), this.choices(about)] : [h("p", { class: "empty", text: row ? t("Looking it up…") : "" })]));
      if (this.choice !== null) this.focusChoice(); // asked for before they were here
    }
    for (const each of part.querySelectorAll(".choice")) {
      const state = this.state(each.dataset.code);
      each.querySelector(".state-icon").textContent = state ? states()[state][0] : "";
      each.title = state && state !== "open" ? states()[state][1] : t("Change to it: Enter");
    }
  },

  choices(about) {
    const groups = choiceGroups().filter(([name]) => about[name].length > 0).map(([name, title]) => h("div", { role: "group", "aria-label": title },
      h("h4", { text: title }), ...about[name].map((hit) => this.choiceOf(hit))));
    if (groups.length === 0) groups.push(h("p", { class: "empty", text: t("No other codes stand beside or under this one.") }));
    return h("div", { class: "choices", role: "listbox", "aria-label": t("Codes instead of {code}", { code: about.code }) },
      h("p", { class: "hint" }, t("Change to one:"), " ", h("kbd", { text: "Y" }), ", ", h("kbd", { text: "↓" }), ", ", h("kbd", { text: t("Enter") })), ...groups);
  },

  choiceOf(hit) {
    return h("div", { class: "choice", role: "option", tabindex: "-1", "data-code": hit.id, "aria-selected": "false", onclick: () => this.changeTo(hit) },
      h("span", { class: "state-icon", "aria-hidden": "true" }), h("span", { class: "code", text: hit.code }),
      h("span", { class: "title" }, hit.title, ...hit.flags.map((flag) => h("span", { class: "flag", text: flag }))));
  },

  /** Y: to the first code one may change to; once more takes the one that is highlighted. */
  change() {
    if (this.choice !== null) { this.takeChoice(); return; }
    if (this.parts.about.hidden) this.toggleAbout(true);
    this.choice = 0;
    this.focusChoice();
  },

  moveChoice(step) {
    const count = this.parts.about.querySelectorAll(".choice").length;
    this.choice = Math.max(0, Math.min(count - 1, this.choice + step));
    this.focusChoice();
  },

  /* The codes may not be here yet: once they are drawn, this is done again. */
  focusChoice() {
    [...this.parts.about.querySelectorAll(".choice")].forEach((each, place) => {
      each.classList.toggle("is-highlighted", place === this.choice);
      each.setAttribute("aria-selected", String(place === this.choice));
      if (place === this.choice) { each.focus({ preventScroll: true }); each.scrollIntoView({ block: "nearest" }); }
    });
  },

  takeChoice() {
    const about = this.abouts.get(this.selected);
    const hit = about && choiceGroups().flatMap(([name]) => about[name])[this.choice];
    if (hit) this.changeTo(hit);
  },

  leaveChoices() {
    this.choice = null;
    this.focusChoice();
    this.focusRow();
  },

  /** One step: the selected code is rejected and this one added, with the same evidence. */
  changeTo(hit) {
    const row = this.selected;
    if (!row || this.done() || this.supposes()) return;
    this.intend("change", { row, instead: { system: hit.system, code: hit.code } });
    this.announce(t("{code} changed to {other}", { code: this.byId.get(row).code, other: hit.code }));
    this.moveToOpen(row);
  },
};

/* The tabular list's notes; those that stand at a heading say at which. */
function codeNotes(about) {
  const kinds = new Map();
  for (const { kind, text, at } of about.notes) kinds.set(kind, [...(kinds.get(kind) ?? []), [text, at]]);
  const lists = [...kinds].map(([kind, notes]) => [h("dt", { text: t(kind) }), ...notes.map(([text, at]) => h("dd", {}, text,
    at ? h("span", { class: "at" }, " ", t("at {place}", { place: at })) : null))]);
  const none = about.unknown ?? t("The tabular list has no notes on this code.");
  return h("div", { class: "code-notes", tabindex: "0", role: "region", "aria-label": t("Notes on {code}", { code: about.code }) },
    lists.length ? h("dl", {}, ...lists.flat()) : h("p", { class: "empty", text: none }));
}
