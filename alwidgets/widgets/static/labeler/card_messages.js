// @ts-check
/**
 * What the labeling card says to the kernel and hears from it, one for all its views: what is on screen is one thing,
 * however many cells show it.
 *
 * Traits carry state from the kernel (the last value wins); messages carry events (each counts once). An answer
 * names the item that was on screen, and stays in the browser's storage until the kernel has acknowledged it.
 */

import { makeDebounce } from "../common/debounce.js";
import { messagesIn } from "../common/outbox.js";
import { makePutOff } from "../common/put_off.js";
import { keep } from "../common/sample.js";
import { makeSending } from "../common/sending.js";
import { sideOf } from "../common/sizes.js";
import { makeStorage } from "../common/storage.js";
import { act, actTogether, isFlagged } from "./card_changes.js";
import { askMissing, askWhole, comeOnScreen, isFitLong, isHeld, tellChange } from "./card_talk.js";
import { saidOf } from "./card_words.js";
import { makeQueueState, noteOf, setQueue, settle } from "./queue_state.js";
import { MOST_SHOWN } from "./recent_answers.js";

/** @typedef {import("./card_talk.js").Talk} Talk */

/** @typedef {ReturnType<typeof makeCardMessages>} CardMessages */

/** @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").LabelingState & {task: import("../common/sent.d.ts").TaskShown}>} model @param {() => void} draw */
export function makeCardMessages(model, draw) {
  const talk = makeTalk(model, draw);
  const { queue, storage, sending } = talk;
  const unfollow = followTalk(talk);
  const putOff = makePutOff(model.get("_session").id, draw);
  return {
    queue, storage, putOff,
    redraw: draw,
    send: sending.send,
    isAlive: sending.isAlive,
    standing: sending.standing,
    isFresh: talk.debounce.isFresh,
    isHeld: () => isHeld(talk),
    isFitLong: () => isFitLong(talk),
    asOf: () => talk.asOf,
    notice: () => talk.notice,
    spoken: () => talk.spoken,
    quick: () => talk.quick,
    facts: () => talk.facts,
    only: () => talk.only,
    wantsWhy: () => talk.wantsWhy,
    ask: () => askMissing(talk),
    askWhole: () => askWhole(talk),
    /** Images come as large as they are shown. @param {number} length of the longer side of their place */
    fit: (length) => void (talk.side = sideOf(length)),
    /** What changes no label. @param {import("../common/said.d.ts").NewChange} message */
    tell: (message) => tellChange(talk, message),
    /** @param {import("../common/keys.js").Action} pressed @param {number} within milliseconds in which the same again is not meant */
    act: (pressed, within) => act(talk, pressed, within),
    /** @param {{item: number, value: number}[]} answers @param {{since: number, as_of: number|null, via: "grid"|"alike", suggested?: number}} moment */
    actTogether: (answers, moment) => actTogether(talk, answers, moment),
    /** @param {number} item */
    flagged: (item) => isFlagged(talk, item),
    /** @param {string} text */
    say: (text) => void (talk.spoken = text),
    shown: () => comeOnScreen(talk),
    close() {
      sending.close();
      putOff.close();
      unfollow();
      clearTimeout(talk.asking);
    },
  };
}

/** @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").LabelingState & {task: import("../common/sent.d.ts").TaskShown}>} model @param {() => void} draw @returns {Talk} */
function makeTalk(model, draw) {
  const storage = makeStorage(model.get("_session").id);
  const queue = makeQueueState(storage.load());
  // Answered before a reload, perhaps never acknowledged: not to be asked again, and sent once more.
  for (const message of messagesIn(queue.waiting)) {
    if (message.kind === "answer") queue.answered.set(message.item, message.event_id);
  }
  const sending = makeSending({
    model, storage, draw,
    outbox: queue.waiting,
    back() {
      queue.needed.clear();
      askMissing(talk);
    },
    isRestless: () => isFitLong(talk),
  });
  /** @type {Talk} */ const talk = {
    model, draw, storage, queue, sending, debounce: makeDebounce(), fit: null, asOf: null, notice: "", spoken: "", quick: "",
    facts: { item: null, suggest: "", why: "", nearDuplicates: null }, wantsWhy: false, only: null, side: sideOf(0), asking: undefined,
  };
  return talk;
}

/** @param {Talk} talk @returns {() => void} ends it */
function followTalk(talk) {
  const { model } = talk;
  /** @param {import("../common/sent.d.ts").Sent} message @param {DataView[]} buffers */
  const receive = (message, buffers) => takeMessage(talk, message, buffers);
  const follow = () => followState(talk);
  model.on("msg:custom", receive);
  // The one event that every host has for an update of several traits, once for all of them.
  model.on("change", follow);
  follow();
  return () => {
    model.off("msg:custom", receive);
    model.off("change", follow);
  };
}

/** @param {Talk} talk */
function followState(talk) {
  const { model, queue, fit } = talk;
  const { busy, round, n_events } = model.get("_status");
  if (!busy) talk.fit = null;
  else if (fit?.round !== round) talk.fit = { round, at: performance.now() };
  talk.asOf = n_events ?? null;
  queue.repeats = new Set(model.get("_repeats"));
  queue.history = model.get("_recent").slice(0, MOST_SHOWN).map(([, item]) => item);
  queue.alone = new Set(model.get("_alone"));
  if (queue.current !== null) queue.begun ||= isFlagged(talk, queue.current) || noteOf(queue, queue.current, false).text !== "";
  setQueue(queue, model.get("_queue"), model.get("_withdrawn"), model.get("_only"));
  askMissing(talk);
  talk.draw();
}

/** @param {Talk} talk @param {import("../common/sent.d.ts").Sent} message @param {DataView[]} buffers */
function takeMessage(talk, message, buffers) {
  const { queue, draw } = talk;
  if (message.kind === "payload") {
    queue.needed.delete(message.item);
    if (message.remark) queue.remarks.set(message.item, message.remark);
    keep(queue.payloads, message, buffers, draw);
  } else if (message.kind === "remarks") {
    for (const [item, note, flag] of message.remarks) queue.remarks.set(item, [note, flag]);
  } else if (message.kind === "ack" || message.kind === "refused") settleCard(talk, message);
  else if (message.kind === "only") talk.only = { ...message, rows: rowsIn(buffers[0]) };
  else if (message.kind === "problem") talk.notice = message.error;
  else if (message.kind === "suggest" || message.kind === "why" || message.kind === "near_duplicates") takeFacts(talk, message);
  askMissing(talk);
  draw();
}

/** @param {DataView} buffer */
function rowsIn({ buffer, byteOffset, byteLength }) {
  return new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/** @param {Talk} talk @param {import("../common/sent.d.ts").Ack|import("../common/sent.d.ts").Refusal} reply to a change */
function settleCard(talk, reply) {
  const sent = settle(talk.queue, reply);
  talk.sending.settled(reply);
  if (reply.kind === "ack") talk.notice = (sent && reply.notice) ?? "";
  else talk.notice = reply.retry ? "" : reply.error;
  if (reply.kind === "ack" && sent) talk.spoken = saidOf(sent, talk.model.get("_classes")) || talk.spoken;
}

/** @param {Talk} talk @param {import("../common/sent.d.ts").Suggested|import("../common/sent.d.ts").Why|import("../common/sent.d.ts").NearDuplicates} message about a sample */
function takeFacts({ facts, queue }, message) {
  if (message.item !== queue.current) return;
  if (message.kind === "suggest") {
    facts.suggest = message.text;
    queue.suggested = message.value;
  } else if (message.kind === "why") facts.why = message.text;
  else if (message.kind === "near_duplicates") facts.nearDuplicates = message.items;
}
