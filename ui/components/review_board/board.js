/* The review board: one instance for each place it is mounted, fed by data, answering by messages. */

const RESEND = 5000; // milliseconds until an unanswered message is sent again; tokens make that safe
const POLL = 400; // milliseconds from an answer to the next look at what is being computed,
const SLOWEST = 1500; // and after some looks
const boards = new WeakMap();

/** What streamlit calls on mount and whenever the data changed. */
export default function mount({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".board");
  if (!root || !data) return undefined;
  speak(data.words, root);
  let board = boards.get(root);
  if (!board) {
    board = new Board(root);
    boards.set(root, board);
    keepBright(parentElement.host);
  }
  board.send = (message) => setTriggerValue("message", message);
  board.mounts += 1;
  const { mounts } = board;
  board.update(data);
  // A cleanup of an older call may come late; only the last one may take the board down.
  return () => { if (board.mounts === mounts) { board.close(); boards.delete(root); } };
}

class Board {
  constructor(root) {
    this.root = root;
    this.parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((each) => [each.dataset.part, each]));
    this.outbox = new Outbox();
    this.mounts = 0;
    this.sent = 0; // when the last message left; the server answers with it
    this.tries = 0; // how often it was sent again
    this.key = null;
    this.selected = null;
    this.method = null;
    this.coverage = null; // the list wanted: a share of the note's codes, or null for likely codes
    this.marks = []; // for the next decision: those kept, and what is selected now
    this.kept = [];
    this.marking = false; // a caret stands in the note
    this.abouts = new Map(); // notes on codes, once asked for
    this.choice = null; // the code that is highlighted among those to change to
    this.query = null;
    this.wanted = null; // evidence the server is asked for
    this.doubted = null; // evidence of which the server is asked how far to trust it
    this.stopped = new Set(); // evidence that was called off
    this.off = null; // the last of it, until the server knows
    this.without = null; // words that are supposed not to be in the note
    this.rested = false; // on the selected code
    this.polls = 0;
    this.adding = new Map(); // codes added and not yet confirmed
    this.sheet = null; // "reasons", "finish" or "help"
    this.view = "list"; // what the right pane shows: "list" (suggestions) or "chart"
    this.undone = ""; // what the last undo or redo concerned
    this.language = null; // of what is drawn
    this.chart = this.makeChart();
    this.list = new CodeList(this.parts.list, (what, row) => this.clicked(what, row));
    this.search = new CodeSearch({
      input: this.parts.search,
      results: this.parts.hits,
      ask: (query) => { this.query = query; this.tell(); },
      take: (hit) => this.take(hit),
      leave: () => { this.query = null; this.focusRow(); },
    });
    this.listen();
    this.listenToChart();
  }

  listen() {
    this.gone = new AbortController();
    const { signal } = this.gone;
    document.addEventListener("keydown", (event) => onKey(this, event), { signal, capture: true });
    this.listenToMarking(signal);
    this.parts["note-scroll"].addEventListener("scroll", () => this.followScroll(), { signal, passive: true });
    this.parts.list.addEventListener("scroll", () => this.ask(), { signal, passive: true }); // for the codes in sight
    document.addEventListener("click", (event) => this.leave(event), { signal, capture: true });
    window.addEventListener("beforeunload", (event) => { if (this.outbox.pending.length > 0) event.preventDefault(); }, { signal });
    this.root.addEventListener("click", (event) => {
      const what = event.composedPath().find((each) => each.dataset?.do)?.dataset.do;
      if (what) this.command(what);
    }, { signal });
  }

  /* A page that is being left asks for nothing more: what it sends meanwhile calls the coder back. */
  leave({ target, ctrlKey, metaKey }) {
    if (ctrlKey || metaKey || !target.closest?.("[data-testid=stTopNav] a") || this.outbox.pending.length > 0) return;
    clearTimeout(this.timer);
    clearTimeout(this.resting);
  }

  close() {
    this.chart.flush();
    this.gone.abort();
    clearTimeout(this.timer);
    clearTimeout(this.resting);
  }

  /* ---- data in ---- */

  update(data) {
    const settled = this.outbox.settle(data.outcomes);
    if (data.answered >= this.sent) { this.tries = 0; this.coverage = data.coverage; this.off = null; }
    const moved = data.note.id !== this.data?.note.id;
    const anew = data.answered < (this.data?.answered ?? 0); // a server started again knows of no message
    this.data = data;
    this.keepAdded(data);
    this.byId = new Map(data.rows.map((row) => [row.id, row]));
    this.respeak(data.words.language);
    if (moved) this.open(data);
    else if (data.key !== this.key) this.relist(data);
    if (!this.byId.has(this.selected)) this.selected = this.firstOpen();
    this.search.receive(data.search);
    this.receiveAbout(data.about);
    for (const each of settled) this.report(each);
    this.retraced(settled);
    this.want();
    this.draw();
    if (anew) { this.tries = 0; this.tell(); } // at once, not after the wait for a server that is away
    else this.schedule();
  }

  /* In another language, what was drawn once is drawn anew; what is typed is sent before. */
  respeak(language) {
    if (this.language && this.language !== language) {
      this.closeSheet();
      this.chart.flush();
      this.chart = this.makeChart();
      this.list.shape = "";
      this.abouts.clear();
      this.supposition = this.painted = null;
      for (const each of this.root.querySelectorAll("[data-of]")) delete each.dataset.of;
    }
    this.language = language;
  }

  /* A code that is being added stays in the list while the server has not answered. */
  keepAdded(data) {
    const known = new Set(data.rows.map((row) => row.id));
    for (const [id, row] of this.adding) {
      if (known.has(id) || !this.outbox.of(id)) this.adding.delete(id);
      else data.rows.push(row);
    }
  }

  open(data) {
    this.key = data.key;
    this.starts = codePointStarts(data.note.text);
    this.selected = this.firstOpen();
    this.method = data.methods.some(({ id }) => id === this.method) ? this.method : data.methods[0]?.id ?? null;
    this.stopMarking();
    this.marks = this.kept = [];
    this.painted = null;
    this.stopped.clear();
    this.off = null;
    this.without = null;
    this.view = "list";
    this.undone = "";
    this.grouping = null;
    this.chart.open();
    for (const row of [...this.outbox.failures.keys()].filter(Boolean)) this.outbox.failures.delete(row); // of another note
    this.closeSheet();
    this.parts["note-scroll"].scrollTop = 0;
    this.buildOutline();
    this.parts.list.scrollTop = 0;
    this.ask();
  }

  /* Another list of the same note: what is selected and marked stays, and where the note stands. */
  relist(data) {
    this.key = data.key;
    if (!this.byId.has(this.selected)) this.selected = this.firstOpen();
    this.ask();
  }

  report({ row, intent }) {
    const why = this.outbox.failures.get(row);
    const code = this.byId.get(row)?.code ?? intent.code ?? "";
    if (why) this.outbox.failures.set("", code ? t("{code} was not saved: {why}", { code, why }) : why);
    const values = { code, why, kind: t(intent.kind) };
    this.announce(why ? t("{code} not saved: {why}", values) : t("{code} {kind} saved", values));
  }

  firstOpen() {
    const rows = this.data.rows;
    return (rows.find((row) => row.state === "open") ?? rows[0])?.id ?? null;
  }

  /* ---- messages out ---- */

  tell(go = null) {
    this.sent = Date.now();
    const { wanted: ask, doubted: trust, off: stop, without, query, coverage, sent: at } = this;
    this.send({ intents: this.outbox.intents, query, ask, trust, stop, without, about: this.unknown(), coverage, go, at, groups: this.groupsAsked() });
    this.schedule();
  }

  /* A message interrupts the work on the one before, so the next waits for the answer, and longer each time. */
  schedule() {
    clearTimeout(this.timer);
    const answered = this.data.answered >= this.sent;
    if (!this.lacking() && this.outbox.pending.length === 0 && this.coverage === this.data.coverage) return;
    const wait = answered ? Math.min(POLL * 1.2 ** this.polls, SLOWEST) : Math.min(RESEND * 2 ** this.tries, 60000);
    this.timer = setTimeout(() => { this.polls += 1; this.tries += 1; this.tell(); }, wait);
  }

  intend(kind, { row = null, code = null, instead = null, reason = null, becomes } = {}) {
    const target = code ?? this.byId.get(row);
    const intent = {
      token: uuid(), kind, note: this.data.note.id, screen: this.data.screen, seen: this.data.sequence,
      system: target?.system ?? null, code: target?.code ?? null, instead, reason,
      marks: ["accept", "add", "change"].includes(kind) ? this.marks : [], method: this.used(row),
    };
    this.outbox.add(intent, { row: row ?? "", becomes });
    if (intent.marks.length > 0) this.setMarks([]);
    this.choice = null;
    this.tries = 0;
    this.tell();
    this.draw();
  }

  /* ---- what a coder does ---- */

  clicked(what, row) {
    if (what === "reject") { this.select(row); this.askReason(); return; }
    if (what !== "select") this.decide(what, row);
    this.select(row);
  }

  state(row) { return this.outbox.of(row)?.becomes ?? this.byId.get(row)?.state; }

  decide(kind, row = this.selected, reason = null) {
    if (!row || this.done() || this.supposes()) return;
    const state = this.state(row);
    const again = { accept: ["accepted", "added"], reject: ["added"], retract: ["open"] }[kind].includes(state);
    if (again && !(kind === "accept" && this.marks.length > 0)) return;
    this.intend(kind, { row, reason });
    if (kind !== "retract") this.moveToOpen(row);
  }

  undo(kind) {
    const last = this.outbox.pending.at(-1);
    const target = kind === "undo" && last?.row ? { row: last.row, state: this.outbox.before(last)?.becomes, says: last.name } : this.data[kind];
    if (this.done() || this.supposes()) return;
    if (!target) { this.announce(kind === "undo" ? t("Nothing to undo") : t("Nothing to redo")); return; }
    this.retrace(kind, target);
  }

  take(hit) {
    if (this.done() || this.supposes()) return;
    if (this.byId.has(hit.id)) {
      this.select(hit.id);
      this.decide("accept", hit.id);
      this.select(hit.id);
      return;
    }
    const row = {
      id: hit.id, system: hit.system, code: hit.code, title: hit.title, flags: hit.flags, probability: null,
      likely: false, category: null, group: t("Adding…"), source: "coder", networked: true, provenance: "", contexts: [],
      state: "open", reason: null, by: this.data.coder, marks: [],
    };
    this.adding.set(hit.id, row);
    this.data.rows.push(row);
    this.byId.set(hit.id, row);
    this.intend("add", { row: hit.id, code: hit });
    this.select(hit.id);
  }

  command(what) {
    if (what === "help") this.showHelp();
    else if (what === "view-chart") this.switchView("chart");
    else if (what === "view-list") this.switchView("list");
    else if (what === "what-if") this.whatIf();
    else if (what === "stop") this.stop();
    else if (what === "audit") this.audit();
    else if (what === "suggestions" || (what === "finish" && this.data.withheld)) this.askSuggestions();
    else if (what === "finish" && this.supposes()) return;
    else if (what === "finish") this.done() ? this.intend("reopen", {}) : this.askFinish();
    else if (what === "next" || what === "inbox") this.go(what);
  }

  /* What would be asked for later must not call the page back that is being left. */
  go(where) {
    this.chart.flush();
    clearTimeout(this.resting);
    this.tell(where);
  }

  /** Open the selected code on the audit page, which computes every method. */
  audit() {
    if (!this.selected) return;
    const query = new URLSearchParams({ note: this.data.note.id, code: this.selected });
    window.open(`audit?${query}`, "_blank", "noopener");
  }

  done() { return this.data.note.status === "done"; }

  move(step) {
    const { order } = this.pane();
    if (!order?.length) return;
    const at = order.indexOf(this.selected);
    this.select(order[Math.max(0, Math.min(order.length - 1, at + step))]);
  }

  moveToOpen(row) {
    const { order } = this.pane();
    const next = order.slice(order.indexOf(row) + 1).find((each) => this.state(each) === "open");
    this.select(next ?? row);
  }

  select(row) {
    this.selected = row;
    if (this.choice !== null) { this.choice = null; this.focusChoice(); }
    this.ask();
    this.draw();
    this.focusRow();
  }

  focusRow() {
    const element = this.pane().element(this.selected);
    if (!element) return;
    element.focus({ preventScroll: true });
    reveal(this.view === "chart" ? this.parts.chart : this.parts.list, element);
  }

  switchMethod(method = null) {
    const all = this.data.methods.map(({ id }) => id);
    if (all.length === 0) return;
    this.method = method ?? all[(all.indexOf(this.method) + 1) % all.length];
    this.ask();
    this.draw();
  }

  /** Another list: of likely codes (null), or one expected to hold a share of the note's codes. */
  switchList(coverage) {
    this.endWhatIf();
    this.coverage = coverage;
    if (coverage !== this.data.coverage) this.tell();
    this.draw();
  }

  nextList() {
    const offered = [null, ...this.data.cuts.filter(([, cut]) => cut !== null).map(([coverage]) => coverage)];
    if (offered.length > 1) this.switchList(offered[(offered.indexOf(this.coverage) + 1) % offered.length]);
  }

  announce(text) { this.parts.announce.textContent = text; }
}
Object.assign(Board.prototype, asking, supposing, outlining, marking, aboutCodes, blindness, snippets, drawing, charting, viewing, grouping, finishing);
