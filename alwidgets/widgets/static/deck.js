// @ts-check
/** What is on screen, what comes next, and what was answered: plain functions on plain values, without a page. */

import { makeOutbox, messagesIn, put, takeReply } from "./outbox.js";
import { released } from "./sample.js";

const KEPT_PAYLOADS = 24;
/** Samples fetched ahead, and how many of them in one request: answers are handled between two requests. */
const AHEAD = 32;
const AT_ONCE = 4;
/** A reply that has not come after so long may be lost; each time it is waited for twice as long. */
const [NEED_MS, LONGEST_NEED_MS] = [5000, 60_000];

/** @typedef {number|number[]|null} Value number of a class, numbers of several, null to skip */
/** @typedef {import("./outbox.js").Message} Message */

/** @param {Message[]} unacknowledged */
export function makeDeck(unacknowledged = []) {
  return {
    /** @type {number[]} */ queue: [],
    /** @type {number|null} */ current: null,
    shownAt: 0,
    /** What each item shows. @type {Map<number, any>} */ payloads: new Map(),
    /** What was written down: note of the item, and of its flag. @type {Map<number, [string, string]>} */
    remarks: new Map(),
    /** Asked for, not arrived: until when it is waited for, and how long that is.
     * @type {Map<number, {until: number, wait: number}>} */
    needed: new Map(),
    /** Answered here, and perhaps still in the queue that was last heard of. @type {Map<number, string>} */
    answered: new Map(),
    /** Answers of this page, oldest first; those given at once share a group.
     * @type {{event_id: string, item: number, group?: string, again?: boolean}[]} */
    past: [],
    /** Shown beside what is on screen. @type {Set<number>} */ beside: new Set(),
    /** Given, not acknowledged. */ waiting: makeOutbox(unacknowledged),
    /** Classes chosen for what is on screen, where an answer is several. @type {Set<number>} */ chosen: new Set(),
    /** The model's classes that were shown with what is on screen. @type {Value} */ suggested: null,
    /** Whether what is on screen was answered before, and came back to be changed. */ revisited: false,
    /** Labelled rows that are asked a second time. @type {Set<number>} */ looks: new Set(),
    /** Second answers that were taken back here: to be given again, whatever the kernel knows by now. @type {Set<number>} */
    again: new Set(),
    /** The undo whose item only the kernel knows. @type {string|null} */ undoing: null,
  };
}

/** @typedef {ReturnType<typeof makeDeck>} Deck */

/**
 * Take a new queue. What is on screen stays until it is answered, here or elsewhere: a question that a newer model
 * only ranks lower is not taken from under the annotator's eyes.
 * @param {Deck} deck
 * @param {number[]} queue
 * @param {number[]} withdrawn questions that were withdrawn lately, and are still unanswered
 */
export function setQueue(deck, queue, withdrawn) {
  deck.queue = queue;
  // A queue that comes after the acknowledgement of an answer knows of it: whatever it asks is to be asked.
  for (const [item, event_id] of deck.answered) {
    if (!deck.waiting.has(event_id)) deck.answered.delete(item);
  }
  const current = deck.current;
  const takingBack = messagesIn(deck.waiting).some(({ kind }) => kind === "undo");
  const stays = takingBack || deck.revisited;
  if (current === null || !(queue.includes(current) || withdrawn.includes(current) || stays)) advance(deck);
  forgetPayloads(deck);
}

/** Put the next unanswered question on screen. @param {Deck} deck */
export function advance(deck) {
  const next = deck.queue.find((item) => !deck.answered.has(item) && item !== deck.current);
  show(deck, next ?? null);
}

/** Bring back what was answered before; the question that was on screen comes after it. @param {Deck} deck @param {number} item */
export function revisit(deck, item) {
  if (deck.undoing !== null) return;
  show(deck, item);
  deck.revisited = true;
}

/** Put something on screen, with nothing chosen for it. @param {Deck} deck @param {number|null} item */
function show(deck, item) {
  deck.current = item;
  deck.chosen = new Set();
  deck.suggested = null;
  deck.revisited = false;
}

/** Choose a class, or take the choice back. @param {Deck} deck @param {number} value */
export function toggle(deck, value) {
  if (!answerable(deck)) return;
  if (!deck.chosen.delete(value)) deck.chosen.add(value);
}

/**
 * Items whose content has to be fetched, the next ones first; again those of which nothing was heard for long.
 * @param {Deck} deck
 * @param {number} now in milliseconds
 */
export function missingPayloads(deck, now) {
  const ahead = deck.queue.filter((item) => !deck.answered.has(item)).slice(0, AHEAD);
  const wanted = [...(deck.current === null ? [] : [deck.current]), ...deck.beside, ...ahead];
  const awaited = new Set([...deck.needed].filter(([, { until }]) => until > now).map(([item]) => item));
  const missing = [...new Set(wanted)]
    .filter((item) => !deck.payloads.has(item) && !awaited.has(item))
    .slice(0, Math.max(0, AT_ONCE - awaited.size));
  for (const item of missing) {
    const wait = Math.min(LONGEST_NEED_MS, 2 * (deck.needed.get(item)?.wait ?? NEED_MS / 2));
    deck.needed.set(item, { until: now + wait, wait });
  }
  return missing;
}

/**
 * The note of an item as the page knows it, where what was sent last counts. A flag has a note of its own: it is the one
 * that is meant when there is no other.
 * @param {Deck} deck
 * @param {number} item
 * @param {boolean} flagged
 * @returns {{item: number, kind: "note"|"flag", text: string}}
 */
export function noteOf(deck, item, flagged) {
  const [note, flag] = deck.remarks.get(item) ?? ["", ""];
  const now = (/** @type {string} */ kind, /** @type {string} */ known) => {
    const sent = messagesIn(deck.waiting).filter((message) => message.kind === kind && message.item === item);
    return sent.length ? (sent[sent.length - 1].note ?? "") : known;
  };
  const text = now("note", note);
  return flagged && !text ? { item, kind: "flag", text: now("flag", flag) } : { item, kind: "note", text };
}

/** How long from now something that was asked for may be asked for again, null while nothing is awaited. @param {Deck} deck @param {number} now */
export function untilOverdue(deck, now) {
  const ends = [...deck.needed.values()].map(({ until }) => until).filter((until) => until > now);
  return ends.length ? Math.min(...ends) - now : null;
}

/** Whether an answer may be given: only to an item that can be seen. @param {Deck} deck */
export function answerable(deck) {
  return deck.current !== null && deck.undoing === null && deck.payloads.has(deck.current);
}

/**
 * Answer what is on screen and move on.
 * @param {Deck} deck
 * @param {Value} value
 * @param {{event_id: string, now: number, round: number, as_of: number|null, unsure?: boolean}} moment now in milliseconds
 * @returns {Message|null} what to send; null when nothing can be answered
 */
export function answer(deck, value, { event_id, now, round, as_of, unsure = false }) {
  if (!answerable(deck)) return null;
  const item = /** @type {number} */ (deck.current);
  const message = {
    kind: "answer", event_id, item, value, round, as_of,
    shown_at: deck.shownAt / 1000, seconds: Math.max(0, now - deck.shownAt) / 1000,
    ...(unsure && { unsure }),
    ...(isLook(deck, item) && { again: true }),
    ...(deck.suggested !== null && { suggested: deck.suggested }),
  };
  deck.answered.set(item, event_id);
  deck.past.push({ event_id, item, again: "again" in message });
  deck.again.delete(item);
  put(deck.waiting, message);
  advance(deck);
  return message;
}

/** Whether an answer to it is a second one, of which the first is not shown. @param {Deck} deck @param {number} item */
export function isLook(deck, item) {
  return !deck.revisited && (deck.looks.has(item) || deck.again.has(item));
}

/** Whether a class can be told of what is on screen: there is something to see. @param {Deck} deck */
export function tellable(deck) {
  return answerable(deck) && deck.payloads.get(/** @type {number} */ (deck.current)).type !== "error";
}

/**
 * Answer several samples that are shown together.
 * @param {Deck} deck
 * @param {{item: number, value: number}[]} answers
 * @param {{newId: () => string, since: number, now: number, round: number, as_of: number|null, via: string}} moment since and now in milliseconds
 * @returns {Message[]} what to send
 */
export function answerTogether(deck, answers, { newId, since, now, round, as_of, via }) {
  const group = newId();
  const seconds = Math.max(0, now - since) / 1000 / Math.max(1, answers.length);
  const messages = answers.map(({ item, value }) => {
    const event_id = newId();
    const message = { kind: "answer", event_id, item, value, round, as_of, shown_at: since / 1000, seconds, via };
    deck.answered.set(item, event_id);
    deck.past.push({ event_id, item, group });
    put(deck.waiting, message);
    return message;
  });
  if (deck.current !== null && deck.answered.has(deck.current)) advance(deck);
  return messages;
}

/** Whether the answer before belongs to the one that was last taken back. @param {Deck} deck @param {string|undefined} group */
export function sameGroup(deck, group) {
  return group !== undefined && deck.past.at(-1)?.group === group;
}

/**
 * Take back the last answer. One given on this page returns at once; for an older one the kernel is asked.
 * @param {Deck} deck
 * @param {string} event_id
 * @returns {Message|null}
 */
export function undo(deck, event_id) {
  if (deck.undoing !== null) return null;
  if (deck.revisited) {
    // Nothing was changed yet: back to the question that it stood before.
    advance(deck);
    return null;
  }
  const last = deck.past.pop();
  const message = { kind: "undo", event_id, target: last ? last.event_id : null };
  if (last) {
    deck.answered.delete(last.item);
    if (last.again) deck.again.add(last.item);
    show(deck, last.item);
    // Never sent again: a retry that came after the next answer would override it.
    deck.waiting.delete(last.event_id);
  } else {
    deck.undoing = event_id;
  }
  put(deck.waiting, message);
  return message;
}

/**
 * Take a reply of the kernel.
 * @param {Deck} deck
 * @param {{kind: string, event_id: string, retry?: boolean, error?: string, items?: number[]}} reply
 */
export function settle(deck, reply) {
  const message = takeReply(deck.waiting, reply);
  if (reply.kind === "refused" && reply.retry) return message;
  if (reply.kind === "refused") {
    for (const [item, event_id] of deck.answered) {
      if (event_id === reply.event_id) deck.answered.delete(item);
    }
  }
  if (deck.undoing === reply.event_id) {
    deck.undoing = null;
    if (reply.items?.length) show(deck, reply.items[0]);
  }
  if (deck.current === null) advance(deck);
  return message;
}

/** Keep what may be shown again soon. @param {Deck} deck */
function forgetPayloads(deck) {
  const keep = new Set([...deck.queue, deck.current, ...deck.beside, ...deck.past.slice(-KEPT_PAYLOADS).map(({ item }) => item)]);
  for (const [item, payload] of deck.payloads) {
    if (keep.has(item)) continue;
    released(payload);
    deck.payloads.delete(item);
  }
}
