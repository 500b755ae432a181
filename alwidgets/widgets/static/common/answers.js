// @ts-check
/** The answers under a sample: a button a class, pages of ten where there are more, a box to find one by its name. */

import { drawAnswers, emptyFind, isSearching } from "./answers_draw.js";
import { makeAnswersPage } from "./answers_page.js";
import { hasFocus } from "./dom.js";
import { found, pages } from "./keys.js";

/** @typedef {import("./answers_draw.js").Answers} Answers */

/**
 * @param {Answers["on"]} on hold: whether a key may not answer now
 * @param {number} [page] the one that is turned up
 */
export function makeAnswers(on, page = 0) {
  const parts = makeAnswersPage({
    turn: (by) => turnAnswers(answers, by),
    submit: () => on.submit?.(),
    open: () => openAdding(answers, true),
  });
  /** @type {Answers} */ const answers = {
    parts, on, page, foundPage: 0, marked: 0, added: "", shown: [], buttons: [], drawn: "",
    state: { classes: [], keys: { classes: [], actions: {} }, kind: "single", counts: null, can: false, chosen: null, suggested: null },
  };
  parts.find.addEventListener("input", () => findTyped(answers));
  parts.add.addEventListener("blur", () => openAdding(answers, false));
  return {
    element: parts.element,
    /** For a class that nobody had thought of. */
    adding: parts.adding,
    page: () => answers.page,
    /** @param {import("./answers_draw.js").Shown} now */
    draw: (now) => drawAnswers(answers, now),
    /** Turn the pages. @param {number} by @returns {boolean} whether there are more than one */
    turn: (by) => turnAnswers(answers, by),
    /** The classes that keys answer now. */
    keys: () => (isSearching(answers) ? [] : answers.shown),
    /** Whether there is a class of this number, and something to answer. @param {number} value */
    has: (value) => answers.state.can && value < answers.state.classes.length,
    /** Go to the box; false where there is none. */
    search() {
      if (parts.find.hidden) return false;
      parts.find.focus();
      return true;
    },
    /** @param {KeyboardEvent} event @returns {boolean} whether it was meant for one of the boxes */
    onKey: (event) => takeKey(answers, event),
    /** Empty the boxes. @returns {boolean} whether there was something in them, or one had the focus */
    close: () => closeBoxes(answers),
  };
}

/** @param {Answers} answers @param {boolean} yes */
function openAdding({ parts: { add, addButton } }, yes) {
  add.hidden = !yes;
  addButton.hidden = yes;
  if (yes) add.focus();
}

/** Turn the pages of all classes, or of those that are found. @param {Answers} answers @param {number} by @returns {boolean} whether there are more than one */
function turnAnswers(answers, by) {
  const { state, parts: { find } } = answers;
  if (isSearching(answers)) {
    const n = pages(found(state.classes, find.value).length);
    answers.foundPage = (answers.foundPage + by + n) % n;
    drawAnswers(answers, state);
    find.focus();
    return true;
  }
  const n = pages(state.classes.length);
  if (n === 1) return false;
  answers.page = (answers.page + by + n) % n;
  drawAnswers(answers, state);
  answers.on.leave();
  return true;
}

/** @param {Answers} answers */
function findTyped(answers) {
  const { row } = answers.parts;
  answers.foundPage = answers.marked = 0;
  // As high as the page was that they stand in for: what is below stays where it is.
  if (!isSearching(answers)) row.style.minHeight = "";
  else if (!row.style.minHeight) row.style.minHeight = `${row.offsetHeight}px`;
  drawAnswers(answers, answers.state);
}

/** @param {Answers} answers @param {KeyboardEvent} event @returns {boolean} whether it was meant for one of the boxes */
function takeKey(answers, event) {
  const { find, add } = answers.parts;
  const [target] = event.composedPath();
  const digit = target === find && isSearching(answers) && digitKey(answers, event.key);
  if (digit !== false && digit !== null) {
    event.preventDefault();
    pressFound(answers, digit);
    return true;
  }
  if (target !== find && target !== add) {
    // No class has a digit while some are found: it is one more letter of the name.
    if (target instanceof HTMLInputElement || !isSearching(answers) || !/^[0-9]$/.test(event.key)) return false;
    find.focus();
    return true;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (target === find && step && isSearching(answers)) {
    event.preventDefault();
    answers.marked += step;
    drawAnswers(answers, answers.state);
  } else if (target === find && (event.key === "PageDown" || event.key === "PageUp")) {
    event.preventDefault();
    if (isSearching(answers)) turnAnswers(answers, event.key === "PageDown" ? 1 : -1);
  } else if (event.key === "Enter" && !event.isComposing) {
    event.preventDefault();
    if (target === add) enterAdded(answers);
    else enterFound(answers);
  }
  return true;
}

/** The place of the class that a digit answers with, null where it is a letter. @param {Answers} answers @param {string} key */
function digitKey({ shown }, key) {
  const place = /^\d$/.test(key) ? shown.findIndex((each) => each.key === key) : -1;
  return place < 0 ? null : place;
}

/** @param {Answers} answers @param {number} place among those that are found */
function pressFound(answers, place) {
  const { shown, on } = answers;
  if (!shown.length || on.hold?.()) return;
  const { value } = shown[place];
  emptyFind(answers);
  on.press(value);
}

/** @param {Answers} answers */
function enterAdded(answers) {
  const { parts: { add }, on } = answers;
  answers.added = add.value.trim();
  if (answers.added) on.add?.(answers.added);
  add.value = "";
  on.leave();
}

/** @param {Answers} answers */
function enterFound(answers) {
  if (isSearching(answers)) pressFound(answers, answers.marked);
}

/** Empty the boxes. @param {Answers} answers @returns {boolean} whether there was something in them, or one had the focus */
function closeBoxes(answers) {
  const { find, add } = answers.parts;
  const busy = find.value !== "" || [find, add].some(hasFocus);
  emptyFind(answers);
  add.value = "";
  openAdding(answers, false);
  if (busy) drawAnswers(answers, answers.state);
  return busy;
}
