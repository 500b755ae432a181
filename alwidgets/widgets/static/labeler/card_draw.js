// @ts-check
/** The card on the page: its sample, its buttons and what is said above and below them. */

import { holdsFocus, make, showText } from "../common/dom.js";
import { keyName } from "../common/keys.js";
import { may } from "../common/may.js";
import { drawn, isAudio } from "../common/sample.js";
import { statusText, waitingText } from "../common/status_text.js";
import { answerable, nHeld, tellable } from "./queue_state.js";

/**
 * @typedef {object} CardView one of the views of a card
 * @property {HTMLElement} root
 * @property {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").LabelingState & {task: import("../common/sent.d.ts").TaskShown}>} model
 * @property {import("./card_messages.js").CardMessages} card
 * @property {import("../common/sent.d.ts").TaskShown} task
 * @property {boolean} plain whether one key is an answer, so that several samples can have the same
 * @property {boolean} reading whether the instructions are before the sample
 * @property {any} onScreen the sample that is drawn, or the words in its place
 * @property {HTMLElement} banner
 * @property {HTMLElement} advice
 * @property {HTMLElement} instructions
 * @property {HTMLElement} box shows the sample
 * @property {HTMLElement} about what the kernel sent of the sample
 * @property {HTMLElement} live
 * @property {HTMLButtonElement} takeOver
 * @property {ReturnType<typeof import("../common/stale.js").makeStaleLine>} stale
 * @property {ReturnType<typeof import("./armed.js").makeArmed>} armed
 * @property {ReturnType<typeof import("./card_header.js").makeCardHeader>} header
 * @property {ReturnType<typeof import("./help.js").makeHelp>} help
 * @property {ReturnType<typeof import("../common/visibility.js").makeVisibility>} visibility
 * @property {ReturnType<typeof import("../common/answers.js").makeAnswers>} answers
 * @property {ReturnType<typeof import("./card_actions.js").makeCardActions>} actions
 * @property {ReturnType<typeof import("./card_note.js").makeCardNote>} note
 * @property {ReturnType<typeof import("./card_grid.js").makeCardGrid>} grid
 * @property {ReturnType<typeof import("./recent_answers.js").makeRecentAnswers>} recent
 */

/** @param {CardView} view @returns {string[]} */
export function classesOf({ model }) {
  return model.get("_classes");
}

/** @param {CardView} view */
function payloadNow({ card: { queue } }) {
  return queue.payloads.get(queue.current ?? -1);
}

/** How a sample is to be drawn. @param {CardView} view */
export function shownHow(view) {
  return { highlight: view.task.highlight, playKey: keyName(keysNow(view).actions.play) };
}

/** What a key does with this sample: Space plays what can be played. @param {CardView} view */
export function keysNow(view) {
  const keys = view.model.get("_keys");
  const payload = payloadNow(view);
  if (!payload || !isAudio(payload)) return keys;
  const { play, skip } = keys.actions;
  return { ...keys, actions: { ...keys.actions, play: skip, skip: play } };
}

/** @param {CardView} view */
export function drawCard(view) {
  const { model, card, grid, box, live } = view;
  const status = model.get("_status");
  drawSample(view);
  grid.follow();
  const alive = card.isAlive();
  const can = alive && !card.isHeld() && !view.reading && answerable(card.queue);
  view.instructions.hidden = !view.reading;
  box.hidden = view.reading || grid.isOpen();
  view.armed.draw(can && !box.hidden);
  view.about.hidden = view.answers.element.hidden = view.actions.element.hidden = grid.isOpen();
  grid.draw();
  view.header.draw(status, { alive, long: card.isFitLong() });
  view.takeOver.hidden = !alive || !card.isHeld() || !may(model, "take_over");
  drawCardAnswers(view, status, can);
  // While it is set, the same answer again does not count.
  view.root.toggleAttribute("data-fresh", card.isFresh());
  drawActions(view, alive, can);
  drawLines(view, status);
  view.recent.draw(model.get("_recent"), classesOf(view), status.agreement);
  view.help.draw({ classes: classesOf(view), keys: model.get("_keys"), saved: Boolean(status.saved_as) });
  if (live.textContent !== card.spoken()) live.textContent = card.spoken();
}

/** @param {CardView} view */
function drawSample(view) {
  const { model, card, root, box, armed } = view;
  const { current } = card.queue;
  const payload = current === null ? null : payloadNow(view);
  const message = payload ? null : waitingText(model.get("_status"), current !== null);
  root.dataset.held = String(nHeld(card.queue));
  if (payload ? payload === view.onScreen : message === view.onScreen) return;
  view.onScreen = payload ?? message;
  // What had the focus goes with its sample: the keys stay.
  const held = holdsFocus(box);
  box.replaceChildren(payload ? drawn(payload, shownHow(view)) : make("p", "alw-message", message ?? ""));
  if (held) armed.focus();
  box.scrollTop = 0;
  if (payload) card.shown();
  root.dataset.item = payload ? String(current) : "";
}

/** @param {CardView} view @param {import("../common/sent.d.ts").Status} status @param {boolean} can whether a sample can be answered */
function drawCardAnswers(view, status, can) {
  const { task, card: { queue } } = view;
  view.answers.draw({
    classes: classesOf(view), keys: keysNow(view), kind: task.kind, counts: status.counts ?? [],
    can: can && tellable(queue), chosen: task.kind === "multi" ? queue.chosen : null, suggested: queue.suggested,
  });
}

/** @param {CardView} view @param {boolean} alive @param {boolean} can */
function drawActions(view, alive, can) {
  const { card, model } = view;
  const { queue } = card;
  const facts = card.facts();
  const known = queue.past.length || model.get("_recent").length || queue.revisited;
  view.actions.draw({
    keys: keysNow(view),
    can,
    undoable: alive && queue.undoing === null && Boolean(known),
    flagged: queue.current !== null && card.flagged(queue.current),
    revisited: queue.revisited,
    wantsWhy: card.wantsWhy(),
    isImage: payloadNow(view)?.type === "image",
    nNearDuplicates: facts.item === queue.current ? (facts.nearDuplicates?.length ?? 0) : 0,
  });
}

/** @param {CardView} view @param {import("../common/sent.d.ts").Status} status */
function drawLines({ card, model, banner, advice, about, reading }, status) {
  const lines = [card.notice(), status.error, status.recovery];
  showText(banner, statusText({ ...card.standing(), session: model.get("_session"), lines }));
  showText(advice, status.advice ?? "");
  about.classList.toggle("alw-explained", card.wantsWhy());
  const facts = card.facts();
  const tellings = facts.item === card.queue.current && !reading ? [facts.suggest, facts.why].filter(Boolean) : [];
  if (card.queue.revisited) tellings.unshift("Answered before; a new answer replaces the old one.");
  if (about.textContent !== tellings.join("")) about.replaceChildren(...tellings.map((line) => make("p", "", line)));
}
