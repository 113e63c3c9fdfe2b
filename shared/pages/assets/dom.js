// @ts-check
/** Elements and messages. Texts become text nodes, so nothing that people wrote is ever read as HTML. */

/**
 * An element. Attributes that are null or false are left out, `on…` are listeners.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node | string | null | false | undefined)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child || child === "").map((child) => /** @type {Node | string} */ (child)));
  return made;
}

/**
 * What the server says to the script, and where the script may write.
 * @returns {{app: HTMLElement, page: any}}
 */
export function appAndPage() {
  const app = /** @type {HTMLElement} */ (document.getElementById("app"));
  return { app, page: JSON.parse(app.dataset.page ?? "{}") };
}

/**
 * A line that screen readers speak when it changes.
 * @returns {HTMLElement}
 */
export function liveLine() {
  return el("p", { class: "say", role: "status", "aria-live": "polite" });
}

/**
 * Shows a problem at the top of `where` and moves the focus to it, so that nobody misses it.
 * @param {HTMLElement} where
 * @param {string} text
 */
export function showProblem(where, text) {
  clearProblem(where);
  const box = el("div", { class: "problem", role: "alert", tabindex: "-1" }, text);
  where.prepend(box);
  box.focus();
}

/** @param {HTMLElement} where */
export function clearProblem(where) {
  where.querySelectorAll(":scope > .problem").forEach((each) => each.remove());
}

/**
 * Keeps a button from being pressed twice while something runs.
 * @param {HTMLElement} button
 * @param {() => Promise<void>} work
 */
export async function whileBusy(button, work) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}
