/* Coding without help: a first list before any suggestion is shown, or a second, blind coding. Mixed into Board. */

const blindness = {
  drawBlind() {
    const { data, parts } = this;
    parts.pass.hidden = data.coding_pass !== "second";
    parts.withheld.hidden = !data.withheld;
  },

  /** End the first list; what was withheld is shown. Asked once more, because it cannot be taken back. */
  askSuggestions() {
    if (!this.data.withheld) { this.announce(t("The suggestions are shown already")); return; }
    const codes = this.data.rows.filter((row) => this.state(row.id) !== "rejected").map((row) => row.code);
    const show = button(t("Show the suggestions"), { class: "primary", onclick: () => { this.closeSheet(); this.tell("suggestions"); } }, t("Enter"));
    this.showDialog("suggestions", t("End your first list?"),
      h("p", { text: codes.length ? t("Your first list: {codes}.", { codes: codes.join(", ") }) : t("Your first list is empty.") }),
      h("p", { text: t("It is kept as it is now. Then the suggestions are shown, and you go on with both.") }),
      h("div", { class: "dialog-buttons" }, show, button(t("Go on without"), { onclick: () => this.closeSheet() }, t("Esc"))));
    show.focus();
  },

  /** Who else has the chart, in a sentence; empty if nobody has. */
  heldBy() {
    const { held } = this.data;
    if (!held) return "";
    const clock = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    return t("{coder} has this chart since {since} (last seen {seen}). What you decide is not kept until they finish it or hand it over.",
      { coder: held.by, since: clock(held.since), seen: clock(held.seen) });
  },
};
