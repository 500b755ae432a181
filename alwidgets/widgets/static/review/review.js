// @ts-check
/**
 * Looking over one's answers. The kernel says in which order they stand; the page asks for the rows it shows. The
 * order stays as it is while someone works in it: a row whose label was changed does not jump away.
 */

import { holdsFocus, make, makeButton } from "../common/dom.js";
import { makeSendingWidget, newId } from "../common/sending.js";
import { makeStaleLine } from "../common/stale.js";
import { statusText } from "../common/status_text.js";
import { followTheme } from "../common/theme.js";
import { makeVisibility } from "../common/visibility.js";
import { makeAgainLine } from "./review_again.js";
import { makeAsking } from "./review_asking.js";
import { makeDetail } from "./review_detail.js";
import { makeReviewEdits } from "./review_edits.js";
import { makeReviewFilters } from "./review_filters.js";
import { followKeys } from "./review_keys.js";
import { asChanged, sameOrder } from "./review_list.js";
import { makeSamples } from "./review_samples.js";
import { makeSecondLook } from "./review_second.js";
import { itemsOnPage, makeReviewState, takeOrder, takeRows, turnTo } from "./review_state.js";
import { makeReviewTable } from "./review_table.js";

/**
 * @param {{model: any, el: HTMLElement}} context
 * @param {ReturnType<import("../common/sending.js").makeSending>} sending
 * @returns {import("../common/sending.js").View}
 */
function render({ model, el: root }, sending) {
  root.classList.add("alw-root", "alw-review");
  const state = makeReviewState();
  /** Whether samples are shown without their first answers. */
  let blind = false;
  let visible = true;
  let nAnswers = 0;
  /** What was refused, and why. */
  let notice = "";
  let takingOver = "";
  const status = () => model.get("_status");
  const heldBy = () => model.get("_session").lock_owner;

  const header = make("div", "alw-review-head");
  const banner = make("div", "alw-banner");
  banner.setAttribute("role", "alert");
  const takeOver = makeButton("", "take over", () => {
    takingOver = newId();
    sending.send({ kind: "take_over", event_id: takingOver });
  });
  const live = make("div", "alw-spoken");
  live.setAttribute("aria-live", "polite");
  const speak = (/** @type {string} */ text) => void (live.textContent = text);
  const stale = makeStaleLine(model);
  const asking = makeAsking({ send: sending.send, query: () => filters.query(), page: () => itemsOnPage(state) });
  const filters = makeReviewFilters({ changed: () => asking.look(true), typed: asking.lookLater, update });
  const samples = makeSamples((items) => sending.send({ kind: "need", items }), drawSample);
  const table = makeReviewTable({
    state, samples, rowOf, turn,
    classes: () => status().classes,
    isNarrowed: filters.isNarrowed,
    choose: (item) => choose(item, true),
  });
  const undone = (/** @type {number} */ item) => table.has(item) && choose(item, holdsFocus(root));
  const edits = makeReviewEdits({ state, status, rowOf, change, say: speak, drawDetail, undone });
  const detail = makeDetail({ samples, act, say: speak });
  const second = makeSecondLook({ samples, send: change, leave: () => lookAgain(false), differing, say: speak });
  const again = makeAgainLine({
    ask: (share) => change({ kind: "request_repeats", share }),
    refuse: say,
    open: () => lookAgain(true),
    differing,
  });
  // A row shows its sample too.
  const visibility = makeVisibility(root, [table.element, detail.card], speak);
  const split = make("div", "alw-split");
  split.append(table.element, detail.element);
  root.append(header, banner, stale.element, takeOver, filters.element, split, second.element, again.element, live);

  /**
   * Something that changes the session, and is sent until it is acknowledged.
   * @param {any} message
   * @returns {string|null} its id
   */
  function change(message) {
    if (!sending.isAlive() || heldBy()) return null;
    const event_id = newId();
    sending.post({ about: message.item, ...message, event_id });
    drawRows();
    return event_id;
  }

  /** What a key or a button does. @param {{action: string, value?: number, text?: string}} done */
  function act(done) {
    if (done.action === "find") filters.search.focus();
    else if (done.action === "note" && done.text === undefined) detail.focusNote();
    else if (done.action === "back") focusRow(state.current);
    else edits.act(done);
  }

  /** @param {string} text */
  function say(text) {
    notice = text;
    drawTrouble();
  }

  /** An answer as it will be when all that was changed here is acknowledged. @param {number} item */
  function rowOf(item) {
    const row = state.rows.get(item);
    return row && asChanged(row, sending.waiting());
  }

  function update() {
    const row = state.current;
    if (state.newer) showOrder(state.newer, state.page);
    asking.lookAtRows();
    focusRow(row);
  }

  function follow() {
    drawControls();
    second.follow(status());
    if (visible) asking.lookSoon();
  }

  /** @param {any} message @param {DataView[]} buffers */
  function receive(message, buffers) {
    if (message.kind === "payload") samples.receive(message, buffers);
    else if (message.kind === "seen" && asking.heard(message.request)) seen(message, buffers);
    else if (message.kind === "problem") say(message.error);
  }

  /** @param {any} message @param {DataView[]} buffers */
  function seen(message, buffers) {
    takeRows(state, message.rows, !buffers.length);
    if (buffers.length) {
      const { buffer, byteOffset, byteLength } = buffers[0];
      const found = new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength));
      const same = sameOrder(found, state.order);
      state.newer = same ? null : found;
      if (asking.isWanted(message.request)) showOrder(found, 0);
      else if (!same && !holdsFocus(root)) {
        showOrder(found, state.page);
        asking.lookAtRows();
      }
      nAnswers = message.counts.all;
      filters.count(message.counts);
      again.told(message.agreement, message.counts.changed);
      second.told(message.agreement, message.counts.changed);
    }
    drawRows();
    drawControls();
  }

  /** @param {import("../common/outbox.js").Message|undefined} sent @param {any} message */
  function settled(sent, message) {
    if (!sent && message.event_id !== takingOver) return;
    // What could not be saved waits, and the banner says why.
    if (sent && message.retry) return drawTrouble();
    if (message.kind === "refused") {
      say(`Not changed: ${message.error}`);
      edits.refused(message.event_id);
    } else {
      say("");
      speak("");
      speak(message.said);
      const row = state.rows.get(sent?.item);
      // Until the kernel tells it.
      if (sent && row) state.rows.set(row.item, asChanged(row, [sent]));
    }
    if (sent) second.settle(sent, message);
    if (sent?.kind === "request_repeats" && message.kind === "ack" && status().n_looks) lookAgain(true);
    drawRows();
    asking.lookAtRows();
  }

  /** @param {ArrayLike<number>} order @param {number} page */
  function showOrder(order, page) {
    takeOrder(state, order, page);
    table.renew();
    drawRows();
  }

  /** @param {number} page */
  function turn(page) {
    turnTo(state, page);
    table.renew();
    drawRows();
    drawControls();
    asking.lookAtRows();
    focusRow(state.current);
  }

  /** @param {number} item @param {boolean} focus */
  function choose(item, focus) {
    state.current = item;
    samples.ask([item]);
    drawRows();
    if (focus) focusRow(item);
  }

  /** @param {number|null} item */
  function focusRow(item) {
    if (!table.focusRow(item)) filters.show.focus({ preventScroll: true });
  }

  function differing() {
    lookAgain(false);
    filters.show.value = "changed";
    asking.look(true);
    filters.show.focus();
  }

  /** Show samples blind, or the table again. @param {boolean} on */
  function lookAgain(on) {
    blind = on;
    second.open(on, status());
    drawControls();
    if (on) second.element.focus({ preventScroll: true });
    else {
      asking.look(false);
      focusRow(state.current);
    }
  }

  function forgetDraft() {
    state.draft = null;
    drawDetail();
  }

  function drawRows() {
    table.draw();
    drawDetail();
  }

  function drawDetail() {
    const { current, draft } = state;
    const chosen = draft && draft.item === current ? draft.values : null;
    detail.draw(current, current === null ? null : (rowOf(current) ?? null), chosen, status());
  }

  /** @param {number} item */
  function drawSample(item) {
    table.drawSample(item);
    if (item === state.current) drawDetail();
    second.drawSample(item);
  }

  function drawTrouble() {
    const trouble = statusText({ ...sending.standing(), session: model.get("_session"), lines: [notice] });
    banner.hidden = !trouble;
    if (banner.textContent !== trouble) banner.textContent = trouble;
  }

  function drawControls() {
    const { checking, how, n_looks } = status();
    const can = sending.isAlive() && !heldBy();
    const count = make("strong", "", `${nAnswers.toLocaleString("en")} answer${nAnswers === 1 ? "" : "s"}`);
    header.replaceChildren(count, make("span", "alw-how", checking ? "Checking the labels ..." : how));
    split.hidden = filters.element.hidden = again.element.hidden = header.hidden = blind;
    filters.draw(status(), state.newer !== null);
    table.drawPager();
    takeOver.hidden = !heldBy() || !sending.isAlive();
    drawTrouble();
    again.draw(n_looks, can);
    detail.enable(can);
    second.enable(can);
  }

  const onScreen = new IntersectionObserver((entries) => {
    const before = visible;
    visible = entries.some((entry) => entry.isIntersecting);
    if (visible && !before) follow();
  });
  onScreen.observe(root);
  const unfollowKeys = followKeys({
    root, state, status, detail, second, filters, again, visibility, act, turn, focusRow, lookAgain, forgetDraft,
    isBlind: () => blind,
    choose: (item) => choose(item, true),
    look: () => asking.look(true),
  });
  model.on("change:_status", follow);
  model.on("change:_session", follow);
  model.on("msg:custom", receive);
  const unfollow = followTheme(root);
  drawControls();
  second.open(false, status());
  asking.look(true);
  function close() {
    asking.close();
    onScreen.disconnect();
    samples.close();
    [visibility, detail.visibility, second].forEach((each) => each.close());
    stale.close();
    unfollow();
    unfollowKeys();
    model.off("change:_status", follow);
    model.off("change:_session", follow);
    model.off("msg:custom", receive);
  }
  return { draw: drawControls, back: () => asking.look(false), settled, close };
}

export default () => makeSendingWidget("review", render);
