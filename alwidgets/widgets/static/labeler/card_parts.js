// @ts-check
/** The parts of the card, made and put in their places; what each tells goes to the card as a whole. */

import { makeAnswers } from "../common/answers.js";
import { make, makeButton } from "../common/dom.js";
import { may } from "../common/may.js";
import { drawn } from "../common/sample.js";
import { newId } from "../common/sending.js";
import { makeStaleLine } from "../common/stale.js";
import { makeVisibility } from "../common/visibility.js";
import { makeArmed } from "./armed.js";
import { comeBack, pressOnCard, read, sayOnCard, swiped, toggleAlone, toggleHelp } from "./card_acts.js";
import { makeCardActions } from "./card_actions.js";
import { classesOf, drawCard, shownHow } from "./card_draw.js";
import { makeCardGrid } from "./card_grid.js";
import { makeCardHeader } from "./card_header.js";
import { makeCardNote } from "./card_note.js";
import { makeHelp } from "./help.js";
import { markdown } from "./markdown.js";
import { makeRecentAnswers } from "./recent_answers.js";
import { makeMilestones } from "./milestones.js";
import { makeRest } from "./rest.js";
import { onSwipe } from "./swipe.js";

/** @typedef {import("./card_draw.js").CardView} CardView */

/**
 * @param {HTMLElement} root
 * @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").LabelingState & {task: import("../common/sent.d.ts").TaskShown}>} model
 * @param {import("./card_messages.js").CardMessages} card
 * @returns {CardView}
 */
export function makeCard(root, model, card) {
  const task = model.get("_task");
  const plain = ["single", "ordinal", "yes_no"].includes(task.kind);
  const reading = Boolean(task.instructions) && !card.storage.seen("instructions");
  const known = { root, model, card, task, plain, reading, onScreen: null, armed: makeArmed(root) };
  // Nothing is called before all parts are there: they act when someone does.
  const view = /** @type {CardView} */ (/** @type {unknown} */ (known));
  Object.assign(view, makeHeadParts(view));
  Object.assign(view, makeSampleParts(view));
  Object.assign(view, makeAnswerParts(view));
  view.grid = makeCardGrid(gridOptions(view));
  view.recent = makeRecentAnswers((item, value) => comeBack(view, item, value), (item) => card.queue.payloads.get(item));
  placeCard(view);
  onSwipe(view.box, (to) => swiped(view, to).words, (to) => pressOnCard(view, swiped(view, to)));
  return view;
}

/** What stands above the sample. @param {CardView} view */
function makeHeadParts(view) {
  const { card, model, task } = view;
  const banner = make("div", "alw-banner");
  banner.setAttribute("role", "alert");
  const takeOver = makeButton("", "take over", () => card.send({ kind: "take_over", event_id: newId() }));
  takeOver.classList.add("alw-take-over");
  const instructions = make("div", "alw-instructions");
  instructions.append(...markdown(task.instructions), makeButton("Enter", "start labeling", () => read(view, false)));
  /** What is pressed goes away then, and the keys stay. @param {() => void} act */
  const pressed = (act) => () => {
    act();
    view.armed.focus();
  };
  return {
    banner, takeOver, instructions,
    header: makeCardHeader({
      giveUp: pressed(() => card.send({ kind: "abandon_fit", event_id: newId() })),
      endColdStart: pressed(() => card.tell({ kind: "end_cold_start" })),
      askAll: pressed(() => card.tell({ kind: "ask_only", rows: null })),
      help: () => toggleHelp(view),
      alone: () => toggleAlone(view),
      may: (kind) => may(model, kind),
    }),
    stale: makeStaleLine(model),
    help: makeHelp({
      remap: (what, name, key) => card.tell({ kind: "remap", what, name, key }),
      mayRemap: may(model, "remap"),
      leave: view.armed.focus,
    }),
  };
}

/** The sample, and what is known of it. @param {CardView} view */
function makeSampleParts(view) {
  const box = make("div", "alw-card");
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Sample");
  box.addEventListener("alw-whole", () => view.card.askWhole());
  const about = make("div", "alw-about");
  about.classList.toggle("alw-suggesting", view.task.suggest !== "never");
  const live = make("div", "alw-spoken");
  live.setAttribute("aria-live", "polite");
  const rest = makeRest(box, (length) => view.card.fit(length));
  view.armed.hint.append(rest.element);
  return { box, about, live, rest, visibility: makeVisibility(view.root, [box], (text) => sayOnCard(view, text)) };
}

/** What can be said of a sample. @param {CardView} view */
function makeAnswerParts(view) {
  const { card, task, plain, armed, visibility } = view;
  const answers = makeAnswers({
    press: (value) => pressOnCard(view, { action: "answer", value }),
    submit: () => pressOnCard(view, { action: "submit" }),
    add: (name) => card.tell({ kind: "add_class", name }),
    leave: armed.focus,
    hold: visibility.hold,
  });
  // Whoever looks for a class has begun to answer.
  answers.element.addEventListener("input", () => void (card.queue.begun = true));
  const actions = makeCardActions(task, plain, (action) => pressOnCard(view, { action }));
  if (may(view.model, "add_class")) actions.element.append(answers.adding);
  return { answers, actions, note: makeCardNote(card, armed.focus) };
}

/** @param {CardView} view @returns {import("./card_grid.js").Card} */
function gridOptions(view) {
  const { card, model, armed, answers } = view;
  const { queue } = card;
  return {
    queue,
    send: card.send,
    focus: armed.focus,
    say: (text) => sayOnCard(view, text),
    fetch: card.ask,
    redraw: () => drawCard(view),
    give: card.actTogether,
    only: card.only,
    askOnly: may(model, "ask_only") ? (rows) => card.tell({ kind: "ask_only", rows }) : null,
    facts: card.facts,
    asOf: card.asOf,
    answers: () => ({ classes: classesOf(view), keys: model.get("_keys"), page: answers.page() }),
    draw(item) {
      const payload = queue.payloads.get(item);
      return payload ? drawn(payload, shownHow(view)) : null;
    },
  };
}

/** @param {CardView} view */
function placeCard(view) {
  const { header, banner, stale, takeOver, help, instructions, box, armed, about, answers, actions, grid } = view;
  const question = make("p", "alw-question", view.task.question);
  question.hidden = !view.task.question;
  question.dir = view.instructions.dir = "auto";
  const foot = make("div", "alw-foot");
  view.milestones = makeMilestones();
  foot.append(view.recent.element, view.milestones.element, view.note.element);
  view.root.append(
    header.element, header.only, header.progress, banner, stale.element, takeOver, help.element, question, instructions, box,
    armed.hint, about, answers.element, actions.element, grid.element, foot, view.live,
  );
  armed.stops.settle();
}
