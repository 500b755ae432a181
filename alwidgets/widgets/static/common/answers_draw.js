// @ts-check
/** The answers under a sample, drawn: a button a class, of many those on a page or those that are found. */

import { make, makeButton, makeSwatch } from "./dom.js";
import { found, keyName, onPage, PAGE, pages } from "./keys.js";

/**
 * @typedef {{classes: string[], keys: import("./keys.js").Keys, kind: string, counts: number[]|null, can: boolean,
 *            chosen: Set<number>|null, suggested: any}} Shown how many of all labels are of each class, null when that is
 *            not shown; the classes that are chosen, null where none can be
 *
 * @typedef {object} Answers
 * @property {import("./answers_page.js").AnswersPage} parts
 * @property {{press: (value: number) => void, submit?: () => void, add?: (name: string) => void, leave: () => void, hold?: () => boolean}} on
 * @property {number} page the one of all classes that is turned up
 * @property {number} foundPage the one of those that are found
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
  const matches = searching ? found(now.classes, answers.parts.find.value) : [];
  const from = answers.foundPage * PAGE;
  answers.shown = searching
    ? matches.slice(from, from + PAGE).map((value) => ({ value, key: "" }))
    : onPage(now.classes.length, now.keys, answers.page);
  drawRow(answers);
  drawPager(answers, matches.length);
  drawAround(answers);
  answers.buttons.forEach((button, i) => drawButton(button, answers.shown[i].value, now));
}

/** Make the buttons anew where they are others. @param {Answers} answers */
function drawRow(answers) {
  const { shown, state: { classes, kind }, parts: { row } } = answers;
  const searching = isSearching(answers);
  const wanted = JSON.stringify([shown, shown.map(({ value }) => classes[value]), kind, searching]);
  if (wanted === answers.drawn) return;
  answers.drawn = wanted;
  const longest = Math.min(40, Math.max(...classes.map((name) => name.length)));
  row.style.setProperty("--alw-answer", `${longest + 10}ch`);
  row.dataset.kind = kind;
  answers.buttons = shown.map(({ value, key }, i) => {
    const first = searching && i === 0 ? "Enter" : "";
    return makeAnswer(answers, value, key ? keyName(key) : first);
  });
  const none = shown.length ? [] : [make("p", "alw-message", "No class name matches.")];
  row.replaceChildren(...answers.buttons, ...none);
  // The first that is found is answered by the Enter key of the box.
  if (searching) answers.buttons[0]?.setAttribute("data-first", "");
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
  const suggested = Array.isArray(now.suggested) ? now.suggested.includes(value) : now.suggested === value;
  button.classList.toggle("alw-suggested", suggested);
}

/** @param {number} from @param {number} n_shown @param {number} n_found */
function placeOf(from, n_shown, n_found) {
  return n_found > PAGE ? `${from + 1} to ${from + n_shown} of ${n_found} found` : `${n_found} found`;
}
