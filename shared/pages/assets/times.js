// @ts-check
/** Days are `2026-12-01` in the chosen zone; arithmetic with them is done in UTC, where no day is skipped. */

import { locale } from "./language.js";

// Browsers go on with names of cities that have long been other ones.
const RENAMED = /** @type {Record<string, string>} */ ({
  "Asia/Saigon": "Asia/Ho_Chi_Minh", "Asia/Calcutta": "Asia/Kolkata", "Asia/Katmandu": "Asia/Kathmandu",
  "Asia/Rangoon": "Asia/Yangon", "Europe/Kiev": "Europe/Kyiv", "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
});

/** @returns {string} the visitor's own zone, or the one they have chosen on this site */
export function chosenZone() {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
  return sessionStorage.getItem("zone") ?? RENAMED[own] ?? own;
}

/** @param {string} zone */
export function rememberZone(zone) {
  sessionStorage.setItem("zone", zone);
}

/** @returns {string[]} */
export function allZones() {
  const known = typeof Intl.supportedValuesOf === "function" ? Intl.supportedValuesOf("timeZone") : [];
  return [...new Set([chosenZone(), "UTC", ...known.map((zone) => RENAMED[zone] ?? zone)])].sort();
}

/**
 * Today on a zone's calendar.
 * @param {string} zone
 */
export function today(zone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date());
}

/**
 * @param {string} day
 * @param {number} days
 */
export function addDays(day, days) {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/**
 * The first day of the month so many months on.
 * @param {string} day
 * @param {number} months
 */
export function addMonths(day, months) {
  const at = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  at.setUTCMonth(at.getUTCMonth() + months);
  return at.toISOString().slice(0, 10);
}

/** @param {string} month its first day */
export function lastOfMonth(month) {
  return addDays(addMonths(month, 1), -1);
}

/**
 * Monday is 0.
 * @param {string} day
 */
export function weekday(day) {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** @param {string} month */
export function toldMonth(month) {
  return format({ month: "long", year: "numeric" }, "UTC").format(new Date(`${month}T00:00:00Z`));
}

/** @param {string} day */
export function toldDay(day) {
  return format({ weekday: "long", day: "numeric", month: "long" }, "UTC").format(new Date(`${day}T00:00:00Z`));
}

/** @returns {{short: string, long: string}[]} from Monday on */
export function weekdays() {
  const days = Array.from({ length: 7 }, (_, index) => new Date(Date.UTC(2024, 0, 1 + index)));
  return days.map((day) => ({
    short: format({ weekday: "short" }, "UTC").format(day),
    long: format({ weekday: "long" }, "UTC").format(day),
  }));
}

/**
 * @param {string} instant
 * @param {string} zone
 */
export function toldTime(instant, zone) {
  return format({ hour: "numeric", minute: "2-digit" }, zone).format(new Date(instant));
}

/**
 * @param {string} instant
 * @param {string} zone
 */
export function toldMoment(instant, zone) {
  return format({ weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit" }, zone).format(new Date(instant));
}

/**
 * From one moment to the other; the end's date only if it is another.
 * @param {string} start
 * @param {string} end
 * @param {string} zone
 */
export function toldSpan(start, end, zone) {
  return format({ weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "numeric", minute: "2-digit" }, zone)
    .formatRange(new Date(start), new Date(end));
}

/**
 * @param {Intl.DateTimeFormatOptions} options
 * @param {string} zone
 */
function format(options, zone) {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: zone });
}
