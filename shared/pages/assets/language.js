// @ts-check
/** The page's language: its words, and how it writes times and money. */

import { en } from "./words-en.js";
import { vi } from "./words-vi.js";

export const language = document.documentElement.lang === "vi" ? "vi" : "en";

/** @type {Record<string, any>} */
export const words = language === "vi" ? vi : en;

// The reader's own English or Vietnamese, so that Americans are told p.m. and the British are not.
export const locale = navigator.languages?.find((each) => each.toLowerCase().startsWith(language)) ?? language;

/**
 * The words with the values in their places, `{name}`.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * What to tell of a refusal.
 * @param {any} error
 * @returns {string}
 */
export function toldProblem(error) {
  return words.problems[error?.code] ?? words.problems.unknown;
}

/**
 * Minor units as Stripe counts them, as people write them.
 * @param {number} minor
 * @param {string} currency
 */
export function money(minor, currency) {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency: currency.toUpperCase() });
  // Stripe counts these two in hundredths although they have no coins.
  const digits = ["ISK", "UGX"].includes(currency.toUpperCase()) ? 2 : (format.resolvedOptions().maximumFractionDigits ?? 2);
  return format.format(minor / 10 ** digits);
}
