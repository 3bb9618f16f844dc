/* Keys of the board. They never fire while somebody types, and leave browser shortcuts alone. */

const COMMANDS = {
  ArrowDown: (board) => board.move(1),
  ArrowUp: (board) => board.move(-1),
  j: (board) => board.move(1),
  k: (board) => board.move(-1),
  a: (board) => board.decide("accept"),
  x: (board) => board.askReason(),
  u: (board) => board.undo("undo"),
  U: (board) => board.undo("redo"),
  m: (board) => board.switchMethod(),
  w: (board) => board.whatIf(),
  s: (board) => board.stop(),
  v: (board) => board.mark(),
  i: (board) => board.toggleAbout(),
  y: (board) => board.change(),
  g: (board) => board.jump(board.section + 1),
  G: (board) => board.jump(board.section - 1),
  b: (board) => board.command("suggestions"),
  e: (board) => board.command("audit"),
  l: (board) => board.nextList(),
  o: (board) => board.switchView(),
  "[": (board) => board.showPlace((board.place ?? 0) - 1),
  "]": (board) => board.showPlace((board.place ?? 0) + 1),
  n: (board) => board.command("next"),
  f: (board) => board.command("finish"),
  "?": (board) => board.showHelp(),
  "/": (board) => { board.endWhatIf(); board.choice = null; board.parts.search.focus(); },
  Escape: (board) => board.forget(),
};

const CHOOSING = { // while one of the codes to change to is highlighted
  ArrowDown: (board) => board.moveChoice(1),
  ArrowUp: (board) => board.moveChoice(-1),
  Enter: (board) => board.takeChoice(),
  Escape: (board) => board.leaveChoices(),
};

function onKey(board, event) {
  if (onChartKey(board, event)) return;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event)) return;
  if (!board.root.isConnected || document.querySelector("[role=dialog]")) return;
  const act = board.sheet !== null ? inSheet(board, event.key) : (board.choice !== null && CHOOSING[event.key]) || COMMANDS[command(event)];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  if (!event.repeat || event.key.startsWith("Arrow") || "jk".includes(event.key)) act(board);
}

/* Caps Lock must not turn undo into redo: only a held Shift does. */
function command({ key, shiftKey }) {
  if (key.length > 1) return key;
  return "ug".includes(key.toLowerCase()) && shiftKey ? key.toUpperCase() : key.toLowerCase();
}

function inSheet(board, key) {
  if (key === "Escape" || (board.sheet === "help" && key === "?")) return () => board.closeSheet();
  if (board.sheet === "reasons" && /^[1-6]$/.test(key)) return () => board.giveReason(Number(key) - 1);
  if (board.sheet === "finish" && key === "/") return () => board.addInstead();
  if (board.sheet === "poa") return poaKey(board, key);
  return null;
}
