// @ts-check
/**
 * What a map says to its kernel and hears from it. Coordinates come once, labels as they change, predictions after a
 * retrain; all as binary messages.
 */

import { makeOutbox } from "../common/outbox.js";
import { keep } from "../common/sample.js";
import { makeSending, newId } from "../common/sending.js";
import { makeStorage } from "../common/storage.js";
import { forgetSamples, makeMapState, selectHere, takeMissing, takePoints } from "./map_state.js";

const TRAITS = ["_color", "_classes", "_keys", "_shown", "_undoable", "_problem", "_session"]
  .map((name) => `change:${name}`)
  .join(" ");
const AT_ONCE = 16;

/** @typedef {ReturnType<typeof makeMapMessages>} MapMessages */

/** @param {any} model @param {() => void} draw */
export function makeMapMessages(model, draw) {
  const state = makeMapState();
  /** What was refused, and why. */
  let notice = "";
  /** What is said, a new object each time: the same words may be said again. */
  let spoken = { text: "" };
  const storage = makeStorage(model.get("_session").id, "map");
  const sending = makeSending({ model, outbox: makeOutbox(storage.load()), storage, draw, back });

  /** Say what changes nothing of the session. @param {any} message @param {ArrayLike<number>} [rows] */
  function send(message, rows) {
    notice = "";
    sending.send(message, rows ? [Uint32Array.from(rows).buffer] : []);
    draw();
  }

  /** Something that changes the session, and is sent until it is acknowledged. @param {any} message */
  function change(message) {
    notice = "";
    if (sending.isAlive() && !model.get("_session").lock_owner) {
      sending.post({ about: message.kind === "ask" ? "questions" : "labels", ...message, event_id: newId() });
    }
    draw();
  }

  /** The labels that an undo would take back, also where the kernel does not know of them yet. @returns {string|null} */
  function undoable() {
    const waiting = sending.waiting();
    if (waiting.some(({ kind }) => kind === "undo")) return null;
    return waiting.filter(({ kind }) => kind === "label").at(-1)?.event_id ?? model.get("_undoable").group;
  }

  /** @returns {number[]} */
  const shownRows = () => model.get("_shown").map((/** @type {any} */ { row }) => row);

  /** The one sample that is shown, null where there is none or there are several. */
  function shownRow() {
    const rows = shownRows();
    return rows.length === 1 ? rows[0] : null;
  }

  function fetchShown() {
    const missing = takeMissing(state, shownRows());
    for (let i = 0; i < missing.length; i += AT_ONCE) send({ kind: "need", items: missing.slice(i, i + AT_ONCE) });
  }

  /** @param {ArrayLike<number>} rows */
  function inspect(rows) {
    const row = rows.length === 1 ? rows[0] : null;
    state.coming = row === shownRow() ? null : row;
    send({ kind: "inspect" }, rows);
  }

  /** @param {Iterable<number>} rows */
  function choose(rows) {
    selectHere(state, rows);
    send({ kind: "select" }, state.selected);
  }

  /** @param {any} message @param {DataView[]} buffers */
  function receive(message, buffers) {
    const { kind } = message;
    if (!takePoints(state, message, buffers) && !takeReply(message, buffers)) return;
    // A large map takes long to draw: not for what its colors do not show.
    const seen = model.get("_color") === "label" ? "labels" : "predictions";
    if (kind === "points" || kind === seen) state.version += 1;
    draw();
  }

  /** @param {any} message @param {DataView[]} buffers @returns {boolean} whether there is something to draw */
  function takeReply(message, buffers) {
    const { kind } = message;
    if (kind === "payload") {
      state.needed.delete(message.item);
      keep(state.payloads, message, buffers, draw);
      forgetSamples(state, shownRows());
    } else if (kind === "ack" || kind === "refused") {
      if (!sending.settled(message)) return false;
      if (kind === "ack") spoken = { text: message.said };
      // What could not be saved waits, and it is said why.
      else if (!message.retry) notice = message.error;
    } else if (kind === "problem") {
      notice = message.error;
      state.untold = 0;
      state.coming = null;
    } else return false;
    return true;
  }

  function follow() {
    if (state.coming === shownRow()) state.coming = null;
    fetchShown();
    draw();
  }

  /** What was selected here and not told back may not have come; nor may what came since. */
  function back() {
    state.needed.clear();
    if (state.untold) {
      state.untold = 1;
      send({ kind: "select" }, state.selected);
    }
    if (state.coming !== null) send({ kind: "inspect" }, [state.coming]);
    send({ kind: "need_points" });
    fetchShown();
  }

  return {
    state, send, change, undoable, shownRow, shownRows, inspect, choose,
    standing: sending.standing,
    notice: () => notice,
    spoken: () => spoken,
    open() {
      model.on("msg:custom", receive);
      model.on(TRAITS, follow);
      send({ kind: "need_points" });
      follow();
    },
    close() {
      sending.close();
      model.off("msg:custom", receive);
      model.off(TRAITS, follow);
    },
  };
}
