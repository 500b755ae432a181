// @ts-check
/**
 * Looking over one's answers. The kernel says in which order they stand; the page asks for the rows it shows. The
 * order stays as it is while someone works in it: a row whose label was changed does not jump away.
 */

import { makeSendingWidget } from "../common/sending.js";
import { followTheme } from "../common/theme.js";
import { drawReview, statusOf } from "./review_draw.js";
import { followKeys } from "./review_keys.js";
import { receiveReview, settleReview } from "./review_messages.js";
import { chooseRow, focusRow, forgetDraft, showRepeats, turnPage } from "./review_moves.js";
import { actOnChosen, makeReview } from "./review_parts.js";

/** @typedef {import("./review_draw.js").Review} Review */

/**
 * @param {{model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").ReviewState>, el: HTMLElement}} context
 * @param {Review["sending"]} sending
 * @returns {import("../common/sending.js").View}
 */
function render({ model, el: root }, sending) {
  root.classList.add("alw-root", "alw-review");
  const review = makeReview(model, root, sending);
  const { asking, second } = review;
  const ends = [
    followScreen(review),
    followReviewKeys(review),
    followKernel(review),
    followTheme(root),
    asking.close,
    review.samples.close,
    review.stale.close,
    ...[review.visibility, review.detail.visibility, second].map((part) => part.close),
  ];
  drawReview(review);
  second.open(false, statusOf(review));
  asking.look(true);
  return {
    draw: () => drawReview(review),
    back: () => asking.look(false),
    settled: (sent, reply) => settleReview(review, sent, reply),
    close: () => ends.forEach((end) => end()),
  };
}

/** The session has changed. @param {Review} review */
function follow(review) {
  drawReview(review);
  review.second.follow(statusOf(review));
  if (review.onScreen) review.asking.lookSoon();
}

/** Out of view nothing is asked for, and all of it on coming back. @param {Review} review @returns {() => void} ends it */
function followScreen(review) {
  const observer = new IntersectionObserver((entries) => {
    const before = review.onScreen;
    review.onScreen = entries.some((entry) => entry.isIntersecting);
    if (review.onScreen && !before) follow(review);
  });
  observer.observe(review.root);
  return () => observer.disconnect();
}

/** @param {Review} review @returns {() => void} ends it */
function followKernel(review) {
  const { model } = review;
  const changed = () => follow(review);
  /** @param {import("../common/sent.d.ts").Sent} message @param {DataView[]} buffers */
  const receive = (message, buffers) => receiveReview(review, message, buffers);
  model.on("change:_status", changed);
  model.on("change:_session", changed);
  model.on("msg:custom", receive);
  return () => {
    model.off("change:_status", changed);
    model.off("change:_session", changed);
    model.off("msg:custom", receive);
  };
}

/** @param {Review} review @returns {() => void} ends it */
function followReviewKeys(review) {
  const { root, state, detail, second, filters, again, visibility, disputes } = review;
  return followKeys({
    root, state, detail, second, filters, again, visibility, disputes,
    status: () => statusOf(review),
    isBlind: () => review.blind,
    act: (done) => actOnChosen(review, done),
    choose: (item) => chooseRow(review, item, true),
    turn: (page) => turnPage(review, page),
    look: () => review.asking.look(true),
    focusRow: (item) => focusRow(review, item),
    showRepeats: (on) => showRepeats(review, on),
    forgetDraft: () => forgetDraft(review),
  });
}

export default () => makeSendingWidget("review", render);
