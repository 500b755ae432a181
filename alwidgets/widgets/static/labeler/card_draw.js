// @ts-check
/** The card on the page: its sample, its buttons and what is said above and below them. */

import { holdsFocus, make, showText } from "../common/dom.js";
import { keyName } from "../common/keys.js";
import { may } from "../common/may.js";
import { drawn, isAudio } from "../common/sample.js";
import { lightText, statusText, waitingText } from "../common/status_text.js";
import { givenAnswers } from "./answers_given.js";
import { lacking } from "./help.js";
import { answerable, nHeld, noteOf, tellable } from "./queue_state.js";
import { answerText } from "./recent_answers.js";

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
 * @property {ReturnType<typeof import("./rest.js").makeRest>} rest
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
 * @property {ReturnType<typeof import("./milestones.js").makeMilestones>} milestones
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
  return { highlight: view.task.highlight, playKey: keyName(keysNow(view).actions.play), halfKeys: keysNow(view).classes.slice(0, 2).map(keyName) };
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
  view.armed.draw(can && !box.hidden, card.quick());
  view.about.hidden = grid.isOpen();
  view.answers.element.hidden = view.actions.element.hidden = grid.isOpen() || !may(model, "answer");
  grid.draw();
  view.header.draw(status, {
    alive, long: card.isFitLong(), n_flagged: (model.get("_flagged") ?? []).length,
    putOff: card.putOff.until(status.n_labeled) > 0, light: lightText(card.standing(), model.get("_session")),
  });
  view.milestones.draw(status);
  view.takeOver.hidden = !alive || !card.isHeld() || !may(model, "take_over");
  drawCardAnswers(view, status, can);
  // While it is set, the same answer again does not count.
  view.root.toggleAttribute("data-fresh", card.isFresh());
  drawActions(view, alive, can);
  drawLines(view, status);
  view.recent.draw(model.get("_recent"), classesOf(view), status.agreement);
  view.help.draw({ classes: classesOf(view), keys: model.get("_keys"), saved: Boolean(status.saved_as), lacks: lacking(view.task, classesOf(view).length) });
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
  view.rest.follow();
  if (payload) card.shown();
  // Nobody waits for what is not a sample, and the next one is sent as large as it will be.
  else card.fit(Math.max(box.clientWidth, box.clientHeight));
  root.dataset.item = payload ? String(current) : "";
}

/** @param {CardView} view @param {import("../common/sent.d.ts").StatusShown} status @param {boolean} can whether a sample can be answered */
function drawCardAnswers(view, status, can) {
  const { task, card: { queue } } = view;
  view.answers.draw({
    classes: classesOf(view), keys: keysNow(view), kind: task.kind, counts: status.counts ?? [],
    can: can && tellable(queue), suggested: queue.suggested, recent: recentClasses(view),
    // What was answered before shows with what.
    chosen: task.kind === "multi" || queue.revisited ? queue.chosen : null,
  });
}

/** The classes that were answered, the last one first. @param {CardView} view */
function recentClasses({ card: { queue }, model }) {
  return givenAnswers(queue, model.get("_recent")).flatMap(({ value }) => value ?? []);
}

/** @param {CardView} view @param {boolean} alive @param {boolean} can */
function drawActions(view, alive, can) {
  const { card, model } = view;
  const { queue } = card;
  const facts = card.facts();
  const payload = payloadNow(view);
  const known = queue.past.length || model.get("_recent").length || queue.revisited;
  view.actions.draw({
    keys: keysNow(view),
    can,
    undoable: alive && queue.undoing === null && Boolean(known),
    flagged: queue.current !== null && card.flagged(queue.current),
    note: queue.current === null ? "" : noteOf(queue, queue.current, card.flagged(queue.current)).text,
    revisited: queue.revisited,
    wantsWhy: card.wantsWhy(),
    isImage: payload ? payload.type === "image" : null,
    nNearDuplicates: facts.item === queue.current ? (facts.nearDuplicates?.length ?? 0) : 0,
  });
}

/** @param {number|null} item @param {CardView["model"]} model */
function answeredBefore(item, model) {
  const before = model.get("_recent").find((answer) => answer[1] === item);
  return `Answered before${before ? `: ${answerText(before, model.get("_classes"))}` : ""}; a new answer replaces the old one.`;
}

/** @param {CardView} view @param {import("../common/sent.d.ts").StatusShown} status */
function drawLines({ card, model, banner, about, reading }, status) {
  const lines = [card.notice(), status.error, status.recovery];
  showText(banner, statusText({ ...card.standing(), session: model.get("_session"), lines }));
  about.classList.toggle("alw-explained", card.wantsWhy());
  const facts = card.facts();
  const tellings = facts.item === card.queue.current && !reading ? [facts.suggest, facts.why].filter(Boolean) : [];
  if (card.queue.revisited) tellings.unshift(answeredBefore(card.queue.current, model));
  if (about.textContent !== tellings.join("")) about.replaceChildren(...tellings.map((line) => make("p", "", line)));
}
