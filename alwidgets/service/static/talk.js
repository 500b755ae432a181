// @ts-check
/**
 * The connection to the session: made again whenever it is gone, and known to be gone when nothing is heard. What is
 * said while there is none is not kept here: what must not be lost waits with whoever says it.
 */

import { packed, unpacked } from "./wire.js";

const FIRST_MS = 500;
const LONGEST_MS = 15_000;
/** Both ends say something at least so often; one that is silent for so long is gone. */
const BEAT_MS = 10_000;
const SILENT_MS = 25_000;
/** After a sleep, a connection of which so long nothing was heard is not trusted. */
const STALE_MS = 12_000;
const PROTOCOL = "alwidgets";
const TOO_BIG = 1009;

/** @typedef {{name: string, role: string, parts: {name: string, title: string, inert: boolean}[], ticket: string, most_bytes: number}} Entry */

/**
 * @typedef {object} On
 * @property {(entry: Entry) => Promise<void>} entered before anything is heard
 * @property {(message: any, buffers: DataView[]) => void} hear
 * @property {() => void} connected
 * @property {(why: string) => void} lost what stands in the way, in words
 *
 * @typedef {object} Talk
 * @property {string} key
 * @property {On} on
 * @property {WebSocket|null} socket that is open
 * @property {Entry|null} entry
 * @property {number} heardAt in milliseconds
 * @property {number} wait until the next try
 * @property {ReturnType<typeof setTimeout>|undefined} timer of the next try
 * @property {boolean} trying
 */

/** @param {string} key @param {On} on */
export function makeTalk(key, on) {
  /** @type {Talk} */ const talk = {
    key, on, socket: null, entry: null, heardAt: 0, wait: FIRST_MS, timer: undefined, trying: false,
  };
  setInterval(() => beat(talk), BEAT_MS);
  const back = () => wake(talk);
  window.addEventListener("online", back);
  window.addEventListener("pageshow", back);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && back());
  connect(talk);
  return {
    isOpen: () => talk.socket !== null,
    mostBytes: () => talk.entry?.most_bytes ?? Infinity,
    /** @param {any} message @param {readonly any[]} [buffers] */
    say(message, buffers) {
      talk.socket?.send(/** @type {any} */ (packed(message, buffers)));
    },
  };
}

/** @param {Talk} talk */
async function connect(talk) {
  if (talk.trying || talk.socket) return;
  talk.trying = true;
  clearTimeout(talk.timer);
  const why = await comeIn(talk);
  talk.trying = false;
  if (why === null) return;
  talk.on.lost(why);
  tryLater(talk);
}

/** Not all at the same moment: a server that starts has many to greet. @param {Talk} talk */
function tryLater(talk) {
  clearTimeout(talk.timer);
  talk.timer = setTimeout(() => connect(talk), talk.wait * (0.5 + Math.random() / 2));
  talk.wait = Math.min(LONGEST_MS, 2 * talk.wait);
}

/** Come in, and open a connection. @param {Talk} talk @returns {Promise<string|null>} what stood in the way, null for nothing */
async function comeIn(talk) {
  const { entry, why } = await enter(talk.key);
  if (!entry) return why;
  talk.entry = entry;
  await talk.on.entered(entry);
  const address = new URL("talk", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.search = "";
  const socket = new WebSocket(address, [PROTOCOL, entry.ticket]);
  socket.binaryType = "arraybuffer";
  return new Promise((settled) => {
    // A connection may also be neither made nor refused.
    const patience = setTimeout(() => socket.close(), LONGEST_MS);
    socket.addEventListener("open", () => {
      clearTimeout(patience);
      opened(talk, socket);
      settled(null);
    });
    socket.addEventListener("message", ({ data }) => take(talk, data));
    socket.addEventListener("close", ({ code }) => {
      clearTimeout(patience);
      settled("");
      if (talk.socket === socket) gone(talk, code === TOO_BIG ? "A message was too large to be taken." : "");
    });
  });
}

/** @param {string} key @returns {Promise<{entry: Entry|null, why: string}>} */
async function enter(key) {
  if (!key) return { entry: null, why: "Open this page by the link that you were given." };
  try {
    const signal = AbortSignal.timeout?.(LONGEST_MS);
    const reply = await fetch("enter", { headers: { "X-Alwidgets-Key": key }, cache: "no-store", signal });
    const found = await reply.json();
    return reply.ok && found.ticket ? { entry: found, why: "" } : { entry: null, why: found.error ?? "" };
  } catch {
    // No network, no server, or one in between that says something else.
    return { entry: null, why: "" };
  }
}

/** @param {Talk} talk @param {WebSocket} socket */
function opened(talk, socket) {
  talk.socket = socket;
  talk.heardAt = Date.now();
  talk.on.connected();
}

/** @param {Talk} talk @param {string|ArrayBuffer} data */
function take(talk, data) {
  talk.heardAt = Date.now();
  // Whoever is heard is there: the next try after this one is an early one again.
  talk.wait = FIRST_MS;
  if (!data) return;
  const { message, buffers } = unpacked(data);
  talk.on.hear(message, buffers);
}

/** @param {Talk} talk @param {string} why */
function gone(talk, why) {
  talk.socket?.close();
  talk.socket = null;
  talk.on.lost(why);
  tryLater(talk);
}

/** @param {Talk} talk */
function beat(talk) {
  if (!talk.socket) return;
  if (Date.now() - talk.heardAt > SILENT_MS) gone(talk, "");
  else talk.socket.send("");
}

/** The network or the machine is back, or the page is looked at again. @param {Talk} talk */
function wake(talk) {
  talk.wait = FIRST_MS;
  if (talk.socket && Date.now() - talk.heardAt > STALE_MS) gone(talk, "");
  else connect(talk);
}
