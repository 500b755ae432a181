// @ts-check
/** What the card sends to the kernel: changes, each once, and questions about what is on screen. */

import { itemOf } from "../common/outbox.js";
import { askWholeOf } from "../common/sample.js";
import { newId } from "../common/sending.js";
import { missingPayloads, untilOverdue } from "./queue_state.js";

/**
 * @typedef {import("../common/outbox.js").Message} Message
 *
 * @typedef {import("../common/sent.d.ts").OnlyThese & {rows: Uint32Array}} FoundOnly the first ones as items, and all of them
 *
 * @typedef {object} Talk
 * @property {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").LabelingState & {task: import("../common/sent.d.ts").TaskShown}>} model
 * @property {() => void} draw
 * @property {ReturnType<typeof import("../common/storage.js").makeStorage>} storage
 * @property {import("./queue_state.js").QueueState} queue
 * @property {ReturnType<typeof import("../common/sending.js").makeSending>} sending
 * @property {import("../common/debounce.js").Debounce} debounce
 * @property {{round: number, at: number}|null} fit the one that runs, and since when this page knows of it
 * @property {number|null} asOf how many events the kernel knew of when it told what is to be asked
 * @property {string} notice
 * @property {string} spoken
 * @property {string} quick that the same was done too soon to count twice, until something else is done
 * @property {import("./card_grid.js").SampleFacts} facts what is known of the sample on screen
 * @property {FoundOnly|null} only the samples that were asked for last to be labeled together
 * @property {boolean} wantsWhy whether to tell of every sample why it is asked
 * @property {number} side pixels of the screen that the longer side of an image has
 * @property {ReturnType<typeof setTimeout>|undefined} asking
 */

/** A fit that runs so long may be one that never ends. */
const LONG_FIT_MS = 30_000;
/** Timers may be early. */
export const EARLY_MS = 5;
/** Who stays on a sample so long may want to know more of it. */
const LINGER_MS = 250;
/** What is sent again after a reload; the rest was meant for the moment. */
const KEPT_KINDS = ["answer", "undo", "flag", "note"];

/** Whether another kernel keeps this one from writing. @param {Talk} talk */
export function isHeld({ model }) {
  return Boolean(model.get("_session").lock_owner);
}

/** Whether a fit runs that may never end. @param {Talk} talk */
export function isFitLong({ fit }) {
  return fit !== null && performance.now() - fit.at >= LONG_FIT_MS;
}

/** @param {Talk} talk @param {Message|null} message */
export function postChange(talk, message) {
  if (!message) return;
  talk.sending.post(message, KEPT_KINDS.includes(message.kind));
  if (message.kind === "undo" && message.target) talk.storage.forget(message.target);
  askMissing(talk);
  talk.draw();
}

/** What changes no label: sent at once, and again until it is acknowledged. @param {Talk} talk @param {import("../common/said.d.ts").NewChange} message */
export function tellChange(talk, message) {
  postChange(talk, { event_id: newId(), about: itemOf(message) ?? message.kind, ...message });
}

/** Ask for samples that are needed and not on their way. @param {Talk} talk */
export function askMissing(talk) {
  const { queue, sending } = talk;
  const items = missingPayloads(queue, performance.now());
  if (items.length && !sending.send({ kind: "need", items, side: talk.side })) items.forEach((item) => queue.needed.delete(item));
  const wait = untilOverdue(queue, performance.now());
  clearTimeout(talk.asking);
  if (wait !== null && sending.isAlive()) talk.asking = setTimeout(() => askMissing(talk), wait + EARLY_MS);
}

/** Ask for the whole of an image that is looked at closely. @param {Talk} talk */
export function askWhole({ queue, sending }) {
  askWholeOf(queue.payloads, queue.current, (message) => sending.send(message));
}

/** The current sample has come on screen. @param {Talk} talk */
export function comeOnScreen(talk) {
  const { queue } = talk;
  if (talk.facts.item === queue.current) return;
  queue.shownAt = Date.now();
  talk.facts = { item: queue.current, suggest: "", why: "", nearDuplicates: null };
  inquire(talk);
}

/** Ask what the kernel knows of the sample on screen, once it has been there for a moment. @param {Talk} talk */
function inquire(talk) {
  const { model, queue, sending } = talk;
  const item = queue.current;
  if (item === null || !sending.isAlive()) return;
  const task = model.get("_task");
  if (typeof task.suggest === "number") sending.send({ kind: "suggest", item });
  setTimeout(() => {
    if (queue.current !== item) return;
    if (talk.wantsWhy) sending.send({ kind: "why", item });
    if (task.near_duplicates) sending.send({ kind: "near_duplicates", item });
  }, LINGER_MS);
}
