/* What the coder did and the server has not confirmed yet. Nothing counts as saved before that. */

const OPTIMISTIC = { accept: "accepted", reject: "rejected", change: "rejected", add: "added", retract: "open" };

/** What the outbox calls a detail of a code on the chart; the server names its undo alike. */
export function detailOf(kind, id) {
  return `${kind} ${id}`;
}

/** Keeps intents until they are confirmed, and says how a code looks in the meantime. */
export class Outbox {
  constructor() {
    this.pending = [];
    this.failures = new Map(); // row id or "" -> why it was not kept
  }

  /** Take an intent; `becomes` is the state its row gets if it is kept, `name` what it is about. */
  add(intent, { row = "", becomes = OPTIMISTIC[intent.kind], name = "" } = {}) {
    const after = this.pending.map((each) => each.intent.token);
    this.failures.delete(row);
    this.failures.delete("");
    this.pending.push({ intent: { ...intent, after }, row, becomes, name });
  }

  /** The server's answers: token -> null (kept) or why not. Returns the settled entries. */
  settle(outcomes) {
    const settled = this.pending.filter((each) => each.intent.token in outcomes);
    this.pending = this.pending.filter((each) => !(each.intent.token in outcomes));
    for (const each of settled) {
      const why = outcomes[each.intent.token];
      if (why !== null) this.failures.set(each.row, why);
    }
    return settled;
  }

  /** The last unconfirmed entry of a row, or null. */
  of(row) {
    return this.pending.findLast((each) => each.row === row) ?? null;
  }

  /** The unconfirmed entry of the same row before this one, or null. */
  before(entry) {
    return this.pending.slice(0, this.pending.indexOf(entry)).findLast((each) => each.row === entry.row) ?? null;
  }

  get intents() {
    return this.pending.map((each) => each.intent);
  }
}
