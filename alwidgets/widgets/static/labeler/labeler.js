// @ts-check
/** The labeling card. */

import { makeAnswers } from "../common/answers.js";
import { holdsFocus, make, makeButton } from "../common/dom.js";
import { keyName } from "../common/keys.js";
import { drawn, isAudio, play, zoom } from "../common/sample.js";
import { newId } from "../common/sending.js";
import { makeStaleLine } from "../common/stale.js";
import { statusText, waitingText } from "../common/status_text.js";
import { followTheme } from "../common/theme.js";
import { makeVisibility } from "../common/visibility.js";
import { makeArmed } from "./armed.js";
import { makeCardActions } from "./card_actions.js";
import { makeCardGrid } from "./card_grid.js";
import { makeCardHeader } from "./card_header.js";
import { makeCardMessages } from "./card_messages.js";
import { makeCardNote } from "./card_note.js";
import { makeHelp } from "./help.js";
import { followCardKeys } from "./labeler_keys.js";
import { markdown } from "./markdown.js";
import { answerable, revisit, tellable } from "./queue_state.js";
import { makeRecentAnswers } from "./recent_answers.js";
import { onSwipe } from "./swipe.js";

/** @param {HTMLElement} root @param {any} model @param {import("./card_messages.js").CardMessages} card */
function makeCardView(root, model, card) {
  const { queue, storage, send, tell } = card;
  root.classList.add("alw-root", "alw-labeler");
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Labeler. Keys answer, question mark shows them all.");
  const armed = makeArmed(root);
  const { focus } = armed;
  const task = model.get("_task");
  /** Whether one key is an answer, so that several samples can have the same. */
  const plain = ["single", "ordinal", "yes_no"].includes(task.kind);
  /** Whether the instructions are before the sample. */
  let reading = Boolean(task.instructions) && !storage.seen("instructions");
  const classes = () => /** @type {string[]} */ (model.get("_classes"));

  const header = makeCardHeader({
    giveUp: () => send({ kind: "abandon_fit", event_id: newId() }),
    endColdStart: () => tell({ kind: "end_cold_start" }),
    help: toggleHelp,
  });
  const banner = make("div", "alw-banner");
  banner.setAttribute("role", "alert");
  const stale = makeStaleLine(model);
  const advice = make("div", "alw-banner alw-advice");
  const takeOver = makeButton("", "take over", () => send({ kind: "take_over", event_id: newId() }));
  takeOver.classList.add("alw-take-over");
  const help = makeHelp({ remap: (what, name, key) => tell({ kind: "remap", what, name, key }), leave: focus });
  const instructions = make("div", "alw-instructions");
  instructions.append(...markdown(task.instructions), makeButton("Enter", "start labeling", () => read(false)));
  const question = make("p", "alw-question", task.question);
  question.hidden = !task.question;
  const box = make("div", "alw-card");
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Sample");
  const about = make("div", "alw-about");
  about.classList.toggle("alw-suggesting", task.suggest !== "never");
  const live = make("div", "alw-spoken");
  live.setAttribute("aria-live", "polite");
  const visibility = makeVisibility(root, [box], say);
  const answers = makeAnswers({
    press: (value) => press({ action: "answer", value }),
    submit: () => press({ action: "submit" }),
    add: (name) => tell({ kind: "add_class", name }),
    leave: focus,
    hold: visibility.hold,
  });
  const actions = makeCardActions(task, plain, (action) => press({ action }));
  actions.element.append(answers.adding);
  const note = makeCardNote(card, focus);
  const grid = makeCardGrid({
    queue, send, focus, say,
    fetch: card.ask,
    redraw: draw,
    give: card.actTogether,
    told: card.told,
    asOf: card.asOf,
    answers: () => ({ classes: classes(), keys: model.get("_keys"), page: answers.page() }),
    draw: (item) => (queue.payloads.has(item) ? drawn(queue.payloads.get(item), shownHow()) : null),
  });
  const recent = makeRecentAnswers(comeBack);
  const foot = make("div", "alw-foot");
  foot.append(recent.element, note.element);
  root.append(
    header.element, header.progress, banner, stale.element, takeOver, advice, help.element, question, instructions, box,
    armed.hint, about, answers.element, actions.element, grid.element, foot, live,
  );

  /** @param {string} text */
  function say(text) {
    card.say(text);
    live.textContent = text;
  }

  /** @param {import("../common/keys.js").Action} pressed */
  function press(pressed) {
    perform(pressed);
    if (note.element.hidden) focus();
  }

  /** @param {import("../common/keys.js").Action} pressed */
  function perform(pressed) {
    const { action } = pressed;
    const sample = box.firstElementChild;
    if (action === "help") toggleHelp();
    else if (action === "instructions") read(!reading);
    else if (action === "find") answers.search();
    else if (reading || (grid.isOpen() && action !== "undo")) return;
    else if (action === "grid" && plain) grid.questions();
    else if (action === "alike" && plain) grid.alike();
    else if (action === "note") note.open();
    else if (action === "zoom" && sample) zoom(sample);
    else if (action === "play" && sample) play(sample);
    else {
      // What is taken back is to be seen.
      if (grid.isOpen()) grid.close();
      card.act(pressed);
    }
  }

  function toggleHelp() {
    help.element.hidden = !help.element.hidden;
    header.expand(!help.element.hidden);
    draw();
    focus();
  }

  /** @param {boolean} yes */
  function read(yes) {
    if (!task.instructions) return;
    reading = yes;
    if (!yes) storage.see("instructions");
    // The clock of a sample runs while it can be seen.
    queue.shownAt = Date.now();
    draw();
    focus();
  }

  /** Show what was answered before, to be changed. @param {number} item */
  function comeBack(item) {
    if (grid.isOpen()) grid.close();
    revisit(queue, item);
    card.ask();
    card.redraw();
    focus();
  }

  const payloadNow = () => queue.payloads.get(queue.current ?? -1);

  const shownHow = () => ({ highlight: task.highlight, playKey: keyName(keysNow().actions.play) });

  /** What a key does with this sample: Space plays what can be played. */
  function keysNow() {
    const keys = model.get("_keys");
    const payload = payloadNow();
    if (!payload || !isAudio(payload)) return keys;
    const { play, skip } = keys.actions;
    return { ...keys, actions: { ...keys.actions, play: skip, skip: play } };
  }

  /** What a finger drawn to a side does: one of two classes, or else skip and undo. @param {"left"|"right"} to */
  function swiped(to) {
    const value = to === "left" ? 0 : 1;
    if (classes().length === 2 && task.kind !== "multi") return { words: classes()[value], action: "answer", value };
    const action = to === "left" ? "skip" : "undo";
    return { words: action, action };
  }
  onSwipe(box, (to) => swiped(to).words, (to) => press(swiped(to)));

  /** @type {any} */ let onScreen = null;
  function drawSample() {
    const payload = queue.current === null ? null : payloadNow();
    const message = payload ? null : waitingText(model.get("_status"), queue.current !== null);
    if (payload ? payload === onScreen : message === onScreen) return;
    onScreen = payload ?? message;
    // What had the focus goes with its sample: the keys stay.
    const held = holdsFocus(box);
    box.replaceChildren(payload ? drawn(payload, shownHow()) : make("p", "alw-message", message ?? ""));
    if (held) focus();
    box.scrollTop = 0;
    if (payload) card.shown();
    root.dataset.item = payload ? String(queue.current) : "";
  }

  function draw() {
    const status = model.get("_status");
    drawSample();
    grid.follow();
    const alive = card.isAlive();
    const can = alive && !card.isHeld() && !reading && answerable(queue);
    instructions.hidden = !reading;
    box.hidden = reading || grid.isOpen();
    armed.draw(can && !box.hidden);
    about.hidden = answers.element.hidden = actions.element.hidden = grid.isOpen();
    grid.draw();
    header.draw(status, { alive, long: card.isFitLong() });
    takeOver.hidden = !alive || !card.isHeld();
    answers.draw({
      classes: classes(), keys: keysNow(), kind: task.kind, counts: status.counts ?? [], can: can && tellable(queue),
      chosen: task.kind === "multi" ? queue.chosen : null, suggested: queue.suggested,
    });
    // While it is set, the same answer again does not count.
    root.toggleAttribute("data-fresh", card.isFresh());
    drawActions(alive, can);
    drawLines(status);
    recent.draw(model.get("_recent"), classes(), status.agreement);
    help.draw({ classes: classes(), keys: model.get("_keys"), saved: Boolean(status.saved_as) });
    if (live.textContent !== card.spoken()) live.textContent = card.spoken();
  }

  /** @param {boolean} alive @param {boolean} can */
  function drawActions(alive, can) {
    const told = card.told();
    const known = queue.past.length || model.get("_recent").length || queue.revisited;
    actions.draw({
      keys: keysNow(),
      can,
      undoable: alive && queue.undoing === null && Boolean(known),
      flagged: queue.current !== null && card.flagged(queue.current),
      revisited: queue.revisited,
      wantsWhy: card.wantsWhy(),
      isImage: payloadNow()?.type === "image",
      nAlike: told.item === queue.current ? (told.alike?.length ?? 0) : 0,
    });
  }

  /** @param {any} status */
  function drawLines(status) {
    const lines = [card.notice(), status.error, status.report];
    const trouble = statusText({ ...card.standing(), session: model.get("_session"), lines });
    banner.hidden = !trouble;
    if (banner.textContent !== trouble) banner.textContent = trouble;
    advice.hidden = !status.advice;
    if (advice.textContent !== status.advice) advice.textContent = status.advice ?? "";
    about.classList.toggle("alw-explained", card.wantsWhy());
    const told = card.told();
    const tellings = told.item === queue.current && !reading ? [told.suggest, told.why].filter(Boolean) : [];
    if (queue.revisited) tellings.unshift("Answered before; a new answer replaces the old one.");
    if (about.textContent !== tellings.join("")) about.replaceChildren(...tellings.map((line) => make("p", "", line)));
  }

  const unfollowKeys = followCardKeys({
    root, box, armed, answers, grid, help, note, visibility, perform, toggleHelp,
    isMulti: task.kind === "multi",
    isReading: () => reading,
    keys: keysNow,
  });
  const unfollow = followTheme(root);
  draw();
  function close() {
    stale.close();
    visibility.close();
    armed.close();
    unfollow();
    unfollowKeys();
  }
  return { draw, close };
}

export default () => {
  /** @type {import("./card_messages.js").CardMessages} */ let card;
  /** @type {Set<ReturnType<typeof makeCardView>>} */ const views = new Set();
  return {
    /** @param {{model: any}} context */
    initialize({ model }) {
      card = makeCardMessages(model, () => views.forEach((view) => view.draw()));
      return card.close;
    },
    /** @param {{model: any, el: HTMLElement}} context */
    render({ model, el }) {
      const view = makeCardView(el, model, card);
      views.add(view);
      return () => {
        views.delete(view);
        view.close();
      };
    },
  };
};
