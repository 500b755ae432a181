// @ts-check
/** A review on the page: what stands where, drawn from what is known. */

import { make, showText } from "../common/dom.js";
import { may } from "../common/may.js";
import { statusText } from "../common/status_text.js";
import { asChanged } from "./review_list.js";

/**
 * @typedef {object} Review
 * @property {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").ReviewState>} model
 * @property {HTMLElement} root
 * @property {ReturnType<typeof import("../common/sending.js").makeSending>} sending
 * @property {import("./review_state.js").ReviewState} state
 * @property {boolean} blind whether samples are shown without their first answers
 * @property {boolean} onScreen
 * @property {number} nAnswers
 * @property {string} notice what was refused, and why
 * @property {string} takingOver id of the last wish to take the session over
 * @property {HTMLElement} header
 * @property {HTMLElement} banner
 * @property {HTMLButtonElement} takeOver
 * @property {HTMLElement} split the table, and beside it the chosen answer
 * @property {(text: string) => void} speak
 * @property {ReturnType<typeof import("../common/stale.js").makeStaleLine>} stale
 * @property {ReturnType<typeof import("./review_asking.js").makeAsking>} asking
 * @property {HTMLElement} settled what was settled last
 * @property {ReturnType<typeof import("../common/disputes.js").makeDisputes>} disputes
 * @property {ReturnType<typeof import("./review_filters.js").makeReviewFilters>} filters
 * @property {ReturnType<typeof import("../common/samples.js").makeSamples>} samples
 * @property {ReturnType<typeof import("./review_table.js").makeReviewTable>} table
 * @property {ReturnType<typeof import("./review_edits.js").makeReviewEdits>} edits
 * @property {ReturnType<typeof import("./review_detail.js").makeDetail>} detail
 * @property {ReturnType<typeof import("./review_repeats.js").makeRepeats>} second
 * @property {ReturnType<typeof import("./review_again.js").makeAgainLine>} again
 * @property {ReturnType<typeof import("../common/visibility.js").makeVisibility>} visibility
 */

/** @param {Review} review */
export function statusOf({ model }) {
  return model.get("_status");
}

/** Who keeps this kernel from writing, empty where nobody does. @param {Review} review */
export function lockOwner({ model }) {
  return model.get("_session").lock_owner;
}

/** An answer as it will be when all that was changed here is acknowledged. @param {Review} review @param {number} item */
export function rowOf({ state, sending }, item) {
  const row = state.rows.get(item);
  return row && asChanged(row, sending.waiting());
}

/** @param {Review} review */
export function drawReview(review) {
  const { filters, split, again, header, second, sending, settled, disputes } = review;
  const { n_repeats } = statusOf(review);
  const can = sending.isAlive() && !lockOwner(review) && may(review.model, "label");
  drawHead(review);
  split.hidden = filters.element.hidden = again.element.hidden = header.hidden = settled.hidden = review.blind;
  if (review.blind) disputes.element.hidden = true;
  filters.draw(statusOf(review), review.state.newer !== null);
  filters.drawParts(statusOf(review).parts);
  review.table.drawPager();
  review.takeOver.hidden = !lockOwner(review) || !sending.isAlive() || !may(review.model, "take_over");
  drawBanner(review);
  again.draw(n_repeats, can);
  review.detail.enable(can);
  second.enable(can);
}

/** @param {Review} review */
function drawHead(review) {
  const { checking, how } = statusOf(review);
  const { nAnswers, header } = review;
  const count = make("strong", "", `${nAnswers.toLocaleString("en")} answer${nAnswers === 1 ? "" : "s"}`);
  header.replaceChildren(count, make("span", "alw-how", checking ? "Checking the labels ..." : how));
}

/** What stands in the way, and what was refused. @param {Review} review */
export function drawBanner({ model, sending, banner, notice }) {
  showText(banner, statusText({ ...sending.standing(), session: model.get("_session"), lines: [model.get("_status").nobodys, notice] }));
}

/** @param {Review} review @param {string} text */
export function setNotice(review, text) {
  review.notice = text;
  drawBanner(review);
}

/** @param {Review} review */
export function drawRows(review) {
  review.table.draw();
  drawDetail(review);
}

/** @param {Review} review */
export function drawDetail(review) {
  const { current, draft } = review.state;
  const chosen = draft && draft.item === current ? draft.values : null;
  const row = current === null ? null : (rowOf(review, current) ?? null);
  review.detail.draw(current, row, chosen, statusOf(review));
}

/** A sample has come. @param {Review} review @param {number} item */
export function drawCame(review, item) {
  review.table.drawSample(item);
  if (item === review.state.current) drawDetail(review);
  review.second.drawSample(item);
  review.disputes.came(item);
}
