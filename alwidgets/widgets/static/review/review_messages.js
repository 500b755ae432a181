// @ts-check
/** What a review says to the kernel, and what it makes of what it hears. */

import { makeReopen } from "../common/disputes.js";
import { holdsFocus } from "../common/dom.js";
import { may } from "../common/may.js";
import { itemOf } from "../common/outbox.js";
import { newId } from "../common/sending.js";
import { drawReview, drawRows, drawBanner, lockOwner, setNotice, statusOf } from "./review_draw.js";
import { asChanged, sameOrder } from "./review_list.js";
import { showRepeats, showOrder } from "./review_moves.js";
import { takeRows } from "./review_state.js";

/** @typedef {import("./review_draw.js").Review} Review */

/**
 * Something that changes the session, and is sent until it is acknowledged.
 * @param {Review} review
 * @param {import("../common/said.d.ts").NewChange} message
 * @returns {string|null} its id
 */
export function sendChange(review, message) {
  const { sending } = review;
  if (!sending.isAlive() || lockOwner(review) || !may(review.model, message.kind)) return null;
  const event_id = newId();
  sending.post({ about: itemOf(message), ...message, event_id });
  drawRows(review);
  return event_id;
}

/** @param {Review} review */
export function takeSessionOver(review) {
  review.takingOver = newId();
  review.sending.send({ kind: "take_over", event_id: review.takingOver });
}

/** @param {Review} review @param {import("../common/sent.d.ts").Sent} message @param {DataView[]} buffers */
export function receiveReview(review, message, buffers) {
  if (message.kind === "payload") review.samples.receive(message, buffers);
  else if (message.kind === "seen" && review.asking.heard(message.request)) takeSeen(review, message, buffers);
  else if (message.kind === "disputes") takeDisputes(review, message);
  else if (message.kind === "suggest") review.disputes.told(message.item, message.text);
  else if (message.kind === "problem") setNotice(review, message.error);
}

/** Only a team disputes anything. @param {Review} review @param {import("../common/sent.d.ts").DisputesShown} message */
function takeDisputes(review, message) {
  review.disputes.draw(message);
  review.disputes.element.hidden = review.blind;
}

/** @param {Review} review @param {import("../common/sent.d.ts").Seen} message @param {DataView[]} buffers */
function takeSeen(review, message, buffers) {
  takeRows(review.state, message.rows, !buffers.length);
  if (buffers.length && message.counts) {
    takeFound(review, orderIn(buffers[0]), message.request);
    review.nAnswers = message.counts.all;
    review.filters.count(message.counts);
    review.again.showAgreement(message.agreement, message.counts.changed);
    review.second.showAgreement(message.agreement, message.counts.changed);
  }
  drawRows(review);
  drawReview(review);
}

/** @param {DataView} buffer */
function orderIn({ buffer, byteOffset, byteLength }) {
  return new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

/**
 * The order as it is now: shown when it was asked for, or when nobody works in the one that is shown.
 * @param {Review} review
 * @param {Int32Array} found
 * @param {number} request
 */
function takeFound(review, found, request) {
  const { state, asking } = review;
  const same = sameOrder(found, state.order);
  state.newer = same ? null : found;
  if (asking.isWanted(request)) showOrder(review, found, 0);
  else if (!same && !holdsFocus(review.root)) {
    showOrder(review, found, state.page);
    asking.lookAtRows();
  }
}

/**
 * The kernel has said what became of a change.
 * @param {Review} review
 * @param {import("../common/outbox.js").Message|undefined} sent
 * @param {import("../common/sent.d.ts").Ack|import("../common/sent.d.ts").Refusal} reply
 */
export function settleReview(review, sent, reply) {
  if (!sent && reply.event_id !== review.takingOver) return;
  // What could not be saved waits, and the banner says why.
  if (sent && reply.kind === "refused" && reply.retry) return drawBanner(review);
  if (reply.kind === "refused") {
    setNotice(review, `Not changed: ${reply.error}`);
    review.edits.refused(reply.event_id);
  } else takeDone(review, sent, reply);
  if (sent) review.second.settle(sent, reply);
  if (sent?.kind === "request_repeats" && reply.kind === "ack" && statusOf(review).n_repeats) showRepeats(review, true);
  drawRows(review);
  review.asking.lookAtRows();
}

/** @param {Review} review @param {import("../common/outbox.js").Message|undefined} sent @param {import("../common/sent.d.ts").Ack} reply */
function takeDone(review, sent, reply) {
  setNotice(review, "");
  review.speak("");
  review.speak(reply.text ?? "");
  drawSettled(review, sent, reply);
  const item = sent && itemOf(sent);
  const row = item === undefined ? undefined : review.state.rows.get(item);
  // Until the kernel tells it.
  if (sent && row) review.state.rows.set(row.item, asChanged(row, [sent]));
}

/** What was settled last can be opened again. @param {Review} review @param {import("../common/outbox.js").Message|undefined} sent @param {import("../common/sent.d.ts").Ack} reply */
function drawSettled(review, sent, reply) {
  review.settled.replaceChildren();
  if (sent?.kind !== "settle") return;
  const change = (/** @type {import("../common/said.d.ts").NewChange} */ message) => sendChange(review, message) !== null;
  review.settled.append(reply.text ?? "", " ", makeReopen(sent, change, (kind) => may(review.model, kind)));
}
