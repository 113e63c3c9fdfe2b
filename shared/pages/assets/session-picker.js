// @ts-check
/** The sessions of a workshop to come, each with what can be done about it. */

import { askAll } from "./api.js";
import { zoneChoice } from "./choices.js";
import { clearProblem, el, liveLine, showProblem } from "./dom.js";
import { filled, toldProblem, words } from "./language.js";
import { chosenZone, toldSpan } from "./times.js";

/**
 * @typedef {{sessionNumber: number, start: string, end: string, teacher?: {name: string}, seatsLeft?: number,
 *   waitlistLength: number, bookable: boolean, reason?: string}} Session
 * @param {object} asked
 * @param {number} asked.eventTypeId
 * @param {(session: Session, zone: string) => Node | null} asked.action what stands beside a session
 * @param {(sessions: Session[], zone: string) => Node | null} [asked.head] what stands above them all
 * @returns {{element: HTMLElement, reload: () => Promise<void>}}
 */
export function sessionPicker({ eventTypeId, action, head = () => null }) {
  let zone = chosenZone();
  /** @type {Session[]} */
  let sessions = [];
  const line = liveLine();
  const top = el("div");
  const list = el("ol", { class: "sessions" });
  const element = el("div", { class: "panel picker" },
    el("div", { class: "choices" }, zoneChoice((chosen) => { zone = chosen; draw(); })), line, top, list);

  async function load() {
    line.textContent = words.loading;
    clearProblem(element);
    try {
      sessions = await askAll(`/v1/event-types/${eventTypeId}/sessions`, { limit: "100" }, "sessions");
      line.textContent = sessions.length ? filled(words.sessionsFound, { count: sessions.length }) : words.noSessions;
      draw();
    } catch (error) {
      line.textContent = "";
      showProblem(element, toldProblem(error));
    }
  }

  function draw() {
    const above = head(sessions, zone);
    top.replaceChildren(...(above ? [above] : []));
    list.replaceChildren(...sessions.map((session) => el("li", {}, told(session, zone), action(session, zone))));
  }

  void load();
  return { element, reload: load };
}

/**
 * @param {Session} session
 * @param {string} zone
 */
function told(session, zone) {
  const teacher = session.teacher?.name ? filled(words.withTeacher, { name: session.teacher.name }) : "";
  return el("div", {},
    el("strong", {}, toldSpan(session.start, session.end, zone)), el("br"),
    el("span", { class: "quiet" }, [teacher, toldSeats(session)].filter(Boolean).join(" · ")));
}

/** @param {Session} session */
function toldSeats(session) {
  if (session.reason === "too_late") return words.tooLate;
  if (session.reason === "payment") return words.notForSale;
  if (session.seatsLeft === undefined) return "";
  if (session.seatsLeft === 0) return session.waitlistLength ? filled(words.fullWaiting, { count: session.waitlistLength }) : words.full;
  return session.seatsLeft === 1 ? words.oneSeatLeft : filled(words.seatsLeft, { count: session.seatsLeft });
}
