// @ts-check
/** What is on screen, what comes next, and what was answered: plain functions on plain values, without a page. */

import { makeOutbox, messagesIn, put, takeReply } from "../common/outbox.js";
import { released, weightOf } from "../common/sample.js";

/** Samples that are kept whatever they weigh; what may be asked again is kept as long as all of it weighs little. */
const KEPT_PAYLOADS = 24;
const KEPT_BYTES = 48_000_000;
const MOST_PAYLOADS = 300;
/** Samples fetched ahead, and how many of them in one request: answers are handled between two requests. */
const AHEAD = 32;
const AT_ONCE = 4;
/** A reply that has not come after so long may be lost; each time it is waited for twice as long. */
const NEED_MS = 5000;
const LONGEST_NEED_MS = 60_000;

/** @typedef {number|number[]|null} Value number of a class, numbers of several, null to skip */
/** @typedef {import("../common/outbox.js").Message} Message */

/** @param {Message[]} unacknowledged */
export function makeQueueState(unacknowledged = []) {
  return {
    /** @type {number[]} */ queue: [],
    /** @type {number|null} */ current: null,
    shownAt: 0,
    /** What each item shows. @type {Map<number, import("../common/sent.d.ts").Drawable>} */ payloads: new Map(),
    /** What was written down: note of the item, and of its flag. @type {Map<number, [string, string]>} */
    remarks: new Map(),
    /** Asked for, not arrived: until when it is waited for, and how long that is.
     * @type {Map<number, {until: number, wait: number}>} */
    needed: new Map(),
    /** Answered here, and perhaps still in the queue that was last heard of. @type {Map<number, string>} */
    answered: new Map(),
    /** Answers of this page, oldest first; those given at once share a group.
     * @type {{event_id: string, item: number, value: Value, group?: string, again?: boolean}[]} */
    past: [],
    /** Shown in little below, the last one first. @type {number[]} */ history: [],
    /** Shown beside what is on screen. @type {Set<number>} */ beside: new Set(),
    /** Given, not acknowledged. */ waiting: makeOutbox(unacknowledged),
    /** Classes chosen for what is on screen, where an answer is several. @type {Set<number>} */ chosen: new Set(),
    /** The model's classes that were shown with what is on screen. @type {Value} */ suggested: null,
    /** Whether what is on screen was answered before, and came back to be changed. */ revisited: false,
    /** Whether somebody began to say something of what is on screen: it stays then, whatever is asked. */ begun: false,
    /** Whether what is on screen is to give way to what was chosen to be asked alone. */ yields: false,
    /** The event that chose this last, null before the first word of it. @type {number|null} */ onlySince: null,
    /** Labeled rows that are asked a second time. @type {Set<number>} */ repeats: new Set(),
    /** Questions of which nothing may lead the answer: never among others. @type {Set<number>} */ alone: new Set(),
    /** Second answers that were undone here: to be given again, whatever the kernel knows by now. @type {Set<number>} */
    again: new Set(),
    /** The undo whose item only the kernel knows. @type {string|null} */ undoing: null,
  };
}

/** @typedef {ReturnType<typeof makeQueueState>} QueueState */

/**
 * Take a new queue. What is on screen stays until it is answered, here or elsewhere: a question that a newer model
 * only ranks lower is not taken from under the annotator's eyes. What somebody has chosen since to be asked alone comes
 * at once, unless something was begun; what it takes the place of is asked again.
 * @param {QueueState} state
 * @param {number[]} queue
 * @param {number[]} withdrawn questions that were withdrawn lately, and are still unanswered
 * @param {import("../common/sent.d.ts").OnlyAsked} [only] those of the queue that were chosen, and since when they are
 */
export function setQueue(state, queue, withdrawn, only = { since: 0, items: [] }) {
  state.queue = queue;
  // A queue that comes after the acknowledgement of an answer knows of it: whatever it asks is to be asked.
  for (const [item, event_id] of state.answered) {
    if (!state.waiting.has(event_id)) state.answered.delete(item);
  }
  const current = state.current;
  const takingBack = messagesIn(state.waiting).some(({ kind }) => kind === "undo");
  const stays = takingBack || state.revisited;
  if (state.onlySince !== null && state.onlySince !== only.since) state.yields = true;
  state.onlySince = only.since;
  if (current === null || !(queue.includes(current) || withdrawn.includes(current) || stays)) advance(state);
  else if (stays || state.begun || only.items.includes(current)) state.yields = false;
  else if (state.yields) giveWay(state, only.items);
  forgetPayloads(state);
}

/** Put the first of what was chosen in the place of what is on screen, as soon as one is asked. @param {QueueState} state @param {number[]} chosen */
function giveWay(state, chosen) {
  const next = chosen.find((item) => !state.answered.has(item));
  if (next !== undefined) show(state, next);
}

/** Put the next unanswered question on screen. @param {QueueState} state */
export function advance(state) {
  const next = state.queue.find((item) => !state.answered.has(item) && item !== state.current);
  show(state, next ?? null);
}

/**
 * Bring back what was answered before, with its answer; the question that was on screen comes after it.
 * @param {QueueState} state
 * @param {number} item
 * @param {Value} [value] that was given
 */
export function revisit(state, item, value = null) {
  if (state.undoing !== null) return;
  show(state, item);
  state.revisited = true;
  state.chosen = new Set(value === null ? [] : [value].flat());
}

/** Put something on screen, with nothing chosen for it. @param {QueueState} state @param {number|null} item */
function show(state, item) {
  state.current = item;
  state.chosen = new Set();
  state.suggested = null;
  state.revisited = state.begun = state.yields = false;
}

/** Choose a class, or take the choice back. @param {QueueState} state @param {number} value */
export function toggle(state, value) {
  if (!answerable(state)) return;
  if (!state.chosen.delete(value)) state.chosen.add(value);
  state.begun = true;
}

/**
 * Items whose content has to be fetched, the next ones first; again those of which nothing was heard for long.
 * @param {QueueState} state
 * @param {number} now in milliseconds
 */
export function missingPayloads(state, now) {
  const ahead = state.queue.filter((item) => !state.answered.has(item)).slice(0, AHEAD);
  const wanted = [...(state.current === null ? [] : [state.current]), ...state.beside, ...ahead, ...state.history];
  const awaited = new Set([...state.needed].filter(([, { until }]) => until > now).map(([item]) => item));
  const missing = [...new Set(wanted)]
    .filter((item) => !state.payloads.has(item) && !awaited.has(item))
    .slice(0, Math.max(0, AT_ONCE - awaited.size));
  for (const item of missing) {
    const wait = Math.min(LONGEST_NEED_MS, 2 * (state.needed.get(item)?.wait ?? NEED_MS / 2));
    state.needed.set(item, { until: now + wait, wait });
  }
  return missing;
}

/**
 * The note of an item as the page knows it, where what was sent last counts. A flag has a note of its own: it is the one
 * that is meant when there is no other.
 * @param {QueueState} state
 * @param {number} item
 * @param {boolean} flagged
 * @returns {{item: number, kind: "note"|"flag", text: string}}
 */
export function noteOf(state, item, flagged) {
  const [note, flag] = state.remarks.get(item) ?? ["", ""];
  const now = (/** @type {string} */ kind, /** @type {string} */ known) => {
    const sent = messagesIn(state.waiting).flatMap((each) => {
      const isOne = (each.kind === "note" || each.kind === "flag") && each.kind === kind && each.item === item;
      return isOne ? [each.note ?? ""] : [];
    });
    return sent.at(-1) ?? known;
  };
  const text = now("note", note);
  return flagged && !text ? { item, kind: "flag", text: now("flag", flag) } : { item, kind: "note", text };
}

/** How long from now something that was asked for may be asked for again, null while nothing is awaited. @param {QueueState} state @param {number} now */
export function untilOverdue(state, now) {
  const ends = [...state.needed.values()].map(({ until }) => until).filter((until) => until > now);
  return ends.length ? Math.min(...ends) - now : null;
}

/** How many questions can be answered whatever becomes of the connection. @param {QueueState} state */
export function nHeld(state) {
  return state.queue.filter((item) => !state.answered.has(item) && state.payloads.has(item)).length;
}

/** Whether an answer may be given: only to an item that can be seen. @param {QueueState} state */
export function answerable(state) {
  return state.current !== null && state.undoing === null && state.payloads.has(state.current);
}

/**
 * Answer what is on screen and move on.
 * @param {QueueState} state
 * @param {Value} value
 * @param {{event_id: string, now: number, round: number, as_of: number|null, unsure?: boolean}} moment now in milliseconds
 * @returns {Message|null} what to send; null when nothing can be answered
 */
export function answer(state, value, { event_id, now, round, as_of, unsure = false }) {
  if (!answerable(state)) return null;
  const item = /** @type {number} */ (state.current);
  /** @type {Message} */ const message = {
    kind: "answer", event_id, item, value, round, as_of,
    shown_at: state.shownAt / 1000, seconds: Math.max(0, now - state.shownAt) / 1000,
    ...(unsure && { unsure }),
    ...(isRepeat(state, item) && { again: true }),
    ...(state.suggested !== null && { suggested: state.suggested }),
  };
  state.answered.set(item, event_id);
  state.past.push({ event_id, item, value, again: "again" in message });
  state.again.delete(item);
  put(state.waiting, message);
  advance(state);
  return message;
}

/** Whether an answer to it is a second one, of which the first is not shown. @param {QueueState} state @param {number} item */
export function isRepeat(state, item) {
  return !state.revisited && (state.repeats.has(item) || state.again.has(item));
}

/** Whether a class can be told of what is on screen: there is something to see. @param {QueueState} state */
export function tellable(state) {
  return answerable(state) && state.payloads.get(/** @type {number} */ (state.current))?.type !== "error";
}

/**
 * Answer several samples that are shown together.
 * @param {QueueState} state
 * @param {{item: number, value: number}[]} answers
 * @param {{newId: () => string, since: number, now: number, round: number, as_of: number|null, via: "grid"|"alike", suggested?: number}} moment
 *   since and now in milliseconds; suggested: the class that the model was said to take them for
 * @returns {Message[]} what to send
 */
export function answerTogether(state, answers, { newId, since, now, round, as_of, via, suggested }) {
  const group = newId();
  const seconds = Math.max(0, now - since) / 1000 / Math.max(1, answers.length);
  const messages = answers.map(({ item, value }) => {
    const event_id = newId();
    /** @type {Message} */ const message = { kind: "answer", event_id, item, value, round, as_of, shown_at: since / 1000, seconds, via, ...(suggested !== undefined && { suggested }) };
    state.answered.set(item, event_id);
    state.past.push({ event_id, item, value, group });
    put(state.waiting, message);
    return message;
  });
  if (state.current !== null && state.answered.has(state.current)) advance(state);
  return messages;
}

/** Whether the answer before belongs to the one that was last undone. @param {QueueState} state @param {string|undefined} group */
export function sameGroup(state, group) {
  return group !== undefined && state.past.at(-1)?.group === group;
}

/**
 * Undo the last answer. One given on this page returns at once; for an older one the kernel is asked.
 * @param {QueueState} state
 * @param {string} event_id
 * @returns {Message|null}
 */
export function undo(state, event_id) {
  if (state.undoing !== null) return null;
  if (state.revisited) {
    // Nothing was changed yet: back to the question that it stood before.
    advance(state);
    return null;
  }
  const last = state.past.pop();
  /** @type {Message} */ const message = { kind: "undo", event_id, target: last ? last.event_id : null };
  if (last) {
    state.answered.delete(last.item);
    if (last.again) state.again.add(last.item);
    show(state, last.item);
    // Of several classes, those that were chosen: most of them are right.
    if (Array.isArray(last.value)) state.chosen = new Set(last.value);
    // Never sent again: a retry that came after the next answer would override it.
    state.waiting.delete(last.event_id);
  } else {
    state.undoing = event_id;
  }
  put(state.waiting, message);
  return message;
}

/**
 * Take a reply of the kernel.
 * @param {QueueState} state
 * @param {{kind: string, event_id: string, retry?: boolean, error?: string, items?: number[]}} reply
 */
export function settle(state, reply) {
  const message = takeReply(state.waiting, reply);
  if (reply.kind === "refused" && reply.retry) return message;
  if (reply.kind === "refused") {
    for (const [item, event_id] of state.answered) {
      if (event_id === reply.event_id) state.answered.delete(item);
    }
  }
  if (state.undoing === reply.event_id) {
    state.undoing = null;
    if (reply.items?.length) show(state, reply.items[0]);
  }
  if (state.current === null) advance(state);
  return message;
}

/** Keep what may be shown again soon, and of the rest what came last: each sample is sent once. @param {QueueState} state */
function forgetPayloads(state) {
  const keep = new Set([...state.queue, state.current, ...state.beside, ...state.history, ...state.past.slice(-KEPT_PAYLOADS).map(({ item }) => item)]);
  let bytes = [...state.payloads.values()].reduce((sum, payload) => sum + weightOf(payload), 0);
  for (const [item, payload] of state.payloads) {
    if (keep.has(item) || (bytes <= KEPT_BYTES && state.payloads.size <= MOST_PAYLOADS)) continue;
    bytes -= weightOf(payload);
    released(payload);
    state.payloads.delete(item);
  }
}
