/* Evidence that is not here yet: what the server is asked for, and when. Mixed into Board. */

const REST = 250; // milliseconds on one code after which the page asks for what may wait
const AHEAD = 4; // codes after the selected one whose evidence is fetched meanwhile,
const AT_ONCE = 8; // with those in sight; the server answers no more in one message

const asking = {
  /** Ask the server for what is not here yet: for evidence at once, for the rest once the coder rests. */
  ask() {
    this.rested = false;
    this.polls = 0;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => { this.rested = true; if (this.want() || this.lacksGroups()) this.tell(); }, REST);
    if (this.want() && this.wanted) this.tell();
  },

  /** Note what is not here yet; whether that is other than it was. */
  want() {
    const before = JSON.stringify([this.wanted, this.doubted, this.unheard]);
    const rows = [...new Set([this.selected, ...(this.rested ? this.ahead() : [])])].filter((row) => this.lacks(row)).slice(0, AT_ONCE);
    this.unheard = this.unknown();
    this.wanted = rows.length > 0 ? { rows, method: this.method } : null;
    this.doubted = this.rested && this.evidence() && this.said() === null ? { rows: [this.selected], method: this.used() } : null;
    return before !== JSON.stringify([this.wanted, this.doubted, this.unheard]);
  },

  /** What the server is to be asked for again. */
  lacking() {
    return this.wanted || this.doubted || this.off || this.unknown() || (this.without && !this.supposed()) || this.lacksGroups();
  },

  lacks(row) {
    const { probability, networked } = this.byId.get(row) ?? { probability: null };
    return this.method !== null && probability !== null && (networked || this.called(this.method).unranked)
      && !this.evidence(row) && !this.data.unexplained[this.method]?.[row] && !this.stopped.has(`${this.method} ${row}`);
  },

  /* The next codes of the list, then those in sight, if their evidence takes no seconds. */
  ahead() {
    const order = this.list.order ?? [];
    if (this.called(this.method)?.slow) return [];
    const at = order.indexOf(this.selected);
    return [...order.slice(at + 1, at + 1 + AHEAD), ...this.list.inSight()];
  },

  /** Call off the evidence that is being computed; once more begins it anew. */
  stop() {
    const evidence = `${this.method} ${this.selected}`;
    if (this.stopped.delete(evidence)) this.ask();
    else if (this.lacks(this.selected)) {
      this.stopped.add(evidence);
      this.off = { rows: [this.selected], method: this.method };
      this.want();
      this.tell();
    }
    this.draw();
  },

  /** The method whose evidence a code shows: the chosen one, or what had to be used instead. */
  used(row = this.selected) {
    if (this.data.evidence[this.method]?.[row]) return this.method;
    return this.data.instead[this.method]?.[row] ?? this.method;
  },

  evidence(row = this.selected) { return this.data.evidence[this.used(row)]?.[row] ?? null; },

  /** How far the evidence on screen can be trusted, in a sentence; null: not said yet. */
  said() {
    const why = this.data.unsaid[this.used()]?.[this.selected];
    if (why) return t("How far this can be trusted could not be said: {why}", { why });
    return this.data.said[this.used()]?.[this.selected] ?? null;
  },

  called(method) { return this.data.methods.find(({ id }) => id === method); },
};
