/* Small helpers: elements from text only, identifiers, percentages, staying bright. */

/** An element. Properties: class, text, data-*, aria-*, on<event>; children are elements or text. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "class") element.className = value;
    else if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function button(label, properties = {}, key = null) {
  return h("button", { type: "button", ...properties }, label, key ? h("kbd", { text: key, "aria-hidden": "true" }) : null);
}

export function uuid() {
  if (globalThis.crypto?.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

export function share(probability) {
  if (probability === null || probability === undefined) return "–";
  return probability >= 0.995 ? ">0.99" : probability < 0.005 ? "<0.01" : probability.toFixed(2);
}

export function percent(share) {
  return `${Math.round(share * 1000) / 10} %`;
}

/** Scroll `inside` so that `target` is in view; in the middle if it was not. */
export function reveal(inside, target, { middle = false } = {}) {
  if (!target) return;
  const frame = inside.getBoundingClientRect();
  const box = target.getBoundingClientRect();
  const above = box.top - frame.top - 36;
  const below = box.bottom - frame.bottom + 12;
  if (above >= 0 && below <= 0) return;
  if (middle) inside.scrollTop += box.top - frame.top - (frame.height - box.height) / 2;
  else inside.scrollTop += above < 0 ? above : below;
}

/** Streamlit fades an element while the server works; what is there already stays readable. */
export function keepBright(host) {
  const frame = host?.closest("[data-testid=stElementContainer]");
  frame?.style.setProperty("opacity", "1", "important");
  frame?.style.setProperty("transition", "none", "important");
}

const TYPING = new Set(["INPUT", "TEXTAREA", "SELECT"]);

export function isTyping(event) {
  const target = event.composedPath()[0];
  return TYPING.has(target?.tagName) || target?.isContentEditable === true;
}
