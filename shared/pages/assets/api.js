// @ts-check
/** The school's API on the same host. */

/** A refusal with its stable code; `offline` when nothing answered. */
export class Refusal extends Error {
  /**
   * @param {string} code
   * @param {number} status
   * @param {any} [told] the problem document
   */
  constructor(code, status, told = {}) {
    super(code);
    this.code = code;
    this.status = status;
    this.told = told;
  }
}

/**
 * Asks, and gives the JSON document that comes back. Throws Refusal.
 * @param {"GET" | "POST"} method
 * @param {string} path
 * @param {{token?: string, key?: string, body?: any}} [more]
 * @returns {Promise<any>}
 */
export async function ask(method, path, { token, key, body } = {}) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json" };
  if (token) headers["x-manage-token"] = token;
  if (key) headers["idempotency-key"] = key;
  if (body !== undefined) headers["content-type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new Refusal("offline", 0);
  }
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(told.code ?? (answer.status >= 500 ? "internal_error" : "unknown"), answer.status, told);
  return told;
}

/**
 * Keys for requests that create: the same request sent again has the same key, another one another.
 * @returns {(body: any) => string}
 */
export function idempotencyKeys() {
  /** @type {Map<string, string>} */
  const known = new Map();
  return (body) => {
    const text = JSON.stringify(body);
    if (!known.has(text)) known.set(text, freshKey());
    return /** @type {string} */ (known.get(text));
  };
}

function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * All pages of a list.
 * @param {string} path
 * @param {Record<string, string>} query
 * @param {string} name of the list in the document
 * @returns {Promise<any[]>}
 */
export async function askAll(path, query, name) {
  const found = [];
  let cursor = "";
  do {
    const asked = new URLSearchParams(cursor ? { ...query, cursor } : query);
    const page = await ask("GET", `${path}?${asked}`);
    found.push(...page[name]);
    cursor = page.nextCursor ?? "";
  } while (cursor && found.length < 1000);
  return found;
}
