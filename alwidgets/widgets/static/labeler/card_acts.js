// @ts-check
/** What is done on the card, by a key, a button or a finger. */

import { play, zoom } from "../common/sample.js";
import { classesOf, drawCard } from "./card_draw.js";
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
  performOnCard(view, pressed);
  if (view.note.element.hidden) view.armed.focus();
}

/** @param {CardView} view @param {Action} pressed */
export function performOnCard(view, pressed) {
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
    view.card.act(pressed);
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

/** Show what was answered before, to be changed. @param {CardView} view @param {number} item */
export function comeBack({ card, grid, armed }, item) {
  if (grid.isOpen()) grid.close();
  revisit(card.queue, item);
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
