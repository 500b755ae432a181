// @ts-check
/** Where one is in a review: which order, which page, which answer, in the table or among the repeats. */

import { drawDetail, drawReview, drawRows, statusOf } from "./review_draw.js";
import { takeOrder, turnTo } from "./review_state.js";

/** @typedef {import("./review_draw.js").Review} Review */

/** @param {Review} review @param {ArrayLike<number>} order @param {number} page */
export function showOrder(review, order, page) {
  takeOrder(review.state, order, page);
  review.table.renew();
  drawRows(review);
}

/** Show the newer order, and stay at the answer that is chosen. @param {Review} review */
export function updateOrder(review) {
  const { state } = review;
  const row = state.current;
  if (state.newer) showOrder(review, state.newer, state.page);
  review.asking.lookAtRows();
  focusRow(review, row);
}

/** @param {Review} review @param {number} page */
export function turnPage(review, page) {
  turnTo(review.state, page);
  review.table.renew();
  drawRows(review);
  drawReview(review);
  review.asking.lookAtRows();
  focusRow(review, review.state.current);
}

/** @param {Review} review @param {number} item @param {boolean} focus */
export function chooseRow(review, item, focus) {
  review.state.current = item;
  review.samples.ask([item]);
  drawRows(review);
  if (focus) focusRow(review, item);
}

/** @param {Review} review @param {number|null} item */
export function focusRow({ table, filters }, item) {
  if (!table.focusRow(item)) filters.show.focus({ preventScroll: true });
}

/** Show the answers whose second answer is another. @param {Review} review */
export function showDiffering(review) {
  const { filters } = review;
  showRepeats(review, false);
  filters.show.value = "changed";
  review.asking.look(true);
  filters.show.focus();
}

/** Show samples blind, or the table again. @param {Review} review @param {boolean} on */
export function showRepeats(review, on) {
  const { second } = review;
  review.blind = on;
  second.open(on, statusOf(review));
  drawReview(review);
  if (on) second.element.focus({ preventScroll: true });
  else {
    review.asking.look(false);
    focusRow(review, review.state.current);
  }
}

/** @param {Review} review */
export function forgetDraft(review) {
  review.state.draft = null;
  drawDetail(review);
}
