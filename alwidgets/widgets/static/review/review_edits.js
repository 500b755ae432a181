// @ts-check
/** What is changed in a review: the chosen answer's label, flag and note, and the way back. */

import { namesOf, sameValue, toggled } from "./review_list.js";
import { chosenFor } from "./review_state.js";

/** @typedef {import("../common/said.d.ts").NewChange} NewChange */

/**
 * @param {object} options
 * @param {import("./review_state.js").ReviewState} options.state
 * @param {() => import("../common/sent.d.ts").ReviewStatus} options.status
 * @param {(item: number) => import("../common/sent.d.ts").AnswerRow|undefined} options.rowOf
 * @param {(message: NewChange) => string|null} options.change sends a change, and gives its id; null where none can be made
 * @param {(text: string) => void} options.say
 * @param {() => void} options.drawDetail
 * @param {(item: number) => void} options.undone the answer to an item is being undone
 */
export function makeReviewEdits({ state, status, rowOf, change, say, drawDetail, undone }) {
  /** Answers given here, the last at the end. @type {{id: string, item: number}[]} */
  const given = [];

  /** A class is the label, or in a multilabel task one more or one less that is chosen. @param {import("../common/sent.d.ts").AnswerRow} row @param {number} number */
  function choose(row, number) {
    if (!status().multilabel) return relabel(row, number);
    state.draft = { item: row.item, values: toggled(chosenFor(state, row), number) };
    say(`chosen: ${namesOf(state.draft.values, status().classes)}; Enter saves`);
    drawDetail();
  }

  /** @param {import("../common/sent.d.ts").AnswerRow} row @param {import("../common/sent.d.ts").Value} value */
  function relabel(row, value) {
    state.draft = null;
    if (sameValue(row.label, value) && !row.changed) {
      say(`${namesOf(value, status().classes)} already`);
      drawDetail();
      return;
    }
    give({ kind: "label", item: row.item, value });
  }

  /** @param {Extract<NewChange, {kind: "label"|"skip"; item: number}>} message */
  function give(message) {
    const id = change(message);
    if (id !== null) given.push({ id, item: message.item });
  }

  function undoLast() {
    state.draft = null;
    const last = given.pop();
    if (!last) return say("nothing was changed here yet");
    change({ kind: "undo", target: last.id, about: last.item });
    undone(last.item);
  }

  return {
    /** What a key or a button does to the answer that is chosen. @param {{action: string, value?: number, text?: string}} done */
    act({ action, value, text }) {
      if (action === "undo") return undoLast();
      const item = state.current;
      const row = item === null ? undefined : rowOf(item);
      if (item === null || !row) return;
      if (action === "answer") choose(row, /** @type {number} */ (value));
      if (action === "submit") relabel(row, chosenFor(state, row));
      if (action === "skip" || action === "unsure") give({ kind: "skip", item, unsure: action === "unsure" });
      if (action === "flag") change(row.flagged ? { kind: "unflag", item } : { kind: "flag", item, note: text ?? "" });
      if (action === "note") change({ kind: "note", item, note: text ?? "" });
    },
    /** An answer was refused, so that it cannot be undone. @param {string} id */
    refused(id) {
      const place = given.findIndex((each) => each.id === id);
      if (place >= 0) given.splice(place, 1);
    },
  };
}
