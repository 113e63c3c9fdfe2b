// @ts-check
/** Booking: a time or a session is chosen, whoever comes says so, and what was booked is shown. */

import { ask, idempotencyKeys } from "./api.js";
import { attendeeForm } from "./attendee-form.js";
import { appAndPage, el, showProblem } from "./dom.js";
import { filled, toldProblem, words } from "./language.js";
import { sessionPicker } from "./session-picker.js";
import { slotPicker } from "./slot-picker.js";
import { toldSpan } from "./times.js";
import { keepToken } from "./tokens.js";

// After these the time or seat is gone for good, so the choice is shown anew.
const CHOOSE_AGAIN = ["slot_taken", "slot_not_offered", "session_full", "session_closed", "session_not_found", "seats_available"];

const { app, page } = appAndPage();
const keyOf = idempotencyKeys();
const picker = page.isWorkshop ? workshop() : lesson();
app.replaceChildren(picker.element);

function lesson() {
  return slotPicker({
    eventTypeId: page.id,
    teachers: page.teachers,
    pick: (slot, zone, teacherId) => {
      const wanted = { eventTypeId: page.id, start: slot.start, ...(teacherId ? { teacherId } : {}) };
      showForm(toldSpan(slot.start, slot.end, zone), zone, wanted);
    },
  });
}

function workshop() {
  return sessionPicker({
    eventTypeId: page.id,
    head: (sessions, zone) => wholeSeries(sessions, zone),
    action: (session, zone) => {
      const told = toldSpan(session.start, session.end, zone);
      if (session.bookable) return chooser(words.bookSeat, told, () => showForm(told, zone, { eventTypeId: page.id, sessionNumber: session.sessionNumber }));
      if (session.reason === "full") return chooser(words.joinWaitlist, told, () => showWaiting(told, zone, session.sessionNumber), "quiet-button");
      return null;
    },
  });
}

/**
 * All sessions at once, or all that have a seat left.
 * @param {import("./session-picker.js").Session[]} sessions
 * @param {string} zone
 */
function wholeSeries(sessions, zone) {
  const free = sessions.filter((session) => session.bookable);
  if (free.length < 2) return null;
  const series = free.length === sessions.length ? "all" : "available";
  const told = filled(series === "all" ? words.allSessions : words.freeSessions, { count: free.length });
  return el("div", { class: "buttons" },
    el("button", { type: "button", onclick: () => showForm(told, zone, { eventTypeId: page.id, series }) }, filled(words.bookSeries, { told })));
}

/**
 * @param {string} text
 * @param {string} which for those who hear the button alone
 * @param {() => void} chosen
 * @param {string} [kind]
 */
function chooser(text, which, chosen, kind) {
  return el("button", { type: "button", class: kind ?? null, onclick: chosen }, text, el("span", { class: "unseen" }, `: ${which}`));
}

/**
 * @param {string} told
 * @param {string} zone
 * @param {any} wanted
 */
function showForm(told, zone, wanted) {
  const submit = page.isPaid ? words.bookAndPay : page.isConfirmedLater ? words.request : words.book;
  showStep(attendeeForm({
    heading: told,
    zone,
    submit,
    back,
    send: async (attendee, notes) => {
      const body = { ...wanted, attendee, ...(notes ? { notes } : {}) };
      await orChooseAgain(async () => booked(await ask("POST", "/v1/bookings", { body, key: keyOf(body) })));
    },
  }));
}

/**
 * @param {string} told
 * @param {string} zone
 * @param {number} sessionNumber
 */
function showWaiting(told, zone, sessionNumber) {
  const path = `/v1/event-types/${page.id}/sessions/${sessionNumber}/waitlist`;
  showStep(attendeeForm({
    heading: filled(words.waitFor, { told }),
    zone,
    submit: words.joinWaitlist,
    withNotes: false,
    back,
    send: async (attendee) => {
      const body = { attendee };
      await orChooseAgain(async () => {
        const joined = await ask("POST", path, { body, key: keyOf({ path, body }) });
        keepToken(`waitlist/${joined.id}`, joined.token);
        location.assign(`/waitlist/${joined.id}${page.search}`);
      });
    },
  }));
}

/**
 * To the payment, or to what was booked. Each seat of a series has a token of its own.
 * @param {any} told
 */
function booked(told) {
  const seats = told.seats ?? [{ uid: told.uid, manageToken: told.manageToken }];
  for (const seat of seats) if (seat.manageToken) keepToken(`bookings/${seat.uid}`, seat.manageToken);
  if (seats.length > 1) sessionStorage.setItem(`series:${told.uid}`, JSON.stringify(seats.map((/** @type {any} */ { uid, start, end }) => ({ uid, start, end }))));
  location.assign(told.payment ? told.payment.checkoutUrl : `/bookings/${told.uid}${page.search}`);
}

/** @param {() => Promise<void>} work */
async function orChooseAgain(work) {
  try {
    await work();
  } catch (error) {
    if (!CHOOSE_AGAIN.includes(/** @type {any} */ (error)?.code)) throw error;
    app.replaceChildren(picker.element);
    await picker.reload();
    showProblem(picker.element, toldProblem(error));
  }
}

/** @param {HTMLElement} step */
function showStep(step) {
  app.replaceChildren(step);
  step.querySelector("h2")?.focus();
}

function back() {
  app.replaceChildren(picker.element);
  /** @type {HTMLElement | null} */ (picker.element.querySelector("select"))?.focus();
}
