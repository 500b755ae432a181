// @ts-check
/** What a person does with samples, as changes to the session. */

import { messagesIn } from "../common/outbox.js";
import { newId } from "../common/sending.js";
import { EARLY_MS, isHeld, postChange, tellChange } from "./card_talk.js";
import { answer, answerable, answerTogether, sameGroup, tellable, toggle, undo } from "./queue_state.js";

/** @typedef {import("./card_talk.js").Talk} Talk */

const GIVING = ["answer", "submit", "skip", "unsure"];

/** Said, that an answer which does not come is not missed. */
const COUNTED_ONCE = "pressed twice quickly: counted once";

/** @param {Talk} talk @param {import("../common/keys.js").Action} pressed @param {number} within milliseconds in which the same again is not meant */
export function act(talk, { action, value }, within) {
  const { model, queue, sending } = talk;
  if (!sending.isAlive() || isHeld(talk)) return;
  talk.quick = "";
  if (action === "answer" && model.get("_task").kind === "multi") choose(talk, value ?? 0, within);
  else if (action === "undo") undoLast(talk);
  else if (GIVING.includes(action)) give(talk, action, value, within);
  else if (queue.current !== null && answerable(queue)) actOn(talk, queue.current, action, within);
}

/** Whether the same was done too soon before to be meant. @param {Talk} talk @param {string} what @param {number} within */
function repeats(talk, what, within) {
  const again = talk.debounce.again(what, within);
  if (again) {
    talk.quick = talk.spoken = COUNTED_ONCE;
    talk.draw();
  } else setTimeout(talk.draw, within + EARLY_MS);
  return again;
}

/** @param {Talk} talk */
function roundOf({ model }) {
  return model.get("_status").round ?? 0;
}

/** @param {Talk} talk @param {number} value @param {number} within */
function choose(talk, value, within) {
  if (!tellable(talk.queue) || repeats(talk, `toggle ${value}`, within)) return;
  toggle(talk.queue, value);
  talk.draw();
}

/** @param {Talk} talk */
function undoLast(talk) {
  const { queue } = talk;
  const group = queue.past.at(-1)?.group;
  postChange(talk, undo(queue, newId()));
  while (sameGroup(queue, group)) postChange(talk, undo(queue, newId()));
  talk.draw();
}

/** @param {Talk} talk @param {string} action @param {number|undefined} value @param {number} within */
function give(talk, action, value, within) {
  const { queue } = talk;
  // What cannot be shown can be skipped, and nothing else be said of it.
  const telling = action === "answer" || action === "submit";
  if (!(telling ? tellable(queue) : answerable(queue)) || repeats(talk, `${action} ${value ?? ""}`, within)) return;
  const chosen = [...queue.chosen].sort((a, b) => a - b);
  const given = action === "answer" ? (value ?? null) : action === "submit" ? chosen : null;
  const moment = { event_id: newId(), now: Date.now(), round: roundOf(talk), as_of: talk.asOf };
  postChange(talk, answer(queue, given, { ...moment, unsure: action === "unsure" }));
}

/** What is done with a sample that stays on screen. @param {Talk} talk @param {number} item @param {string} action @param {number} within */
function actOn(talk, item, action, within) {
  if (action === "flag") {
    if (repeats(talk, "flag", within)) return;
    const on = !isFlagged(talk, item);
    talk.spoken = on ? "flagged for review" : "flag removed";
    tellChange(talk, { kind: "flag", item, on });
  } else if (action === "suggest") {
    talk.sending.send({ kind: "suggest", item });
  } else if (action === "why") {
    talk.wantsWhy = !talk.wantsWhy;
    if (talk.wantsWhy) talk.sending.send({ kind: "why", item });
    else talk.facts.why = "";
    talk.draw();
  }
}

/**
 * What is given for several samples at once.
 * @param {Talk} talk
 * @param {{item: number, value: number}[]} answers
 * @param {{since: number, as_of: number|null, via: "grid"|"alike", suggested?: number}} moment what was known when they were first shown
 */
export function actTogether(talk, answers, moment) {
  if (!talk.sending.isAlive() || isHeld(talk)) throw new Error("There is no kernel that could take these answers.");
  const given = answerTogether(talk.queue, answers, { newId, now: Date.now(), round: roundOf(talk), ...moment });
  given.forEach((message) => postChange(talk, message));
}

/** As the page knows it: what was sent last counts. @param {Talk} talk @param {number} item */
export function isFlagged({ queue, model }, item) {
  const sent = messagesIn(queue.waiting).flatMap((each) => (each.kind === "flag" && each.item === item ? [each.on ?? true] : []));
  return sent.at(-1) ?? model.get("_flagged").includes(item);
}
