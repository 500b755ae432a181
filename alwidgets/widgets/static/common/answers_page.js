// @ts-check
/** The elements under a sample: the buttons' row, the pages of many classes, the boxes to find a class or to add one. */

import { make, makeButton } from "./dom.js";

/** @typedef {ReturnType<typeof makeAnswersPage>} AnswersPage */

/**
 * @param {{turn: (by: number) => void, submit: () => void, open: () => void}} on open: the box of a new class
 */
export function makeAnswersPage(on) {
  const element = make("div", "alw-answer-area");
  const row = make("div", "alw-answers");
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Answers");
  const find = /** @type {HTMLInputElement} */ (make("input", "alw-find"));
  find.type = "search";
  find.setAttribute("aria-label", "Find a class by its name; arrows choose, and Enter answers");
  const submit = makeButton("Enter", "answer", on.submit);
  submit.classList.add("alw-submit");
  const pager = makePager(on.turn);
  const more = make("div", "alw-more");
  more.append(find, pager.turning, submit);
  element.append(row, more);
  return { element, row, find, submit, ...pager, ...makeAdding(on.open) };
}

/** @param {(by: number) => void} turn */
function makePager(turn) {
  const back = makeButton("PageUp", "", () => turn(-1));
  back.setAttribute("aria-label", "Previous ten classes");
  const forth = makeButton("PageDown", "", () => turn(1));
  forth.setAttribute("aria-label", "Next ten classes");
  const place = make("span", "alw-place");
  const turning = make("span", "alw-turning");
  turning.append(back, place, forth);
  return { back, forth, place, turning };
}

/** For a class that nobody had thought of. @param {() => void} open */
function makeAdding(open) {
  const addButton = makeButton("", "+ add class", open);
  const add = /** @type {HTMLInputElement} */ (make("input", "alw-new-class"));
  add.setAttribute("aria-label", "Name of the new class; Enter adds it");
  add.placeholder = "name of the new class, then Enter";
  add.hidden = true;
  const adding = make("span", "alw-adding");
  adding.append(addButton, add);
  return { addButton, add, adding };
}
