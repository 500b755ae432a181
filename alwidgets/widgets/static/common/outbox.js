// @ts-check
/**
 * What was said to the kernel and is not acknowledged: plain functions on plain values, without a page. Each message
 * waits here from the moment it is made until the kernel has acknowledged or refused it, and is sent again meanwhile:
 * it has an id, so that it counts once however often it arrives.
 */

/** An acknowledgement that has not come after so long may be lost; each time it is waited for twice as long. */
const FIRST_MS = 5000;
const LONGEST_MS = 60_000;
/** What could not be saved is tried again after so long. */
const RETRY_MS = 3000;
/** So long an answer may be on its way before it is said that it waits. */
const LATE_MS = 4000;

/** @typedef {import("./said.d.ts").SaidChange} Message */
/** @typedef {{message: Message, since: number, sentAt: number|null, wait: number, error: string}} Waiting
 * since when it waits and when it was last sent, in milliseconds; how long its acknowledgement is then waited for; why it
 * could not be saved, empty when that is not known to be so */
/** @typedef {Map<string, Waiting>} Outbox by the id of its event, oldest first */

/** @param {Message[]} [unacknowledged] @param {number} [now] in milliseconds @returns {Outbox} */
export function makeOutbox(unacknowledged = [], now = performance.now()) {
  /** @type {Outbox} */ const outbox = new Map();
  unacknowledged.forEach((message) => put(outbox, message, now));
  return outbox;
}

/** @param {Outbox} outbox @param {Message} message @param {number} [now] in milliseconds */
export function put(outbox, message, now = performance.now()) {
  outbox.set(message.event_id, { message, since: now, sentAt: null, wait: FIRST_MS, error: "" });
}

/** The sample that a change is about, if it is about one. @param {import("./said.d.ts").NewChange} message @returns {number|undefined} */
export function itemOf(message) {
  return "item" in message ? message.item : undefined;
}

/** Oldest first. @param {Outbox} outbox @returns {Message[]} */
export function messagesIn(outbox) {
  return [...outbox.values()].map(({ message }) => message);
}

/**
 * What is to be sent now: what never was, and what was not acknowledged for long. It is taken to be sent. Of messages
 * about the same, each waits for the acknowledgement of the one before: sent again, that would come after it.
 * @param {Outbox} outbox
 * @param {number} now in milliseconds
 * @returns {Message[]} oldest first
 */
export function takeDue(outbox, now) {
  const before = new Set();
  const due = [...outbox.values()].filter(({ message: { about }, sentAt, wait }) => {
    const isBehind = about !== undefined && before.has(about);
    before.add(about);
    return !isBehind && (sentAt === null || now - sentAt >= wait);
  });
  for (const entry of due) {
    if (entry.sentAt !== null) entry.wait = Math.min(LONGEST_MS, 2 * entry.wait);
    entry.sentAt = now;
  }
  return due.map(({ message }) => message);
}

/** What was sent over a connection that is gone may be lost: all of it is due. @param {Outbox} outbox */
export function sendAgain(outbox) {
  for (const entry of outbox.values()) {
    entry.sentAt = null;
    entry.wait = FIRST_MS;
  }
}

/**
 * Take a reply of the kernel: what could not be saved is kept, with the reason, and all else is done with.
 * @param {Outbox} outbox
 * @param {{kind: string, event_id: string, retry?: boolean, error?: string}} reply
 * @returns {Message|undefined} what it replies to, if that waited here
 */
export function takeReply(outbox, { kind, event_id, retry, error = "" }) {
  const entry = outbox.get(event_id);
  if (kind === "refused" && retry) Object.assign(entry ?? {}, { error, wait: RETRY_MS });
  else outbox.delete(event_id);
  return entry?.message;
}

/**
 * How much waits, and why.
 * @param {Outbox} outbox
 * @param {number} now in milliseconds
 * @returns {{nAnswers: number, nOthers: number, late: boolean, error: string}} late: whether one of them waits so long
 *   that it is to be said
 */
export function standing(outbox, now) {
  const entries = [...outbox.values()];
  const nAnswers = entries.filter(({ message }) => message.kind === "answer").length;
  return {
    nAnswers,
    nOthers: entries.length - nAnswers,
    late: entries.some(({ since }) => now - since >= LATE_MS),
    error: entries.map(({ error }) => error).filter(Boolean).at(-1) ?? "",
  };
}
