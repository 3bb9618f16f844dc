/* Add a code: a combobox whose results come from the server. Enter takes only what is highlighted. */

const PAUSE = 120; // milliseconds after the last key before the server is asked

export class CodeSearch {
  constructor({ input, results, ask, take, leave }) {
    Object.assign(this, { input, results, ask, take, leave });
    this.hits = [];
    this.at = -1;
    this.number = 0; // of the query on screen
    this.answered = 0; // of the query whose answer is on screen
    this.around = null; // the code around which the hits stand, instead of matching
    this.timer = null;
    input.addEventListener("input", () => this.changed());
    input.addEventListener("keydown", (event) => this.pressed(event));
    input.addEventListener("blur", () => setTimeout(() => this.show(false), 150));
    input.addEventListener("focus", () => this.show(this.hits.length > 0 && this.query() !== ""));
  }

  query() { return this.input.value.trim(); }

  changed() {
    clearTimeout(this.timer);
    this.number += 1;
    this.around = null;
    if (this.query().length < 2) { this.draw([]); return; }
    const number = this.number;
    this.timer = setTimeout(() => this.ask({ n: number, q: this.query() }), PAUSE);
  }

  /* The codes around a hit (its id), or with null those that match again. */
  look(around) {
    this.number += 1;
    this.around = around;
    this.ask({ n: this.number, q: this.query(), around });
  }

  /** Results for query `n`; late ones for an older query are dropped. */
  receive(answer) {
    if (!answer || answer.n !== this.number || answer.q !== this.query() || answer.n === this.answered) return;
    this.answered = answer.n;
    this.draw(answer.hits, t("Nothing found for “{query}”", { query: answer.q }));
    if (answer.around) this.highlight(answer.hits.findIndex((hit) => hit.id === answer.around));
  }

  draw(hits, empty = "") {
    this.hits = hits;
    this.at = -1;
    const options = hits.map((hit, index) => h("div", {
      class: "hit", role: "option", id: `hit-${index}`, "aria-selected": "false",
      onmousedown: (event) => { event.preventDefault(); this.choose(index); },
    },
    h("span", { class: "code", text: hit.code }),
    h("span", { class: "title" }, hit.title, ...hit.flags.map((flag) => h("span", { class: "flag", text: flag })),
      hit.found_by ? h("span", { class: "found-by", text: t("includes: {term}", { term: hit.found_by }) }) : null),
    h("span", { class: "system", text: hit.system })));
    const how = this.around === null ? t("↓ ↑ to one, Enter takes it, → shows the codes around it") : t("The codes around it. ← goes back to what was found");
    options.push(h("div", { class: "hit none", text: options.length > 0 ? how : empty }));
    this.results.replaceChildren(...options);
    this.show(hits.length > 0 || empty !== "");
  }

  show(open) {
    this.results.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
  }

  pressed(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.highlight(this.at + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "ArrowRight" && this.at >= 0 && this.input.selectionStart === this.input.value.length) {
      event.preventDefault();
      this.look(this.hits[this.at].id);
    } else if (event.key === "ArrowLeft" && this.around !== null) {
      event.preventDefault();
      this.look(null);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.at >= 0) this.choose(this.at);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.clear();
    }
  }

  highlight(index) {
    this.at = Math.max(-1, Math.min(this.hits.length - 1, index));
    [...this.results.children].forEach((option, position) => {
      option.classList.toggle("is-highlighted", position === this.at);
      option.setAttribute("aria-selected", String(position === this.at));
    });
    if (this.at >= 0) this.input.setAttribute("aria-activedescendant", `hit-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
    this.results.children[this.at]?.scrollIntoView({ block: "nearest" });
  }

  choose(index) {
    const hit = this.hits[index];
    this.clear();
    this.take(hit);
  }

  clear() {
    clearTimeout(this.timer);
    this.number += 1;
    this.around = null;
    this.input.value = "";
    this.draw([]);
    this.input.blur();
    this.leave();
  }
}
