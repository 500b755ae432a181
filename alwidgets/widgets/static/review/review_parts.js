// @ts-check
/** The parts of a review, made and put in their places; what each tells goes to the review as a whole. */

import { makeDisputes } from "../common/disputes.js";
import { holdsFocus, make, makeButton } from "../common/dom.js";
import { may } from "../common/may.js";
import { makeSamples } from "../common/samples.js";
import { makeStaleLine } from "../common/stale.js";
import { makeVisibility } from "../common/visibility.js";
import { makeAgainLine } from "./review_again.js";
import { makeAsking } from "./review_asking.js";
import { makeDetail } from "./review_detail.js";
import { drawCame, drawDetail, rowOf, setNotice, statusOf } from "./review_draw.js";
import { makeReviewEdits } from "./review_edits.js";
import { makeReviewFilters } from "./review_filters.js";
import { sendChange, takeSessionOver } from "./review_messages.js";
import { chooseRow, focusRow, showRepeats, showDiffering, turnPage, updateOrder } from "./review_moves.js";
import { makeRepeats } from "./review_repeats.js";
import { itemsOnPage, makeReviewState } from "./review_state.js";
import { makeReviewTable } from "./review_table.js";

/** @typedef {import("./review_draw.js").Review} Review */

/**
 * @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").ReviewState>} model
 * @param {HTMLElement} root
 * @param {Review["sending"]} sending
 * @returns {Review}
 */
export function makeReview(model, root, sending) {
  const state = makeReviewState();
  const known = { model, root, sending, state, blind: false, onScreen: true, nAnswers: 0, notice: "", takingOver: "" };
  // Nothing is called before all parts are there: they act when someone does, or the kernel says something.
  const review = /** @type {Review} */ (known);
  const { live, ...lines } = makeLines(review);
  Object.assign(review, lines);
  Object.assign(review, makeListParts(review));
  Object.assign(review, makeAnswerParts(review));
  Object.assign(review, makeSecondParts(review));
  const { table, detail, header, banner, stale, takeOver, disputes, settled, filters, split, second, again, speak } = review;
  // A row shows its sample too.
  review.visibility = makeVisibility(root, [table.element, detail.card], speak);
  split.append(table.element, detail.element);
  root.append(header, banner, stale.element, takeOver, settled, disputes.element, filters.element, split, second.element, again.element, live);
  return review;
}

/** @param {Review} review */
function makeLines(review) {
  const banner = make("div", "alw-banner");
  banner.setAttribute("role", "alert");
  const live = make("div", "alw-spoken");
  live.setAttribute("aria-live", "polite");
  return {
    banner, live,
    header: make("div", "alw-review-head"),
    settled: make("p", "alw-review-settled"),
    split: make("div", "alw-split"),
    stale: makeStaleLine(review.model),
    takeOver: makeButton("", "take over", () => takeSessionOver(review)),
    speak: (/** @type {string} */ text) => void (live.textContent = text),
  };
}

/** Which answers there are. @param {Review} review */
function makeListParts(review) {
  const { state, sending } = review;
  const asking = makeAsking({
    send: sending.send,
    query: () => review.filters.query(),
    page: () => itemsOnPage(state),
  });
  const filters = makeReviewFilters({
    changed: () => asking.look(true),
    typed: asking.lookLater,
    update: () => updateOrder(review),
  });
  const samples = makeSamples((message) => void sending.send(message), (item) => drawCame(review, item));
  const disputes = makeDisputes({
    samples,
    change: (message) => sendChange(review, message) !== null,
    may: (kind) => may(review.model, kind),
    ask: (item) => void sending.send({ kind: "suggest", item }),
  });
  disputes.element.hidden = true;
  const table = makeReviewTable({
    state, samples,
    rowOf: (item) => rowOf(review, item),
    turn: (page) => turnPage(review, page),
    classes: () => statusOf(review).classes,
    isNarrowed: filters.isNarrowed,
    choose: (item) => chooseRow(review, item, true),
  });
  return { asking, disputes, filters, samples, table };
}

/** The answer that is chosen, and what is changed of it. @param {Review} review */
function makeAnswerParts(review) {
  const { state, samples, table, root, speak } = review;
  return {
    edits: makeReviewEdits({
      state,
      say: speak,
      status: () => statusOf(review),
      rowOf: (item) => rowOf(review, item),
      change: (message) => sendChange(review, message),
      drawDetail: () => drawDetail(review),
      undone: (item) => table.has(item) && chooseRow(review, item, holdsFocus(root)),
    }),
    detail: makeDetail({ samples, act: (done) => actOnChosen(review, done), say: speak }),
  };
}

/** Samples that have a label, shown without it. @param {Review} review */
function makeSecondParts(review) {
  const differing = () => showDiffering(review);
  return {
    second: makeRepeats({
      differing,
      samples: review.samples,
      send: (message) => sendChange(review, message),
      leave: () => showRepeats(review, false),
      say: review.speak,
    }),
    again: makeAgainLine({
      differing,
      ask: (share) => sendChange(review, { kind: "request_repeats", share }),
      refuse: (text) => setNotice(review, text),
      open: () => showRepeats(review, true),
    }),
  };
}

/** What a key or a button does. @param {Review} review @param {{action: string, value?: number, text?: string}} done */
export function actOnChosen(review, done) {
  if (done.action === "find") review.filters.search.focus();
  else if (done.action === "note" && done.text === undefined) review.detail.focusNote();
  else if (done.action === "back") focusRow(review, review.state.current);
  else review.edits.act(done);
}
