// @ts-check
/** What is done on the card, by a key, a button or a finger. */

import { BOUNCE_MS, DEBOUNCE_MS } from "../common/debounce.js";
import { play, zoom } from "../common/sample.js";
import { classesOf, drawCard } from "./card_draw.js";
import { givenAnswers, walk } from "./answers_given.js";
import { aroundCard } from "./armed.js";
import { revisit } from "./queue_state.js";

/**
 * @typedef {import("./card_draw.js").CardView} CardView
 * @typedef {import("../common/keys.js").Action} Action
 */

/** @param {CardView} view @param {string} text */
export function sayOnCard({ card, live }, text) {
  card.say(text);
  live.textContent = text;
}

/** Do what a button says, and give the keys back. @param {CardView} view @param {Action} pressed */
export function pressOnCard(view, pressed) {
  performOnCard(view, pressed, DEBOUNCE_MS);
  if (view.note.element.hidden) view.armed.focus();
}

/** @param {CardView} view @param {Action} pressed @param {number} [within] milliseconds in which the same again is not meant */
export function performOnCard(view, pressed, within = BOUNCE_MS) {
  const { grid, plain, reading } = view;
  const { action } = pressed;
  const sample = view.box.firstElementChild;
  if (action === "help") toggleHelp(view);
  else if (action === "instructions") read(view, !reading);
  else if (action === "find") view.answers.search();
  else if (reading || (grid.isOpen() && action !== "undo")) return;
  else if (action === "grid" && plain) grid.questions();
  else if (action === "near_duplicates" && plain) grid.nearDuplicates();
  else if (action === "note") view.note.open();
  else if (action === "zoom" && sample) zoom(sample);
  else if (action === "play" && sample) play(sample);
  else {
    // What is undone is to be seen.
    if (grid.isOpen()) grid.close();
    view.card.act(pressed, within);
  }
}

/** @param {CardView} view */
export function toggleHelp(view) {
  const { help, header, armed } = view;
  help.element.hidden = !help.element.hidden;
  header.expand(!help.element.hidden);
  drawCard(view);
  armed.focus();
}

/** Put the instructions before the sample, or take them away. @param {CardView} view @param {boolean} yes */
export function read(view, yes) {
  const { queue, storage } = view.card;
  if (!view.task.instructions) return;
  view.reading = yes;
  if (!yes) storage.see("instructions");
  // The clock of a sample runs while it can be seen.
  queue.shownAt = Date.now();
  drawCard(view);
  view.armed.focus();
}

/** Walk back through the answers, or forth. @param {CardView} view @param {1|-1} step 1 back @returns {boolean} whether there was somewhere to go */
export function walkOnCard({ card, grid, model, reading }, step) {
  if (reading || grid.isOpen() || !walk(card.queue, givenAnswers(card.queue, model.get("_recent")), step)) return false;
  card.ask();
  card.redraw();
  return true;
}

/** Show the sample alone, or with the curve and the advice. @param {CardView} view */
export function toggleAlone({ root, armed, header }) {
  const around = aroundCard(root);
  if (around !== root) header.alone(around.toggleAttribute("data-alone"));
  armed.focus();
}

/** Show what was answered before, to be changed. @param {CardView} view @param {number} item @param {import("./queue_state.js").Value} value that was given */
export function comeBack({ card, grid, armed }, item, value) {
  if (grid.isOpen()) grid.close();
  revisit(card.queue, item, value);
  card.ask();
  card.redraw();
  armed.focus();
}

/** What a finger drawn to a side does: one of two classes, or else skip and undo. @param {CardView} view @param {"left"|"right"} to */
export function swiped(view, to) {
  const classes = classesOf(view);
  const value = to === "left" ? 0 : 1;
  if (classes.length === 2 && view.task.kind !== "multi") return { words: classes[value], action: "answer", value };
  const action = to === "left" ? "skip" : "undo";
  return { words: action, action };
}
