// @ts-check
/**
 * What the labeling card says to the kernel and hears from it, one for all its views: what is on screen is one thing,
 * however many cells show it.
 *
 * Traits carry state from the kernel (the last value wins); messages carry events (each counts once). An answer
 * names the item that was on screen, and stays in the browser's storage until the kernel has acknowledged it.
 */

import { DEBOUNCE_MS, makeDebounce } from "../common/debounce.js";
import { messagesIn } from "../common/outbox.js";
import { keep } from "../common/sample.js";
import { makeSending, newId } from "../common/sending.js";
import { makeStorage } from "../common/storage.js";
import { saidOf } from "./card_words.js";
import {
  answer, answerable, answerTogether, makeQueueState, missingPayloads, sameGroup, setQueue, settle, tellable, toggle, undo,
  untilOverdue,
} from "./queue_state.js";

/** @typedef {import("../common/outbox.js").Message} Message */
/** @typedef {ReturnType<typeof makeCardMessages>} CardMessages */

/** A fit that runs so long may be one that never ends. */
const LONG_FIT_MS = 30_000;
/** Timers may be early. */
const EARLY_MS = 5;
/** Who stays on a sample so long may want to know more of it. */
const LINGER_MS = 250;
/** What is sent again after a reload; the rest was meant for the moment. */
const KEPT_KINDS = ["answer", "undo", "flag", "note"];

/** @param {any} model @param {() => void} draw */
export function makeCardMessages(model, draw) {
  const storage = makeStorage(model.get("_session").id);
  const queue = makeQueueState(storage.load());
  // Answered before a reload, perhaps never acknowledged: not to be asked again, and sent once more.
  for (const message of messagesIn(queue.waiting)) {
    if (message.kind === "answer") queue.answered.set(message.item, message.event_id);
  }
  const debounce = makeDebounce();
  /** The fit that runs, and since when this page knows of it. @type {{round: number, at: number}|null} */ let fit = null;
  /** How many events the kernel knew of when it told what is to be asked. @type {number|null} */ let asOf = null;
  let notice = "";
  let spoken = "";
  /** What was told of the sample on screen. @type {import("./card_grid.js").Told} */
  let told = { item: null, suggest: "", why: "", alike: null };
  /** Whether to tell of every sample why it is asked. */
  let wantsWhy = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let asking;
  const sending = makeSending({ model, outbox: queue.waiting, storage, draw, back, isRestless: isFitLong });
  const isHeld = () => Boolean(model.get("_session").lock_owner);

  function back() {
    queue.needed.clear();
    ask();
  }

  /** Whether a fit runs that may never end. */
  function isFitLong() {
    return fit !== null && performance.now() - fit.at >= LONG_FIT_MS;
  }

  /** @param {Message|null} message */
  function post(message) {
    if (!message) return;
    sending.post(message, KEPT_KINDS.includes(message.kind));
    if (message.target) storage.forget(message.target);
    ask();
    draw();
  }

  /** What changes no label: sent at once, and again until it is acknowledged. @param {any} message */
  function tell(message) {
    post({ event_id: newId(), about: message.item ?? message.kind, ...message });
  }

  /** Ask for samples that are needed and not on their way. */
  function ask() {
    const items = missingPayloads(queue, performance.now());
    if (items.length && !sending.send({ kind: "need", items })) items.forEach((item) => queue.needed.delete(item));
    const wait = untilOverdue(queue, performance.now());
    clearTimeout(asking);
    if (wait !== null && sending.isAlive()) asking = setTimeout(ask, wait + EARLY_MS);
  }

  /** Ask what the kernel knows of the sample on screen, once it has been there for a moment. */
  function inquire() {
    const item = queue.current;
    if (item === null || !sending.isAlive()) return;
    const task = model.get("_task");
    if (typeof task.suggest === "number") sending.send({ kind: "suggest", item });
    setTimeout(() => {
      if (queue.current !== item) return;
      if (wantsWhy) sending.send({ kind: "why", item });
      if (task.alike) sending.send({ kind: "alike", item });
    }, LINGER_MS);
  }

  function follow() {
    const { busy, round, n_events } = model.get("_status");
    if (!busy) fit = null;
    else if (fit?.round !== round) fit = { round, at: performance.now() };
    asOf = n_events ?? null;
    queue.looks = new Set(model.get("_looks"));
    setQueue(queue, model.get("_queue"), model.get("_withdrawn"));
    ask();
    draw();
  }

  /** @param {any} message @param {DataView[]} buffers */
  function receive(message, buffers) {
    if (message.kind === "payload") {
      queue.needed.delete(message.item);
      if (message.remark) queue.remarks.set(message.item, message.remark);
      keep(queue.payloads, message, buffers, draw);
    } else if (message.kind === "remarks") {
      for (const [item, note, flag] of message.remarks) queue.remarks.set(item, [note, flag]);
    } else if (message.kind === "ack" || message.kind === "refused") takeReply(message);
    else if (message.kind === "problem") notice = message.error;
    else if (message.item === queue.current) takeTold(message);
    ask();
    draw();
  }

  /** @param {any} reply to a change */
  function takeReply(reply) {
    const sent = settle(queue, reply);
    sending.settled(reply);
    notice = reply.retry ? "" : (reply.error ?? (sent && reply.notice) ?? "");
    if (reply.kind === "ack" && sent) spoken = saidOf(sent, model.get("_classes")) || spoken;
  }

  /** @param {any} message about the sample on screen */
  function takeTold(message) {
    if (message.kind === "suggest") {
      told.suggest = message.text;
      queue.suggested = message.value;
    } else if (message.kind === "why") told.why = message.text;
    else if (message.kind === "alike") told.alike = message.items ?? [];
  }

  /** Whether the same was done too soon before to be meant. @param {string} what */
  function repeats(what) {
    if (debounce.again(what)) return true;
    setTimeout(draw, DEBOUNCE_MS + EARLY_MS);
    return false;
  }

  const round = () => model.get("_status").round ?? 0;

  /** @param {import("../common/keys.js").Action} pressed */
  function act({ action, value }) {
    if (!sending.isAlive() || isHeld()) return;
    if (action === "answer" && model.get("_task").kind === "multi") choose(value ?? 0);
    else if (action === "undo") takeBack();
    else if (["answer", "submit", "skip", "unsure"].includes(action)) give(action, value);
    else if (queue.current !== null && answerable(queue)) actOn(queue.current, action);
  }

  /** @param {number} value */
  function choose(value) {
    if (!tellable(queue) || repeats(`toggle ${value}`)) return;
    toggle(queue, value);
    draw();
  }

  function takeBack() {
    const group = queue.past.at(-1)?.group;
    post(undo(queue, newId()));
    while (sameGroup(queue, group)) post(undo(queue, newId()));
    draw();
  }

  /** @param {string} action @param {number} [value] */
  function give(action, value) {
    // What cannot be shown can be skipped, and nothing else be said of it.
    const telling = action === "answer" || action === "submit";
    if (!(telling ? tellable(queue) : answerable(queue)) || repeats(`${action} ${value ?? ""}`)) return;
    const chosen = [...queue.chosen].sort((a, b) => a - b);
    const given = action === "answer" ? (value ?? null) : action === "submit" ? chosen : null;
    const moment = { event_id: newId(), now: Date.now(), round: round(), as_of: asOf };
    post(answer(queue, given, { ...moment, unsure: action === "unsure" }));
  }

  /** What is done with a sample that stays on screen. @param {number} item @param {string} action */
  function actOn(item, action) {
    if (action === "flag") {
      if (repeats("flag")) return;
      const on = !flagged(item);
      spoken = on ? "flagged for review" : "flag removed";
      tell({ kind: "flag", item, on });
    } else if (action === "suggest") {
      sending.send({ kind: "suggest", item });
    } else if (action === "why") {
      wantsWhy = !wantsWhy;
      if (wantsWhy) sending.send({ kind: "why", item });
      else told.why = "";
      draw();
    }
  }

  /**
   * What is given for several samples at once.
   * @param {{item: number, value: number}[]} answers
   * @param {{since: number, as_of: number|null, via: string}} moment what was known when they were first shown
   */
  function actTogether(answers, moment) {
    if (!sending.isAlive() || isHeld()) throw new Error("There is no kernel that could take these answers.");
    answerTogether(queue, answers, { newId, now: Date.now(), round: round(), ...moment }).forEach(post);
  }

  /** As the page knows it: what was sent last counts. @param {number} item */
  function flagged(item) {
    const sent = messagesIn(queue.waiting).filter((message) => message.kind === "flag" && message.item === item);
    return sent.length ? sent[sent.length - 1].on : model.get("_flagged").includes(item);
  }

  model.on("msg:custom", receive);
  // The one event that every host has for an update of several traits, once for all of them.
  model.on("change", follow);
  follow();
  return {
    queue, storage, tell, ask, act, actTogether, flagged, isHeld, isFitLong,
    redraw: draw,
    send: sending.send,
    isAlive: sending.isAlive,
    standing: sending.standing,
    asOf: () => asOf,
    notice: () => notice,
    spoken: () => spoken,
    told: () => told,
    wantsWhy: () => wantsWhy,
    isFresh: debounce.isFresh,
    /** @param {string} text */
    say: (text) => void (spoken = text),
    /** The current sample has come on screen. */
    shown() {
      if (told.item === queue.current) return;
      queue.shownAt = Date.now();
      told = { item: queue.current, suggest: "", why: "", alike: null };
      inquire();
    },
    close() {
      sending.close();
      model.off("msg:custom", receive);
      model.off("change", follow);
      clearTimeout(asking);
    },
  };
}
