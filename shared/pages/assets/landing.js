// @ts-check
/** Shows the times of sessions on the visitor's own clock; the server told them on the teacher's. */

import { chosenZone, toldSpan } from "./times.js";

for (const time of document.querySelectorAll("time[data-until]")) {
  const { dateTime, dataset } = /** @type {HTMLTimeElement} */ (time);
  const zone = chosenZone();
  time.textContent = `${toldSpan(dateTime, dataset.until ?? dateTime, zone)} (${zone.replaceAll("_", " ")})`;
}
