// @ts-check
/** Tokens that manage bookings: kept in this tab, never left in the address bar. */

/**
 * The token of what the page is about: from the address (fragment or query), else as it was kept.
 * @param {string} name
 * @returns {string} empty where there is none
 */
export function takeToken(name) {
  const query = new URLSearchParams(location.search);
  const given = new URLSearchParams(location.hash.slice(1)).get("manageToken") ?? query.get("manageToken");
  if (given) {
    keepToken(name, given);
    query.delete("manageToken");
    const rest = query.toString();
    history.replaceState(null, "", location.pathname + (rest ? `?${rest}` : ""));
  }
  return given ?? keptToken(name);
}

/**
 * @param {string} name
 * @param {string} token
 */
export function keepToken(name, token) {
  sessionStorage.setItem(`token:${name}`, token);
}

/** @param {string} name */
export function keptToken(name) {
  return sessionStorage.getItem(`token:${name}`) ?? "";
}
