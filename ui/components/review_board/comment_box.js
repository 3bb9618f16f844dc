/* Comments on a code or on the chart: what others said, and a box for one's own that saves itself. */

const LONGEST = 2000; // characters, as the server keeps them
const REST_OF_TYPING = 700; // milliseconds without a key until what was typed is saved

/** `save(text)` keeps it, `leave()` gives the focus back, `typed()` is told of each key. */
export class CommentBox {
  constructor({ label, save, leave, typed }) {
    Object.assign(this, { save, leave, typed });
    this.known = ""; // the text that is kept, or on its way
    this.dirty = false; // typed and not on its way yet
    this.others = h("div", { class: "comments" });
    this.area = h("textarea", { class: "comment", rows: 1, maxlength: LONGEST, "aria-label": label, placeholder: label });
    this.status = h("span", { class: "comment-status", role: "status" });
    this.own = h("div", { class: "own-comment", hidden: true }, this.area, this.status);
    this.element = h("div", { class: "comment-box" }, this.others, this.own);
    this.area.addEventListener("input", () => this.changed());
    this.area.addEventListener("blur", () => { this.flush(); this.settle(); });
    for (const kind of ["keydown", "keypress", "keyup"]) this.area.addEventListener(kind, (event) => this.pressed(event));
  }

  /** What is on record, and how the last saving went. */
  draw({ comments, pending, failure, done }) {
    const own = comments.find((each) => each.own)?.text ?? "";
    if (!this.dirty && !pending && !failure) {
      this.known = own;
      if (this.area.value !== own) this.area.value = own;
    }
    if (failure) this.known = null; // the next key tries again
    this.saved = own !== "" && own === this.area.value;
    this.pending = pending;
    this.failure = failure;
    this.area.readOnly = done;
    const said = JSON.stringify(comments.filter((each) => !each.own));
    if (this.others.dataset.of !== said) {
      this.others.dataset.of = said;
      this.others.replaceChildren(...comments.filter((each) => !each.own).map(({ by, at, text }) =>
        h("p", { class: "said-by" }, h("span", { class: "who", text: `${by} · ${at}` }), h("span", { class: "what", text }))));
    }
    this.settle();
  }

  settle() {
    const wanted = this.editing() || this.area.value !== "" || Boolean(this.failure);
    this.own.hidden = !wanted && !this.always;
    this.status.textContent = this.failure ? t("Not saved: {why} Type to try again.", { why: this.failure })
      : this.dirty || this.pending ? t("saving…") : this.saved ? t("saved") : "";
    this.status.classList.toggle("is-failure", Boolean(this.failure));
    this.area.rows = Math.min(6, Math.max(1, this.area.value.split("\n").length));
  }

  editing() { return this.area.getRootNode().activeElement === this.area; }

  open() {
    this.own.hidden = false;
    this.area.focus();
  }

  changed() {
    this.dirty = true;
    this.failure = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), REST_OF_TYPING);
    this.settle();
    this.typed();
  }

  /** Send what was typed, if that was not done yet. */
  flush() {
    clearTimeout(this.timer);
    if (!this.dirty) return;
    this.dirty = false;
    const text = this.area.value;
    if (text === this.known) { this.settle(); this.typed(); return; }
    this.known = text;
    this.save(text);
  }

  /* No shortcut of the board or of the page fires while somebody types. */
  pressed(event) {
    event.stopPropagation();
    if (event.type !== "keydown" || event.isComposing || event.key !== "Escape") return;
    event.preventDefault();
    this.flush();
    this.leave();
  }
}
