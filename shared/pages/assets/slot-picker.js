// @ts-check
/** Choosing a free time of a lesson: zone, teacher, month, day, time. */

import { ask } from "./api.js";
import { teacherChoice, zoneChoice } from "./choices.js";
import { clearProblem, el, liveLine, showProblem } from "./dom.js";
import { filled, toldProblem, words } from "./language.js";
import { monthTable } from "./month.js";
import { addMonths, chosenZone, lastOfMonth, today, toldDay, toldMonth, toldTime } from "./times.js";

// How many months without a time are passed over by themselves, and how far one may leaf.
const MONTHS_LOOKED_AT = 3;
const MONTHS_TO_LEAF = 24;

/**
 * @typedef {{start: string, end: string, teacherIds: number[]}} Slot
 * @param {object} asked
 * @param {number} asked.eventTypeId
 * @param {{id: number, name: string}[]} asked.teachers
 * @param {number | null} [asked.teacherId] who is chosen at first
 * @param {(slot: Slot, zone: string, teacherId: number | null) => void} asked.pick
 * @returns {{element: HTMLElement, reload: () => Promise<void>}}
 */
export function slotPicker({ eventTypeId, teachers, teacherId = null, pick }) {
  const state = { zone: chosenZone(), teacherId, month: "", day: /** @type {string | null} */ (null), days: /** @type {Map<string, Slot[]>} */ (new Map()), turn: 0 };
  const line = liveLine();
  const calendar = el("div");
  const times = el("section", { "aria-label": words.times });
  const element = el("div", { class: "panel picker" },
    el("div", { class: "choices" },
      zoneChoice((zone) => { state.zone = zone; void restart(); }),
      teacherChoice(teachers, teacherId, (id) => { state.teacherId = id; void show(state.month); })),
    calendar, line, times);

  /** @param {string} month */
  async function load(month) {
    const first = today(state.zone);
    const query = new URLSearchParams({ start: month < first ? first : month, end: lastOfMonth(month), timeZone: state.zone });
    if (state.teacherId) query.set("teacherId", String(state.teacherId));
    const found = await ask("GET", `/v1/event-types/${eventTypeId}/slots?${query}`);
    return byDay(found.slots);
  }

  /**
   * Shows the month, or the next that has a time when `searching`.
   * @param {string} month
   */
  async function show(month, searching = false) {
    const turn = ++state.turn;
    line.textContent = words.loading;
    clearProblem(element);
    try {
      let days = await load(month);
      for (let tries = 1; searching && !days.size && tries < MONTHS_LOOKED_AT; tries += 1) {
        month = addMonths(month, 1);
        days = await load(month);
      }
      if (turn !== state.turn) return;
      Object.assign(state, { month, days, day: days.has(state.day ?? "") ? state.day : null });
      line.textContent = days.size ? filled(words.daysFound, { count: days.size, month: toldMonth(month) }) : filled(words.noDays, { month: toldMonth(month) });
      draw();
    } catch (error) {
      if (turn !== state.turn) return;
      line.textContent = "";
      showProblem(element, toldProblem(error));
    }
  }

  function restart() {
    return show(`${today(state.zone).slice(0, 7)}-01`, true);
  }

  function draw() {
    const first = `${today(state.zone).slice(0, 7)}-01`;
    const leaf = (/** @type {number} */ by, /** @type {string} */ label, /** @type {string} */ sign, /** @type {boolean} */ off) =>
      el("button", { type: "button", class: "quiet-button", "aria-label": label, disabled: off, "data-leaf": by, onclick: () => leafed(by) }, sign);
    calendar.replaceChildren(
      el("div", { class: "month-bar" },
        leaf(-1, words.monthBefore, "‹", state.month <= first),
        el("h2", {}, toldMonth(state.month)),
        leaf(1, words.monthAfter, "›", state.month >= addMonths(first, MONTHS_TO_LEAF))),
      monthTable({ ...state, chosen: state.day, choose }));
    drawTimes();
  }

  /** @param {number} by */
  async function leafed(by) {
    await show(addMonths(state.month, by));
    const button = /** @type {HTMLElement | null} */ (calendar.querySelector(`[data-leaf="${by}"]:not([disabled])`));
    (button ?? /** @type {HTMLElement | null} */ (calendar.querySelector("button:not([disabled])")))?.focus();
  }

  /** @param {string} day */
  function choose(day) {
    state.day = day;
    draw();
    /** @type {HTMLElement | null} */ (times.querySelector("h3"))?.focus();
  }

  function drawTimes() {
    if (!state.day) return times.replaceChildren();
    const slots = state.days.get(state.day) ?? [];
    const buttons = slots.map((slot) => el("li", {},
      el("button", { type: "button", onclick: () => pick(slot, state.zone, state.teacherId) }, toldTime(slot.start, state.zone))));
    times.replaceChildren(el("h3", { tabindex: "-1" }, toldDay(state.day)), el("ul", { class: "times" }, ...buttons));
  }

  void restart();
  return { element, reload: () => show(state.month || `${today(state.zone).slice(0, 7)}-01`) };
}

/**
 * The API tells times on the clock that was asked for, so that their date is the day.
 * @param {Slot[]} slots
 * @returns {Map<string, Slot[]>}
 */
function byDay(slots) {
  const days = new Map();
  for (const slot of slots) {
    const day = slot.start.slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), slot]);
  }
  return days;
}
