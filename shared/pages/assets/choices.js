// @ts-check
/** Small choices that pickers have in common. */

import { el } from "./dom.js";
import { words } from "./language.js";
import { allZones, chosenZone, rememberZone } from "./times.js";

/**
 * On whose clock times are shown.
 * @param {(zone: string) => void} changed
 * @returns {HTMLElement}
 */
export function zoneChoice(changed) {
  const own = chosenZone();
  const options = allZones().map((zone) => el("option", { value: zone, selected: zone === own }, zone.replaceAll("_", " ")));
  const select = /** @type {HTMLSelectElement} */ (el("select", { id: "zone" }, ...options));
  select.addEventListener("change", () => {
    rememberZone(select.value);
    changed(select.value);
  });
  return el("div", {}, el("label", { for: "zone" }, words.zone), select);
}

/**
 * With whom; null where there is nobody to choose from.
 * @param {{id: number, name: string}[]} teachers
 * @param {number | null} chosen
 * @param {(id: number | null) => void} changed
 * @returns {HTMLElement | null}
 */
export function teacherChoice(teachers, chosen, changed) {
  if (teachers.length < 2) return null;
  const options = teachers.map((each) => el("option", { value: each.id, selected: each.id === chosen }, each.name || words.noName));
  const select = /** @type {HTMLSelectElement} */ (el("select", { id: "teacher" }, el("option", { value: "" }, words.anyTeacher), ...options));
  select.addEventListener("change", () => changed(select.value ? Number(select.value) : null));
  return el("div", {}, el("label", { for: "teacher" }, words.teacher), select);
}
