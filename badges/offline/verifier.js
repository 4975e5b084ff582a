// The whole verifier: reads a badge's token, checks it with the browser's own cryptography, says each step in words.
// It asks no server but the one it lies on, and none where it carries what it needs.
const $ = (id) => document.getElementById(id);
const carried = JSON.parse($("carried").textContent || "{}");
const root = new URL("./", location.href);
const LARGEST = 10_000_000;

class Refused extends Error {}
class Unknown extends Error {}

// --- bytes -------------------------------------------------------------------------------------------------

const utf8 = (text) => new TextEncoder().encode(text);
const text = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);
const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const unhex = (digits) => Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function unbase64(value) {
  if (!/^[A-Za-z0-9_-]*$/.test(value)) throw new Refused("The badge's token is damaged.");
  const plain = atob(value.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function unzip(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const parts = [];
  let size = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return join(...parts);
    size += value.length;
    if (size > 2_097_152) throw new Refused("The revocation list unfolds to more than such lists are.");
    parts.push(value);
  }
}

// --- what was carried along, or lies beside this page --------------------------------------------------------

async function beside(address) {
  if (location.protocol === "file:") return null;
  try {
    const answer = await fetch(new URL(new URL(address).pathname.slice(1), root), { redirect: "error" });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

async function didDocument(did) {
  if (carried.dids?.[did]) return carried.dids[did];
  const [, host, ...path] = did.match(/^did:web:([^:]+)((?::[^:]+)*)$/) ?? [];
  if (!host) return null;
  const place = path[0] ? `${path[0].replaceAll(":", "/")}/did.json` : "/.well-known/did.json";
  const found = await beside(`https://${decodeURIComponent(host)}${place}`);
  return found ? JSON.parse(found) : null;
}

const statusToken = async (address) => carried.lists?.[address] ?? (await beside(`${address}.jwt`));

// --- tokens ------------------------------------------------------------------------------------------------

function read(token) {
  const parts = token.trim().split(".");
  if (parts.length !== 3) throw new Refused("This is not a badge's token. Choose the file that ends in .jwt.");
  try {
    const [header, payload] = parts.slice(0, 2).map((part) => JSON.parse(text(unbase64(part))));
    return { header, payload, signed: utf8(parts.slice(0, 2).join(".")), signature: unbase64(parts[2]) };
  } catch {
    throw new Refused("The badge's token is damaged.");
  }
}

const issuerOf = (document) => document.issuer?.id ?? document.issuer;

// Only the key that the named issuer publishes counts; a key inside the token would authenticate nobody.
async function checkSignature(read, issuer) {
  if (read.header.alg !== "RS256") throw new Refused("The token is signed in a way this page does not read.");
  const published = await didDocument(issuer);
  if (!published || published.id !== issuer) throw new Unknown(`The public keys of ${issuer} are not at hand.`);
  const name = String(read.header.kid ?? "").split("/").pop();
  const method = (published.verificationMethod ?? []).find(
    (one) => one.publicKeyJwk && one.controller === issuer && (one.publicKeyJwk.kid === read.header.kid || one.id === `${issuer}#${name}`),
  );
  if (!method || !(published.assertionMethod ?? []).includes(method.id)) {
    throw new Refused("The issuer does not publish the key that signed this.");
  }
  const { n, e } = method.publicKeyJwk;
  const how = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("jwk", { kty: "RSA", n, e }, how, false, ["verify"]);
  if (!(await crypto.subtle.verify(how, key, read.signature, read.signed))) {
    throw new Refused("The signature does not fit: something was changed since it was signed.");
  }
  if (method.revoked && new Date(read.payload.validFrom) >= new Date(method.revoked)) {
    throw new Refused("The key that signed this was in other hands at that time.");
  }
}

function checkDates(document) {
  const now = Date.now();
  if (!(Date.parse(document.validFrom) <= now)) throw new Refused("It is not valid yet.");
  if (document.validUntil && !(Date.parse(document.validUntil) >= now)) throw new Refused("It has expired.");
}

async function checkStatus(badge) {
  const entry = badge.credentialStatus;
  if (!entry) return "The issuer keeps no revocation list for it.";
  const token = await statusToken(entry.statusListCredential);
  if (!token) throw new Unknown("The revocation list is not at hand, so this page cannot say whether it was revoked.");
  const list = read(token);
  const subject = list.payload.credentialSubject ?? {};
  const same = list.payload.id === entry.statusListCredential && issuerOf(list.payload) === issuerOf(badge);
  if (!same || subject.statusPurpose !== entry.statusPurpose) throw new Refused("The revocation list is not this badge's.");
  await checkSignature(list, issuerOf(badge));
  const bits = await unzip(unbase64(String(subject.encodedList).slice(1)));
  const index = Number(entry.statusListIndex);
  if (!(index >= 0 && index < bits.length * 8)) throw new Refused("The badge has no place in the revocation list.");
  if (bits[index >> 3] & (0x80 >> (index & 7))) throw new Refused("The issuer has revoked or suspended it.");
  return `Not revoked, by the issuer's list of ${day(list.payload.validFrom)}.`;
}

// --- evidence ----------------------------------------------------------------------------------------------

async function checkEvidence(badge, proof, file) {
  const digest = hex(await sha256(join(unhex(proof.salt), await sha256(file))));
  if (digest !== proof.digest) throw new Refused("This is not the file that the proof is about.");
  let hash = await sha256(join(Uint8Array.of(0), utf8(`${proof.type}:${digest}`)));
  for (const step of proof.path.slice(0, 64)) {
    const other = unhex(step.hash);
    const [left, right] = step.side === "left" ? [other, hash] : [hash, other];
    hash = await sha256(join(Uint8Array.of(1), left, right));
  }
  if (hex(hash) !== JSON.parse(proof.seal).root) throw new Refused("The file is not in the work that was sealed.");
  const seal = `u${base64(join(Uint8Array.of(0x12, 0x20), await sha256(utf8(proof.seal))))}`;
  const named = [badge.relatedResource ?? []].flat().some((one) => one.digestMultibase === seal);
  if (!named || proof.credential !== badge.id) throw new Refused("The proof belongs to another badge.");
}

// --- the page ----------------------------------------------------------------------------------------------

const SIGNS = { ok: "✓", failed: "✗", unknown: "?" };
let shown = null;

function day(moment) {
  return new Date(moment).toLocaleDateString(undefined, { dateStyle: "long" });
}

function say(list, outcome, title, words) {
  const item = document.createElement("li");
  item.className = outcome;
  const mark = Object.assign(document.createElement("span"), { className: "mark", textContent: SIGNS[outcome] });
  const said = document.createElement("span");
  said.append(Object.assign(document.createElement("strong"), { textContent: title }), ` ${words}`);
  item.append(mark, said);
  list.append(item);
  return outcome;
}

async function step(list, title, words, check) {
  try {
    return say(list, "ok", title, (await check()) ?? words);
  } catch (error) {
    const known = error instanceof Refused || error instanceof Unknown;
    const outcome = error instanceof Unknown ? "unknown" : "failed";
    return say(list, outcome, title, known ? error.message : "This could not be read.");
  }
}

function fact(name, value) {
  if (!value) return;
  const term = Object.assign(document.createElement("dt"), { textContent: name });
  $("facts").append(term, Object.assign(document.createElement("dd"), { textContent: value }));
}

function show(badge, outcomes) {
  const worst = ["failed", "unknown", "ok"].find((one) => outcomes.includes(one));
  $("verdict").className = worst;
  $("verdict-h").textContent = { ok: "This badge is valid", failed: "This badge is not valid", unknown: "This badge could not be checked fully" }[worst];
  const achievement = badge.credentialSubject?.achievement ?? {};
  fact("What for", achievement.name);
  fact("Issuer", badge.issuer?.name);
  fact("Awarded", badge.awardedDate && day(badge.awardedDate));
  fact("Valid until", badge.validUntil && day(badge.validUntil));
  fact("Its name", badge.id);
  $("result").hidden = false;
  $("more").hidden = worst === "failed";
  $("verdict-h").focus();
}

async function check(token) {
  for (const id of ["facts", "steps"]) $(id).replaceChildren();
  const list = $("steps");
  $("trouble").textContent = "";
  let badge;
  try {
    shown = read(token);
    badge = shown.payload;
    if (![badge.type].flat().includes("OpenBadgeCredential")) throw new Refused("This is not an Open Badge.");
  } catch (error) {
    $("result").hidden = true;
    $("trouble").textContent = error instanceof Refused ? error.message : "This file could not be read.";
    return;
  }
  const outcomes = [
    await step(list, "Signature and issuer.", "Nothing was changed since the issuer named in it signed it.", () => checkSignature(shown, issuerOf(badge))),
    await step(list, "Dates.", "It is valid at this moment.", () => checkDates(badge)),
    await step(list, "Revocation.", "", () => checkStatus(badge)),
  ];
  show(badge, outcomes);
}

async function content(input) {
  const [file] = input.files;
  if (!file) throw new Refused("Choose a file first.");
  if (file.size > LARGEST && input.id !== "evidence") throw new Refused("This file is larger than a badge can be.");
  return new Uint8Array(await file.arrayBuffer());
}

async function answer(form, list, title, words, work) {
  list.replaceChildren();
  await step(list, title, words, work);
}

$("open").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await check(text(await content($("badge"))));
  } catch (error) {
    $("trouble").textContent = error instanceof Refused ? error.message : "This is not a badge's token. Choose the file that ends in .jwt.";
  }
});

$("person").addEventListener("submit", (event) => {
  event.preventDefault();
  answer(event.target, $("person-said"), "Person.", "The badge was awarded to this e-mail address.", async () => {
    const [identity] = [shown.payload.credentialSubject.identifier].flat();
    const hash = hex(await sha256(utf8($("email").value.trim() + identity.salt)));
    const lower = hex(await sha256(utf8($("email").value.trim().toLowerCase() + identity.salt)));
    if (![`sha256$${hash}`, `sha256$${lower}`].includes(identity.identityHash)) throw new Refused("The badge was awarded to another address.");
  });
});

$("work").addEventListener("submit", (event) => {
  event.preventDefault();
  answer(event.target, $("work-said"), "Evidence.", "Exactly this file was among the work that was handed in for this badge.", async () =>
    checkEvidence(shown.payload, JSON.parse(text(await content($("proof")))), await content($("evidence"))),
  );
});

if (carried.exported) $("since").textContent = `Keys and lists in this page are those of ${day(carried.exported)}.`;
if (carried.token) check(carried.token);
