// @ts-check
/**
 * What a map says to its kernel and hears from it. Coordinates come once, labels as they change, predictions after a
 * retrain; all as binary messages.
 */

import { makeOutbox } from "../common/outbox.js";
import { may } from "../common/may.js";
import { askWholeOf, keep } from "../common/sample.js";
import { makeSending, newId } from "../common/sending.js";
import { sideBeside } from "../common/sizes.js";
import { makeStorage } from "../common/storage.js";
import { forgetSamples, makeMapState, selectHere, takeCome, takeMissing, takePeeked, takePoints } from "./map_state.js";

const TRAITS = ["_color", "_classes", "_parts", "_keys", "_shown", "_undoable", "_n_only", "_problem", "_session"]
  .map((name) => `change:${name}`)
  .join(" ");
const AT_ONCE = 16;

/**
 * @typedef {ReturnType<typeof makeMapMessages>} MapMessages
 *
 * @typedef {object} MapTalk
 * @property {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>} model
 * @property {() => void} draw
 * @property {ReturnType<typeof makeMapState>} state
 * @property {ReturnType<typeof makeSending>} sending
 * @property {string} notice what was refused, and why
 * @property {{text: string}} spoken a new object each time: the same words may be said again
 */

/** @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>} model @param {() => void} draw */
export function makeMapMessages(model, draw) {
  const storage = makeStorage(model.get("_session").id, "map");
  const sending = makeSending({ model, outbox: makeOutbox(storage.load()), storage, draw, back: () => askAgain(talk) });
  /** @type {MapTalk} */ const talk = { model, draw, state: makeMapState(), sending, notice: "", spoken: { text: "" } };
  const follow = () => followShown(talk);
  const receive = (/** @type {import("../common/sent.d.ts").Sent} */ message, /** @type {DataView[]} */ buffers) => takeFromKernel(talk, message, buffers);
  return {
    state: talk.state,
    standing: sending.standing,
    notice: () => talk.notice,
    spoken: () => talk.spoken,
    /** Say what changes nothing of the session. @param {import("../common/said.d.ts").SaidRequest} message @param {ArrayLike<number>} [rows] */
    send: (message, rows) => sendRows(talk, message, rows),
    /** Something that changes the session, and is sent until it is acknowledged. @param {import("../common/said.d.ts").NewChange} message */
    change: (message) => changeFromMap(talk, message),
    /** Whether whoever looks may change this. @param {string} kind of message */
    may: (kind) => may(model, kind),
    /** @param {number|null} row that is glanced at, null for none */
    peek(row) {
      talk.state.peeked = row;
      fetchPeeked(talk);
    },
    /** Ask for the whole of the image that is shown. */
    askWhole: () => askWholeShown(talk),
    undoable: () => undoable(talk),
    shownRow: () => shownRow(talk),
    shownRows: () => shownRows(talk),
    /** @param {ArrayLike<number>} rows */
    inspect: (rows) => inspectRows(talk, rows),
    /** @param {Iterable<number>} rows */
    choose: (rows) => chooseRows(talk, rows),
    open() {
      model.on("msg:custom", receive);
      model.on(TRAITS, follow);
      sendRows(talk, { kind: "need_points" });
      follow();
    },
    close() {
      sending.close();
      model.off("msg:custom", receive);
      model.off(TRAITS, follow);
    },
  };
}

/** @param {MapTalk} talk @param {import("../common/said.d.ts").SaidRequest} message @param {ArrayLike<number>} [rows] */
function sendRows(talk, message, rows) {
  talk.notice = "";
  talk.sending.send(message, rows ? [Uint32Array.from(rows).buffer] : []);
  talk.draw();
}

/** @param {MapTalk} talk @param {import("../common/said.d.ts").NewChange} message */
function changeFromMap(talk, message) {
  const { sending, model } = talk;
  talk.notice = "";
  if (sending.isAlive() && !model.get("_session").lock_owner && may(model, message.kind)) {
    const ofQuestions = message.kind === "enqueue" || message.kind === "ask_only";
    sending.post({ about: ofQuestions ? "questions" : "labels", ...message, event_id: newId() });
  }
  talk.draw();
}

/** The labels that an undo would remove, also where the kernel does not know of them yet. @param {MapTalk} talk @returns {string|null} */
function undoable({ sending, model }) {
  const waiting = sending.waiting();
  if (waiting.some(({ kind }) => kind === "undo")) return null;
  return waiting.filter(({ kind }) => kind === "label").at(-1)?.event_id ?? model.get("_undoable").group;
}

/** @param {MapTalk} talk @returns {number[]} */
function shownRows({ model }) {
  return model.get("_shown").map(({ row }) => row);
}

/** The one sample that is shown, null where there is none or there are several. @param {MapTalk} talk */
function shownRow(talk) {
  const rows = shownRows(talk);
  return rows.length === 1 ? rows[0] : null;
}

/** @param {MapTalk} talk */
function fetchShown(talk) {
  const missing = takeMissing(talk.state, shownRows(talk));
  for (let i = 0; i < missing.length; i += AT_ONCE) sendRows(talk, { kind: "need", items: missing.slice(i, i + AT_ONCE), side: sideBeside() });
}

/** One at a time: however the pointer moves, the kernel is asked for the next only when the last has come. @param {MapTalk} talk */
function fetchPeeked({ state, sending }) {
  const row = takePeeked(state);
  if (row !== null && !sending.send({ kind: "need", items: [row], side: sideBeside() })) takeCome(state, row);
}

/** @param {MapTalk} talk */
function askWholeShown(talk) {
  askWholeOf(talk.state.payloads, shownRow(talk), (message) => talk.sending.send(message));
}

/** @param {MapTalk} talk @param {ArrayLike<number>} rows */
function inspectRows(talk, rows) {
  const row = rows.length === 1 ? rows[0] : null;
  talk.state.coming = row === shownRow(talk) ? null : row;
  sendRows(talk, { kind: "inspect" }, rows);
}

/** @param {MapTalk} talk @param {Iterable<number>} rows */
function chooseRows(talk, rows) {
  selectHere(talk.state, rows);
  sendRows(talk, { kind: "select" }, talk.state.selected);
}

/** @param {MapTalk} talk @param {import("../common/sent.d.ts").Sent} message @param {DataView[]} buffers */
function takeFromKernel(talk, message, buffers) {
  const { kind } = message;
  const { state, model } = talk;
  if (!takePoints(state, message, buffers) && !takeMapReply(talk, message, buffers)) return;
  // A large map takes long to draw: not for what its colors do not show.
  const seen = model.get("_color") === "label" ? "labels" : "predictions";
  if (kind === "points" || kind === seen) state.version += 1;
  talk.draw();
}

/** @param {MapTalk} talk @param {import("../common/sent.d.ts").Sent} message @param {DataView[]} buffers @returns {boolean} whether there is something to draw */
function takeMapReply(talk, message, buffers) {
  const { kind } = message;
  const { state } = talk;
  if (kind === "payload") {
    takeCome(state, message.item);
    fetchPeeked(talk);
    keep(state.payloads, message, buffers, talk.draw);
    forgetSamples(state, shownRows(talk));
  } else if (kind === "ack" || kind === "refused") {
    if (!talk.sending.settled(message)) return false;
    if (kind === "ack") talk.spoken = { text: message.text ?? "" };
    // What could not be saved waits, and it is said why.
    else if (!message.retry) talk.notice = message.error;
  } else if (kind === "problem") {
    talk.notice = message.error;
    state.unconfirmed = 0;
    state.coming = null;
  } else return false;
  return true;
}

/** @param {MapTalk} talk */
function followShown(talk) {
  if (talk.state.coming === shownRow(talk)) talk.state.coming = null;
  fetchShown(talk);
  talk.draw();
}

/** What was selected here and not confirmed may not have come; nor may what came since. @param {MapTalk} talk */
function askAgain(talk) {
  const { state } = talk;
  state.needed.clear();
  state.fetching = null;
  if (state.unconfirmed) {
    state.unconfirmed = 1;
    sendRows(talk, { kind: "select" }, state.selected);
  }
  if (state.coming !== null) sendRows(talk, { kind: "inspect" }, [state.coming]);
  sendRows(talk, { kind: "need_points" });
  fetchShown(talk);
}
