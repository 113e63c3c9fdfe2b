// @ts-check
/** A booking for whoever holds its token: what it is, and what can be done about it. */

import { ask, idempotencyKeys } from "./api.js";
import { appAndPage, clearProblem, el, showProblem, whileBusy } from "./dom.js";
import { filled, money, toldProblem, words } from "./language.js";
import { sessionPicker } from "./session-picker.js";
import { slotPicker } from "./slot-picker.js";
import { toldMoment, toldSpan } from "./times.js";
import { keepToken, keptToken, takeToken } from "./tokens.js";

// Stripe tells us of a payment within a minute or so.
const LOOKS_AFTER_PAYING = 30;
const SECONDS_BETWEEN_LOOKS = 4;

const { app, page } = appAndPage();
const uid = location.pathname.split("/").at(-1) ?? "";
const path = `/v1/bookings/${encodeURIComponent(uid)}`;
const token = takeToken(`bookings/${uid}`);
const keyOf = idempotencyKeys();
const hasPaid = new URLSearchParams(location.search).has("paid");

if (token) void look(hasPaid ? LOOKS_AFTER_PAYING : 0);
else app.replaceChildren(el("p", { class: "notice" }, words.noToken));

/**
 * Shows the booking; looks again as often as said while a payment is on its way.
 * @param {number} again
 */
async function look(again = 0) {
  try {
    const booking = await ask("GET", path, { token });
    const waiting = again > 0 && booking.status === "pending" && Boolean(booking.payment);
    show(booking, waiting);
    if (waiting) setTimeout(() => void look(again - 1), SECONDS_BETWEEN_LOOKS * 1000);
  } catch (error) {
    showProblem(app, toldProblem(error));
  }
}

/**
 * @param {any} booking
 * @param {boolean} [paying]
 */
function show(booking, paying = false) {
  app.replaceChildren(
    ...[paying ? el("p", { class: "notice", role: "status" }, words.paymentOnItsWay) : null, summary(booking), payment(booking, paying), offer(booking), actions(booking), series()].filter((each) => each !== null));
}

/** @param {any} booking */
function summary(booking) {
  const zone = booking.attendee.timeZone;
  const rows = [
    [words.what, booking.eventType?.title ?? booking.title],
    [words.when, `${toldSpan(booking.start, booking.end, zone)} (${zone.replaceAll("_", " ")})`],
    [words.teacher, booking.teacher?.name],
    [words.where, booking.location],
    [words.who, `${booking.attendee.name}, ${booking.attendee.email}`],
    [words.notes, booking.notes],
    [words.reason, booking.reason],
    [words.paid, booking.paid && money(booking.paid.amount, booking.paid.currency)],
    ...(booking.refunds ?? []).map((/** @type {any} */ refund) => [words.refund, `${money(refund.amount, refund.currency)}: ${words.refundStatus[refund.status]}`]),
  ].filter(([, told]) => told);
  const moved = booking.rescheduledTo ? el("p", {}, words.moved, " ", movedLink(booking.rescheduledTo)) : null;
  return el("section", { class: "panel", "aria-label": words.booking },
    el("p", {}, el("span", { class: `status ${booking.status}`, role: "status" }, statusOf(booking))), moved,
    el("dl", { class: "told" }, ...rows.flatMap(([name, told]) => [el("dt", {}, name), el("dd", { class: "lines" }, link(told))])));
}

/** @param {any} booking */
function statusOf(booking) {
  if (booking.rescheduledTo) return words.status.moved;
  if (booking.status !== "pending") return words.status[booking.status] ?? booking.status;
  if (booking.offered) return words.status.offered;
  return booking.payment ? words.status.unpaid : words.status.pending;
}

/** @param {string} next */
function movedLink(next) {
  return keptToken(`bookings/${next}`) ? el("a", { href: `/bookings/${next}${page.search}` }, words.toMoved) : words.movedMail;
}

/**
 * A place that is an address of a meeting can be followed; nothing but https is one.
 * @param {string} text
 */
function link(text) {
  return /^https:\/\/[^\s]+$/.test(text) ? el("a", { href: text, rel: "noopener" }, text) : text;
}

/**
 * @param {any} booking
 * @param {boolean} paying
 */
function payment(booking, paying) {
  if (!booking.payment || paying) return null;
  const until = toldMoment(booking.payment.expiresAt, booking.attendee.timeZone);
  return el("section", { class: "panel" },
    el("p", {}, filled(words.heldUntil, { until })), el("a", { class: "button", href: booking.payment.checkoutUrl }, words.pay));
}

/** @param {any} booking */
function offer(booking) {
  if (!booking.offered || booking.payment) return null;
  const until = booking.holdExpiresAt ? toldMoment(booking.holdExpiresAt, booking.attendee.timeZone) : "";
  const section = el("section", { class: "panel" }, el("p", {}, filled(words.offeredUntil, { until })));
  const button = el("button", { type: "button" }, words.accept);
  button.addEventListener("click", () => void doing(section, button, async () => {
    const told = await ask("POST", `${path}/accept`, { token });
    if (told.payment) location.assign(told.payment.checkoutUrl);
    else show(told);
  }));
  section.append(button);
  return section;
}

/** @param {any} booking */
function actions(booking) {
  const isOn = ["accepted", "pending", "awaiting_host"].includes(booking.status) && new Date(booking.start) > new Date();
  if (!isOn) return booking.eventType ? el("p", {}, el("a", { class: "button", href: `/book/${encodeURIComponent(booking.eventType.slug)}${page.search}` }, words.bookAnother)) : null;
  const section = el("section", { class: "panel", "aria-label": words.changes });
  const buttons = el("div", { class: "buttons" });
  const place = el("div");
  if (booking.status === "accepted") buttons.append(el("a", { class: "button", href: `${path}/calendar.ics?manageToken=${encodeURIComponent(token)}` }, words.calendarFile));
  if (booking.eventType && !booking.payment && !booking.offered) buttons.append(el("button", { type: "button", class: "quiet-button", onclick: () => move(booking, place) }, words.move));
  buttons.append(el("button", { type: "button", class: "quiet-button", onclick: () => cancel(booking, place) }, booking.offered ? words.decline : words.cancel));
  section.append(buttons, place);
  return section;
}

/**
 * Says what comes back before anything is done.
 * @param {any} booking
 * @param {HTMLElement} place
 */
function cancel(booking, place) {
  const reason = /** @type {HTMLTextAreaElement} */ (el("textarea", { id: "reason", maxlength: 500 }));
  const wholeSeries = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", id: "whole", class: "check" }));
  const button = el("button", { type: "button", class: "danger" }, words.cancelNow);
  const section = el("section", { "aria-labelledby": "cancel-heading" },
    el("h2", { id: "cancel-heading", tabindex: "-1" }, words.cancelQuestion),
    el("p", {}, toldRefund(booking)),
    el("div", { class: "field" }, el("label", { for: "reason" }, words.reason, el("span", { class: "quiet" }, ` (${words.optional})`)), reason),
    hasSeries() ? el("label", { class: "check-line" }, wholeSeries, " ", words.wholeSeries) : null,
    el("div", { class: "buttons" }, button, el("button", { type: "button", class: "quiet-button", onclick: () => place.replaceChildren() }, words.keep)));
  button.addEventListener("click", () => void doing(section, button, async () => {
    const text = reason.value.trim();
    const told = await ask("POST", `${path}/cancel`, { token, body: { ...(text ? { reason: text } : {}), ...(wholeSeries.checked ? { series: true } : {}) } });
    show(told);
    app.prepend(el("p", { class: "good", role: "status", tabindex: "-1" }, words.cancelled));
    /** @type {HTMLElement} */ (app.firstElementChild).focus();
  }));
  place.replaceChildren(section);
  section.querySelector("h2")?.focus();
}

/** @param {any} booking */
function toldRefund(booking) {
  if (!booking.paid) return words.nothingPaid;
  const until = booking.refundableUntil && toldMoment(booking.refundableUntil, booking.attendee.timeZone);
  const amount = money(booking.paid.amount, booking.paid.currency);
  if (until && new Date(booking.refundableUntil) >= new Date()) return filled(words.willBeRefunded, { amount, until });
  return filled(words.willNotBeRefunded, { amount, until: until ?? "" });
}

/**
 * @param {any} booking
 * @param {HTMLElement} place
 */
function move(booking, place) {
  const head = el("h2", { tabindex: "-1" }, words.moveQuestion);
  const confirm = el("div", { "aria-live": "polite" });
  const chosen = (/** @type {string} */ told, /** @type {any} */ body) => {
    const button = el("button", { type: "button" }, words.moveNow);
    button.addEventListener("click", () => void doing(confirm, button, () => moved(body)));
    confirm.replaceChildren(el("p", {}, filled(words.moveTo, { told })), button);
    button.focus();
  };
  place.replaceChildren(head, pickerFor(booking, chosen).element, confirm);
  head.focus();
}

/**
 * @param {any} booking
 * @param {(told: string, body: any) => void} chosen
 */
function pickerFor(booking, chosen) {
  const eventTypeId = booking.eventType.id;
  if (!booking.sessionNumber) {
    return slotPicker({ eventTypeId, teachers: [], teacherId: booking.teacher?.id ?? null, pick: (slot, zone) => chosen(toldSpan(slot.start, slot.end, zone), { start: slot.start }) });
  }
  return sessionPicker({
    eventTypeId,
    action: (session, zone) => {
      if (!session.bookable || session.sessionNumber === booking.sessionNumber) return null;
      const told = toldSpan(session.start, session.end, zone);
      return el("button", { type: "button", onclick: () => chosen(told, { sessionNumber: session.sessionNumber }) }, words.moveHere, el("span", { class: "unseen" }, `: ${told}`));
    },
  });
}

/** @param {any} body */
async function moved(body) {
  const told = await ask("POST", `${path}/reschedule`, { token, body, key: keyOf(body) });
  keepToken(`bookings/${told.uid}`, told.manageToken);
  location.assign(`/bookings/${told.uid}${page.search}`);
}

function hasSeries() {
  return sessionStorage.getItem(`series:${uid}`) !== null;
}

/** The other seats that were booked with this one, as long as the tab remembers them. */
function series() {
  const seats = JSON.parse(sessionStorage.getItem(`series:${uid}`) ?? "[]");
  if (!seats.length) return null;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return el("section", { class: "panel" }, el("h2", {}, words.series),
    el("ol", { class: "sessions" }, ...seats.map((/** @type {any} */ seat) => el("li", {}, el("a", { href: `/bookings/${seat.uid}${page.search}` }, toldSpan(seat.start, seat.end, zone))))));
}

/**
 * @param {HTMLElement} where
 * @param {HTMLElement} button
 * @param {() => Promise<void>} work
 */
function doing(where, button, work) {
  return whileBusy(button, async () => {
    clearProblem(where);
    try {
      await work();
    } catch (error) {
      showProblem(where, toldProblem(error));
    }
  });
}
