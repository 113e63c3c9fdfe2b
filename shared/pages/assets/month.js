// @ts-check
/** A month as a table: days that have times are buttons, reached by Tab once and by the arrow keys after. */

import { el } from "./dom.js";
import { filled, words } from "./language.js";
import { addDays, lastOfMonth, today, toldDay, toldMonth, weekday, weekdays } from "./times.js";

const STEPS = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 });

/**
 * @param {object} shown
 * @param {string} shown.month its first day
 * @param {string} shown.zone
 * @param {Map<string, any[]>} shown.days the free days, with their times
 * @param {string | null} shown.chosen
 * @param {(day: string) => void} shown.choose
 * @returns {HTMLElement}
 */
export function monthTable({ month, zone, days, chosen, choose }) {
  const free = [...days.keys()].filter((day) => day.startsWith(month.slice(0, 7))).sort();
  const entered = chosen && free.includes(chosen) ? chosen : free[0];
  const cell = (/** @type {string} */ day) => {
    const number = String(Number(day.slice(8)));
    const isToday = day === today(zone);
    if (!days.has(day)) return el("td", { class: isToday ? "today" : null }, number);
    const told = filled(words.dayWithTimes, { day: toldDay(day), count: days.get(day)?.length ?? 0 });
    const button = el("button", {
      type: "button",
      "data-day": day,
      class: isToday ? "today" : null,
      "aria-label": told,
      "aria-pressed": String(day === chosen),
      tabindex: day === entered ? "0" : "-1",
      onclick: () => choose(day),
    }, number);
    return el("td", {}, button);
  };
  const head = el("tr", {}, ...weekdays().map((day) => el("th", { scope: "col", abbr: day.long }, day.short)));
  const table = el("table", { class: "month" },
    el("caption", { class: "unseen" }, toldMonth(month)), el("thead", {}, head), el("tbody", {}, ...weeks(month, cell)));
  table.addEventListener("keydown", (event) => walk(/** @type {KeyboardEvent} */ (event), table, free));
  return table;
}

/**
 * @param {string} month
 * @param {(day: string) => HTMLElement} cell
 */
function weeks(month, cell) {
  const days = Array.from({ length: Number(lastOfMonth(month).slice(8)) }, (_, index) => addDays(month, index));
  const cells = [...Array.from({ length: weekday(month) }, () => el("td")), ...days.map(cell)];
  while (cells.length % 7) cells.push(el("td"));
  return Array.from({ length: cells.length / 7 }, (_, index) => el("tr", {}, ...cells.slice(index * 7, index * 7 + 7)));
}

/**
 * To the next free day in the arrow's direction.
 * @param {KeyboardEvent} event
 * @param {HTMLElement} table
 * @param {string[]} free
 */
function walk(event, table, free) {
  const from = /** @type {HTMLElement} */ (event.target).dataset.day;
  if (!from || !(event.key in STEPS || event.key === "Home" || event.key === "End")) return;
  event.preventDefault();
  const to = event.key === "Home" ? free[0] : event.key === "End" ? free.at(-1) : stepped(from, STEPS[event.key], free);
  const button = /** @type {HTMLElement | null} */ (table.querySelector(`[data-day="${to}"]`));
  if (!button) return;
  table.querySelectorAll("[data-day]").forEach((each) => each.setAttribute("tabindex", each === button ? "0" : "-1"));
  button.focus();
}

/**
 * @param {string} from
 * @param {number} step
 * @param {string[]} free
 */
function stepped(from, step, free) {
  for (let day = addDays(from, step); day >= free[0] && day <= /** @type {string} */ (free.at(-1)); day = addDays(day, step)) {
    if (free.includes(day)) return day;
  }
  return step > 0 ? free.find((day) => day > from) ?? from : free.findLast((day) => day < from) ?? from;
}
