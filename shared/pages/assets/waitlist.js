// @ts-check
/** A place on a waitlist, for whoever holds its token. */

import { ask } from "./api.js";
import { appAndPage, clearProblem, el, showProblem, whileBusy } from "./dom.js";
import { filled, toldProblem, words } from "./language.js";
import { chosenZone, toldMoment, toldSpan } from "./times.js";
import { keepToken, takeToken } from "./tokens.js";

const { app, page } = appAndPage();
const id = location.pathname.split("/").at(-1) ?? "";
const path = `/v1/waitlist-entries/${encodeURIComponent(id)}`;
const token = takeToken(`waitlist/${id}`);

if (token) void look();
else app.replaceChildren(el("p", { class: "notice" }, words.noToken));

async function look() {
  try {
    show(await ask("GET", path, { token }));
  } catch (error) {
    showProblem(app, toldProblem(error));
  }
}

/** @param {any} entry */
function show(entry) {
  const zone = chosenZone();
  // The token of the place manages the seat that is offered, too.
  if (entry.bookingUid) keepToken(`bookings/${entry.bookingUid}`, token);
  const until = entry.offerExpiresAt ? toldMoment(entry.offerExpiresAt, zone) : "";
  app.replaceChildren(el("section", { class: "panel" },
    el("p", {}, el("span", { class: "status pending", role: "status" }, words.waitlistStatus[entry.status] ?? entry.status)),
    el("dl", { class: "told" },
      el("dt", {}, words.when), el("dd", {}, `${toldSpan(entry.start, entry.end, zone)} (${zone.replaceAll("_", " ")})`),
      ...(entry.position ? [el("dt", {}, words.position), el("dd", {}, String(entry.position))] : [])),
    el("p", {}, entry.status === "OFFERED" ? filled(words.offeredUntil, { until }) : entry.status === "WAITING" ? words.waitingMore : null),
    el("div", { class: "buttons" }, ...buttons(entry))));
}

/** @param {any} entry */
function buttons(entry) {
  const made = [];
  if (entry.bookingUid && ["OFFERED", "BOOKED"].includes(entry.status)) made.push(el("a", { class: "button", href: `/bookings/${entry.bookingUid}${page.search}` }, words.toSeat));
  if (["WAITING", "OFFERED"].includes(entry.status)) {
    const button = el("button", { type: "button", class: "quiet-button" }, words.leave);
    button.addEventListener("click", () => void whileBusy(button, leave));
    made.push(button);
  }
  return made;
}

async function leave() {
  clearProblem(app);
  try {
    show(await ask("POST", `${path}/leave`, { token }));
    app.prepend(el("p", { class: "good", role: "status", tabindex: "-1" }, words.left));
    /** @type {HTMLElement} */ (app.firstElementChild).focus();
  } catch (error) {
    showProblem(app, toldProblem(error));
  }
}
