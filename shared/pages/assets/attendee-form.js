// @ts-check
/** Who comes: name, address, notes. */

import { clearProblem, el, showProblem, whileBusy } from "./dom.js";
import { language, toldProblem, words } from "./language.js";

// As the API has it; what else is wrong the API says.
const ADDRESS = /^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$/;
// Where the API says that a field is wrong, by its JSON pointer.
const POINTERS = /** @type {Record<string, string>} */ ({ "/attendee/name": "name", "/attendee/email": "email", "/notes": "notes" });

/**
 * @typedef {{name: string, email: string, timeZone: string, locale: string}} Attendee
 * @param {object} asked
 * @param {string} asked.heading what is being booked
 * @param {string} asked.zone
 * @param {string} asked.submit what the button says
 * @param {boolean} [asked.withNotes]
 * @param {(attendee: Attendee, notes: string) => Promise<void>} asked.send
 * @param {() => void} asked.back
 * @returns {HTMLElement}
 */
export function attendeeForm({ heading, zone, submit, withNotes = true, send, back }) {
  const button = el("button", { type: "submit" }, submit);
  const form = el("form", { class: "panel", novalidate: true, "aria-labelledby": "form-heading" },
    el("h2", { id: "form-heading", tabindex: "-1" }, heading),
    field("name", words.name, el("input", { id: "name", name: "name", autocomplete: "name", required: true, maxlength: 200, value: sessionStorage.getItem("name") ?? "" })),
    field("email", words.email, el("input", { id: "email", name: "email", type: "email", autocomplete: "email", required: true, maxlength: 254, value: sessionStorage.getItem("email") ?? "" })),
    withNotes ? field("notes", words.notes, el("textarea", { id: "notes", name: "notes", maxlength: 5000 }), words.optional) : null,
    el("div", { class: "buttons" }, button, el("button", { type: "button", class: "quiet-button", onclick: back }, words.back)));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void whileBusy(button, () => submitted(form, zone, send));
  });
  return form;
}

/**
 * @param {HTMLElement} form
 * @param {string} zone
 * @param {(attendee: Attendee, notes: string) => Promise<void>} send
 */
async function submitted(form, zone, send) {
  clearProblem(form);
  const name = value(form, "name");
  const email = value(form, "email");
  const nameIsGood = mark(form, "name", name ? "" : words.nameMissing);
  const emailIsGood = mark(form, "email", ADDRESS.test(email) ? "" : words.emailWrong);
  mark(form, "notes", "");
  if (!nameIsGood || !emailIsGood) return void input(form, nameIsGood ? "email" : "name").focus();
  // Whoever books twice in a row need not type it again; it is forgotten with the tab.
  sessionStorage.setItem("name", name);
  sessionStorage.setItem("email", email);
  try {
    await send({ name, email, timeZone: zone, locale: language }, value(form, "notes"));
  } catch (error) {
    showProblem(form, toldProblem(error));
    for (const each of /** @type {any} */ (error)?.told?.errors ?? []) {
      if (each.pointer in POINTERS) mark(form, POINTERS[each.pointer], words.fieldWrong);
    }
  }
}

/**
 * @param {string} name
 * @param {string} label
 * @param {HTMLElement} control
 * @param {string} [more]
 */
function field(name, label, control, more) {
  return el("div", { class: "field" },
    el("label", { for: name }, label, more ? el("span", { class: "quiet" }, ` (${more})`) : null), control,
    el("p", { class: "field-problem", id: `${name}-problem`, hidden: true }));
}

/**
 * @param {HTMLElement} form
 * @param {string} name
 */
function input(form, name) {
  return /** @type {HTMLInputElement} */ (form.querySelector(`#${name}`));
}

/**
 * @param {HTMLElement} form
 * @param {string} name
 */
function value(form, name) {
  return input(form, name)?.value.trim() ?? "";
}

/**
 * Says what is wrong with a field, or that nothing is.
 * @param {HTMLElement} form
 * @param {string} name
 * @param {string} problem
 */
function mark(form, name, problem) {
  const control = input(form, name);
  if (!control) return true;
  const line = /** @type {HTMLElement} */ (form.querySelector(`#${name}-problem`));
  line.textContent = problem;
  line.hidden = !problem;
  control.setAttribute("aria-invalid", String(Boolean(problem)));
  if (problem) control.setAttribute("aria-describedby", line.id);
  else control.removeAttribute("aria-describedby");
  return !problem;
}
