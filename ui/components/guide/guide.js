/* Help for the page, and the tour on a first visit. Both lie over the page and leave it as it is. */

const SEEN = "evicode_tour=seen";
const YEAR = 365 * 24 * 3600; // seconds
const steps = new WeakMap(); // root -> the step of the tour that is shown

/** What streamlit calls on mount and whenever the data changed. */
export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".guide");
  if (!root || !data) return undefined;
  speak(data.words, root);
  keep(data.cookie);
  const parts = Object.fromEntries([...root.querySelectorAll("[data-part]")].map((each) => [each.dataset.part, each]));
  parts.open.onclick = () => parts.panel.togglePopover();
  if (!parts.opener.matches(":popover-open")) parts.opener.showPopover();
  drawHelp(root, parts, data);
  const first = !steps.has(root) && !document.cookie.includes(SEEN);
  // A browser that a program drives needs no tour in its way; it finds it in Help.
  if (first && !navigator.webdriver && data.tour.length > 1) steps.set(root, 0);
  drawTour(root, parts, data);
  const gone = new AbortController();
  window.addEventListener("keydown", (event) => onHelpKey(event, parts.panel), { capture: true, signal: gone.signal });
  return () => gone.abort();
}

/* While help is read, keys are help's: none of them decides on a code behind it. */
function onHelpKey(event, panel) {
  if (!panel.matches(":popover-open")) return;
  event.stopImmediatePropagation();
  if (event.key !== "Escape") return;
  event.preventDefault();
  panel.hidePopover();
}

function keep(cookie) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${cookie}; Path=/; Max-Age=${YEAR}; SameSite=Lax${secure}`;
}

function drawHelp(root, parts, { help, tour }) {
  const take = () => { steps.set(root, 0); parts.panel.hidePopover(); drawTour(root, parts, { tour }); };
  const shown = [
    h("h2", { text: t("Help") }),
    help ? h("p", { text: help.is_for }) : null,
    help?.hints.length ? h("ul", {}, ...help.hints.map((text) => h("li", { text }))) : null,
    help?.keys.length ? h("table", {}, ...help.keys.map(([key, does]) => h("tr", {}, h("th", { scope: "row" }, h("kbd", { text: key })), h("td", { text: does })))) : null,
    h("div", { class: "buttons" },
      tour.length > 1 ? button(t("Take the tour"), { onclick: take }) : null,
      button(t("Close"), { onclick: () => parts.panel.hidePopover() })),
  ];
  parts.panel.replaceChildren(...shown.filter(Boolean));
}

function drawTour(root, { card }, { tour }) {
  const at = steps.get(root);
  if (at === undefined || at === null || !tour[at]) {
    if (card.matches(":popover-open")) card.hidePopover();
    return;
  }
  const go = (to) => () => { steps.set(root, to); drawTour(root, { card }, { tour }); card.querySelector(".primary")?.focus(); };
  const end = () => { keep(SEEN); steps.set(root, null); card.hidePopover(); };
  const last = at === tour.length - 1;
  card.replaceChildren(
    h("p", { class: "step", text: t("Page {number} of {all}", { number: at + 1, all: tour.length }) }),
    h("h2", { text: tour[at].name }),
    h("p", { class: "says", text: tour[at].says }),
    h("div", { class: "buttons" },
      button(t("Back"), { onclick: go(at - 1), disabled: at === 0 }),
      last ? button(t("Start working"), { class: "primary", onclick: end }) : button(t("Go on"), { class: "primary", onclick: go(at + 1) }),
      last ? null : button(t("Skip the tour"), { onclick: end })));
  if (!card.matches(":popover-open")) card.showPopover();
}
