// The whole verifier: finds a badge's token, checks it with the browser's own cryptography, says each step in words.
// It asks no server but the one it lies on, and none where it carries what it needs.
const $ = (id) => document.getElementById(id);
const carried = JSON.parse($("carried").textContent || "{}");
const root = new URL("./", location.href);
const LARGEST = 10_000_000;
const MOST_AT_ONCE = 2_000_000_000; // bytes that browsers take in as one piece

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

// --- files: a token, a document, or a picture with either inside -----------------------------------------------

const NO_BADGE = "This file is not a badge. Choose the badge's own file: it ends in .jwt, .json, .png or .svg.";
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function only(found) {
  if (found.length > 1) throw new Refused("This picture carries more than one badge.");
  if (!found.length) throw new Refused("This picture carries no badge. Choose the picture as it was downloaded: sent through a messenger or saved anew, it loses the badge.");
  return found[0].trim();
}

function inPng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const size = view.getUint32(at);
    if (at + 12 + size > bytes.length) throw new Refused("The picture is not whole.");
    const chunk = bytes.subarray(at + 8, at + 8 + size);
    const start = String.fromCharCode(...bytes.subarray(at + 4, at + 8), ...chunk.subarray(0, 22));
    // keyword, not compressed, no language, no translated keyword
    if (start === "iTXtopenbadgecredential\0\0\0") found.push(text(chunk.subarray(chunk.indexOf(0, chunk.indexOf(0, 22) + 1) + 1)));
    at += 12 + size;
  }
  return only(found);
}

function inSvg(drawing) {
  if (/<!ENTITY/i.test(drawing)) throw new Refused("The picture cannot be read.");
  const parsed = new DOMParser().parseFromString(drawing, "image/svg+xml");
  if (parsed.querySelector("parsererror")) throw new Refused("The picture is not whole.");
  const found = [...parsed.getElementsByTagNameNS("https://purl.imsglobal.org/ob/v3p0", "credential")];
  return only(found.map((one) => one.getAttribute("verify") || one.textContent));
}

// What somebody chose: {token} or {document}.
function unpack(bytes) {
  if (PNG.every((byte, at) => bytes[at] === byte)) return unpacked(inPng(bytes));
  let words;
  try {
    words = text(bytes).replace(/^\ufeff/, "").trim();
  } catch {
    throw new Refused(NO_BADGE);
  }
  return unpacked(words.startsWith("<") && words.slice(0, 2000).includes("<svg") ? inSvg(words) : words);
}

function unpacked(words) {
  if (!words.startsWith("{")) return { token: words };
  try {
    return { document: JSON.parse(words) };
  } catch {
    throw new Refused("This file is damaged: it begins like a badge and is not whole.");
  }
}

// A document is signed in a way that browsers cannot check by themselves, so its token is looked for.
async function tokenOf(document, others) {
  const isIts = (one) => one && claimed(one) === document.id;
  const found = [...others, carried.token].find(isIts) ?? [await beside(`${document.id}.jwt`)].find(isIts);
  if (found) return found;
  throw new Refused(
    "This file holds the badge without its token, and browsers can check only the token by themselves. Choose the file that ends in .jwt as well, both at once: it lies beside this one in the bundle and in the mirror. Nothing was checked yet.",
  );
}

function claimed(token) {
  try {
    return read(token).payload.id;
  } catch {
    return null;
  }
}

function same(one, other) {
  if (one === null || other === null || typeof one !== "object" || typeof other !== "object") return one === other;
  const [names, others] = [Object.keys(one), Object.keys(other)];
  if (Array.isArray(one) !== Array.isArray(other) || names.length !== others.length) return false;
  return names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]));
}

function checkSame(document, payload) {
  const { proof: _proof, ...written } = document;
  const { iss: _iss, jti: _jti, sub: _sub, nbf: _nbf, exp: _exp, ...signed } = payload;
  if (!same(written, signed)) {
    throw new Refused("This file says something other than the badge's signed token: it was changed, or it is of another day than the token.");
  }
}

// --- tokens ------------------------------------------------------------------------------------------------

function read(token) {
  const parts = token.trim().split(".");
  if (parts.length !== 3) throw new Refused(NO_BADGE);
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

const HASH = /^[0-9a-f]{64}$/;
const KINDS = {
  assessed: "Exactly this file was among the work that was assessed for this badge.",
  received: "Exactly this file was handed in for this badge. Assessors read a copy without what it said about people and places.",
};

function readProof(bytes) {
  try {
    const proof = JSON.parse(text(bytes));
    const path = proof.path.length <= 64 && proof.path.every((step) => HASH.test(step.hash) && ["left", "right"].includes(step.side));
    const whole = proof.format === "microcreds-proof-1" && Object.hasOwn(KINDS, proof.type) && HASH.test(proof.digest);
    if (whole && path && /^(?:[0-9a-f]{2}){8,64}$/.test(proof.salt) && HASH.test(JSON.parse(proof.seal).root)) return proof;
  } catch {
    // said below
  }
  throw new Refused("This is not a proof. It is the small JSON file that came with the evidence, named like proof.json.");
}

async function checkEvidence(badge, proof, file) {
  const digest = hex(await sha256(join(unhex(proof.salt), await sha256(file))));
  if (digest !== proof.digest) throw new Refused("This is not the file that the proof is about.");
  let hash = await sha256(join(Uint8Array.of(0), utf8(`${proof.type}:${digest}`)));
  for (const step of proof.path) {
    const other = unhex(step.hash);
    const [left, right] = step.side === "left" ? [other, hash] : [hash, other];
    hash = await sha256(join(Uint8Array.of(1), left, right));
  }
  if (hex(hash) !== JSON.parse(proof.seal).root) throw new Refused("The file is not in the work that was sealed.");
  const seal = `u${base64(join(Uint8Array.of(0x12, 0x20), await sha256(utf8(proof.seal))))}`;
  const named = [badge.relatedResource ?? []].flat().some((one) => one.digestMultibase === seal);
  if (!named || proof.credential !== badge.id) throw new Refused("The proof belongs to another badge.");
  return KINDS[proof.type];
}

// --- the page ----------------------------------------------------------------------------------------------

const SIGNS = { ok: "✓", failed: "✗", unknown: "?", note: "·" };
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

// Who stands behind it, as the badge says: their own signatures need what browsers do not have.
function note(list, badge) {
  const names = [badge.endorsement ?? []].flat().map((one) => one.issuer?.name).filter(Boolean);
  if (names.length) say(list, "note", "Endorsements.", `The badge carries words of ${names.join(", ")}. This page does not check their signatures.`);
}

async function check(token, document) {
  const list = $("steps");
  const badge = read(token).payload;
  if (![badge.type].flat().includes("OpenBadgeCredential")) throw new Refused("This is not an Open Badge.");
  shown = badge;
  const outcomes = [
    await step(list, "Signature and issuer.", "Nothing was changed since the issuer named in it signed it.", () => checkSignature(read(token), issuerOf(badge))),
    await step(list, "Dates.", "It is valid at this moment.", () => checkDates(badge)),
    await step(list, "Revocation.", "", () => checkStatus(badge)),
  ];
  if (document) {
    outcomes.push(await step(list, "The file you chose.", "It says word for word what the badge's signed token says.", () => checkSame(document, badge)));
  }
  note(list, badge);
  show(badge, outcomes);
}

// Of several files the one without a token is the badge, and the others may be its token.
async function open(files) {
  if (!crypto.subtle) throw new Refused("Here your browser does not reckon with signatures. Keep this page on your own disk, and open it from there.");
  const found = files.map(unpack);
  const tokens = found.filter((one) => one.token).map((one) => one.token);
  const document = found.find((one) => one.document)?.document;
  if (found.length > 2 || (found.length === 2 && !(document && tokens.length))) throw new Refused("Choose one badge at a time, with its token where it has one of its own.");
  await check(document ? await tokenOf(document, tokens) : tokens[0], document);
}

async function content(file) {
  if (!file) throw new Refused("Choose a file first.");
  if (file.size > LARGEST) throw new Refused("This file is larger than a badge can be.");
  return new Uint8Array(await file.arrayBuffer());
}

async function work(file) {
  if (!file) throw new Refused("Choose the file that the proof is about.");
  if (file.size > MOST_AT_ONCE) throw new Refused("This file is larger than a browser takes in at once. How to check it with other tools is written in the proof.");
  return new Uint8Array(await file.arrayBuffer());
}

async function attempt(task) {
  for (const id of ["facts", "steps", "person-said", "work-said"]) $(id).replaceChildren();
  $("trouble").textContent = "";
  $("result").hidden = true;
  shown = null;
  try {
    await task();
  } catch (error) {
    $("trouble").textContent = error instanceof Refused ? error.message : "This file could not be read.";
  }
}

async function answer(list, title, words, reckon) {
  list.replaceChildren();
  await step(list, title, words, reckon);
}

$("open").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => open(await Promise.all([...($("badge").files.length ? $("badge").files : [null])].map(content))));
});

$("person").addEventListener("submit", (event) => {
  event.preventDefault();
  answer($("person-said"), "Person.", "The badge was awarded to this e-mail address.", async () => {
    const [identity] = [shown.credentialSubject.identifier ?? []].flat();
    if (!identity) throw new Refused("The badge says nothing about whose it is.");
    const hash = hex(await sha256(utf8($("email").value.trim() + identity.salt)));
    const lower = hex(await sha256(utf8($("email").value.trim().toLowerCase() + identity.salt)));
    if (![`sha256$${hash}`, `sha256$${lower}`].includes(identity.identityHash)) throw new Refused("The badge was awarded to another address.");
  });
});

$("work").addEventListener("submit", (event) => {
  event.preventDefault();
  answer($("work-said"), "Evidence.", "", async () => checkEvidence(shown, readProof(await content($("proof").files[0])), await work($("evidence").files[0])));
});

if (carried.exported) $("since").textContent = `Keys and revocation lists in it are those of ${day(carried.exported)}.`;
if (carried.token) attempt(() => open([utf8(carried.token)]));
