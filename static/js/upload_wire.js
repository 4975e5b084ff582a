// What goes over the line for an upload, and what an answer means for it.
const PATIENCE = 60_000;
const MEANING = { 401: "entry", 403: "entry", 404: "ended", 408: "lost", 409: "moved", 410: "ended", 423: "busy", 460: "altered" };

// `kind`: lost (again by itself) | entry (signed out) | ended | moved (another offset) | busy (another connection) | altered
// (wrong checksum) | refused (with `words`). `again`: whether a person may try it once more.
export class Trouble extends Error {
  constructor(kind, { words = "", again = false, wait = 0 } = {}) {
    super(kind);
    Object.assign(this, { kind, words, again, wait });
  }
}

function meaningOf(status) {
  return MEANING[status] ?? (status >= 500 && status !== 507 ? "lost" : "refused");
}

function troubleOf(status, text, header, meaning = {}) {
  let problem = {};
  try {
    problem = JSON.parse(text);
  } catch {
    // Not JSON: the page's own words stand in.
  }
  const words = Object.values(problem.errors ?? {})[0]?.[0] ?? problem.detail ?? "";
  const wait = 1000 * Number.parseInt(header("Retry-After") ?? "0", 10) || 0;
  const kind = status === 429 && wait ? "lost" : (meaning[status] ?? meaningOf(status));
  return new Trouble(kind, { words, wait, again: [429, 507].includes(status) });
}

// Signing in again, in this tab or another, makes a new token; the one in the page is then worth nothing.
export function token() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
  return cookie ?? document.querySelector('input[name="csrfmiddlewaretoken"]')?.value ?? "";
}

// A small question to our own server; answers the Response, or throws what is wrong.
export async function ask(method, url, { headers = {}, body, signal, meaning } = {}) {
  const patience = AbortSignal.timeout(PATIENCE);
  let answer;
  try {
    answer = await fetch(url, {
      method,
      body,
      credentials: "same-origin",
      cache: "no-store",
      headers: { Accept: "application/json", "Tus-Resumable": "1.0.0", "X-CSRFToken": token(), ...headers },
      signal: signal && AbortSignal.any ? AbortSignal.any([signal, patience]) : (signal ?? patience),
    });
  } catch (problem) {
    if (signal?.aborted) throw problem;
    throw new Trouble("lost");
  }
  if (answer.ok) return answer;
  throw troubleOf(answer.status, await answer.text().catch(() => ""), (name) => answer.headers.get(name), meaning);
}

// Bytes, with progress. A line that carries nothing for a minute counts as broken.
export function send(method, url, { headers, body, signal, progress, meaning }) {
  return new Promise((done, broken) => {
    const request = new XMLHttpRequest();
    let watch;
    const alive = () => {
      clearTimeout(watch);
      watch = setTimeout(() => request.abort(), PATIENCE);
    };
    const stop = () => request.abort();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => (alive(), progress(event.loaded)));
    request.addEventListener("loadend", () => {
      clearTimeout(watch);
      signal.removeEventListener("abort", stop);
      if (signal.aborted) return broken(signal.reason);
      if (!request.status) return broken(new Trouble("lost"));
      const header = (name) => request.getResponseHeader(name);
      if (request.status < 300) return done(header);
      broken(troubleOf(request.status, request.responseText, header, meaning));
    });
    signal.addEventListener("abort", stop);
    if (signal.aborted) return broken(signal.reason);
    alive();
    request.send(body);
  });
}

export function base64(bytes) {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text);
}

export const encoded = (text) => base64(new TextEncoder().encode(text));

// SHA-256, or nothing where the page is not served safely and the browser therefore has none.
export async function sha256(bytes) {
  return globalThis.crypto?.subtle ? crypto.subtle.digest("SHA-256", bytes) : null;
}

export async function hex(digest) {
  return digest ? [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("") : "";
}
