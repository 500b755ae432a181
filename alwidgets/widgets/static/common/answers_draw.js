// @ts-check
/** The answers under a sample, drawn: a button a class, of many those on a page or those that are found. */

import { make, makeButton, makeSwatch } from "./dom.js";
import { found, keyName, onPage, PAGE, pages } from "./keys.js";

/** Room of a button around its name, and without one, in letters. */
const AROUND_NAME = 14;
const AROUND_KEY = 10;

/**
 * @typedef {{classes: string[], keys: import("./keys.js").Keys, kind: string, counts: number[]|null, can: boolean,
 *            chosen: Set<number>|null, suggested: any, recent?: number[]}} Shown how many of all labels are of each class, null when that is
 *            not shown; the classes that are chosen, null where none can be; and those
 *            that were answered, the last one first
 *
 * @typedef {object} Answers
 * @property {import("./answers_page.js").AnswersPage} parts
 * @property {{press: (value: number) => void, submit?: () => void, add?: (name: string) => void, leave: () => void, hold?: () => boolean}} on
 * @property {number} page the one of all classes that is turned up
 * @property {number} foundPage the one of those that are found
 * @property {number} marked place in `shown` of the one that Enter answers with
 * @property {string} added the name of a class that was added here, until it is there
 * @property {Shown} state
 * @property {{value: number, key: string}[]} shown
 * @property {HTMLButtonElement[]} buttons
 * @property {string} drawn
 */

/** @param {Answers} answers */
export function isSearching({ parts }) {
  return Boolean(parts.find.value.trim());
}

/** @param {Answers} answers */
export function emptyFind({ parts: { find, row } }) {
  find.value = "";
  row.style.minHeight = "";
}

/** @param {Answers} answers @param {Shown} now */
export function drawAnswers(answers, now) {
  answers.state = now;
  if (answers.page >= pages(now.classes.length)) answers.page = 0;
  const searching = isSearching(answers);
  const matches = searching ? found(now.classes, answers.parts.find.value, now.recent) : [];
  turnToAdded(answers);
  const from = answers.foundPage * PAGE;
  answers.shown = searching
    ? matches.slice(from, from + PAGE).map((value, place) => ({ value, key: digitOf(place, now.classes) }))
    : onPage(now.classes.length, now.keys, answers.page);
  drawRow(answers);
  drawPager(answers, matches.length);
  drawAround(answers);
  answers.buttons.forEach((button, i) => drawButton(button, answers.shown[i].value, now));
}

/** A class that was added is shown. @param {Answers} answers */
function turnToAdded(answers) {
  const place = answers.added ? answers.state.classes.indexOf(answers.added) : -1;
  if (place < 0) return;
  answers.added = "";
  answers.page = Math.floor(place / PAGE);
}

/** The digit that answers with one of those that are found: none where digits are letters of names. @param {number} place @param {string[]} classes */
export function digitOf(place, classes) {
  return classes.some((name) => /\d/.test(name)) ? "" : String((place + 1) % PAGE);
}

/** Make the buttons anew where they are others. @param {Answers} answers */
function drawRow(answers) {
  const { shown, state: { classes, keys, kind }, parts: { row } } = answers;
  const searching = isSearching(answers);
  answers.marked = Math.max(0, Math.min(answers.marked, shown.length - 1));
  const { marked } = answers;
  const wanted = JSON.stringify([shown, shown.map(({ value }) => classes[value]), kind, searching, marked]);
  if (wanted === answers.drawn) return;
  answers.drawn = wanted;
  // A class that is its own key is written once.
  const longest = Math.min(40, Math.max(0, ...classes.map((name, value) => (keys.classes[value] === name ? 0 : name.length))));
  row.style.setProperty("--alw-answer", `${longest ? longest + AROUND_NAME : AROUND_KEY}ch`);
  // Five and five, like two hands.
  row.toggleAttribute("data-ten", shown.length === PAGE);
  row.dataset.kind = kind;
  answers.buttons = shown.map(({ value, key }, i) => {
    const entered = searching && i === marked ? "Enter" : "";
    return makeAnswer(answers, value, entered || (key ? keyName(key) : ""));
  });
  const none = shown.length ? [] : [make("p", "alw-message", "No class name matches.")];
  row.replaceChildren(...answers.buttons, ...none);
  // One of those that are found is answered by the Enter key of the box: the first, until the arrows choose another.
  if (searching) answers.buttons[marked]?.setAttribute("data-first", "");
}

/** @param {Answers} answers @param {number} value @param {string} key */
function makeAnswer(answers, value, key) {
  const button = makeButton(key, answers.state.classes[value], () => {
    emptyFind(answers);
    answers.on.press(value);
  });
  button.prepend(makeSwatch(value));
  button.append(make("span", "alw-count"));
  return button;
}

/** @param {Answers} answers @param {number} n_found */
function drawPager(answers, n_found) {
  const { page, foundPage, shown, state: { classes, keys }, parts: { find, turning, place, back, forth } } = answers;
  const many = classes.length > PAGE;
  find.hidden = turning.hidden = !many;
  if (!many) return;
  const searching = isSearching(answers);
  find.placeholder = `${keyName(keys.actions.find)}  find one of ${classes.length} classes`;
  place.textContent = searching
    ? placeOf(foundPage * PAGE, shown.length, n_found)
    : `${page + 1} of ${pages(classes.length)}`;
  back.disabled = forth.disabled = searching && n_found <= PAGE;
}

/** @param {Answers} answers */
function drawAround({ state: { kind, can, chosen }, parts: { adding, submit } }) {
  adding.hidden = kind === "yes_no" || kind === "pair";
  submit.hidden = kind !== "multi";
  submit.disabled = !can;
  /** @type {HTMLElement} */ (submit.lastChild).textContent = chosen?.size ? "answer" : "answer: none of these";
}

/** @param {HTMLButtonElement} button @param {number} value @param {Shown} now */
function drawButton(button, value, now) {
  const counts = now.counts ?? [];
  const count = /** @type {HTMLElement} */ (button.lastChild);
  const text = now.counts ? String(counts[value] ?? 0) : "";
  button.disabled = !now.can;
  count.hidden = !now.counts;
  if (count.textContent !== text) count.textContent = text;
  button.style.setProperty("--alw-share", String((counts[value] ?? 0) / Math.max(1, ...counts)));
  if (now.chosen) button.setAttribute("aria-pressed", String(now.chosen.has(value)));
  else button.removeAttribute("aria-pressed");
  const suggested = Array.isArray(now.suggested) ? now.suggested.includes(value) : now.suggested === value;
  button.classList.toggle("alw-suggested", suggested);
}

/** @param {number} from @param {number} n_shown @param {number} n_found */
function placeOf(from, n_shown, n_found) {
  return n_found > PAGE ? `${from + 1} to ${from + n_shown} of ${n_found} found` : `${n_found} found`;
}
