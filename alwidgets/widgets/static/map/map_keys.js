// @ts-check
/** What keys do on a map, in the bar of its selection, and beside the sample that is shown. */

import { actionOf, letterOf, pages } from "../common/keys.js";

/** What is said once the selection was cleared. */
export const ESCAPED = "nothing is selected; Escape again leaves the map";

/**
 * @typedef {object} Parts
 * @property {import("./map_messages.js").MapMessages} map
 * @property {ReturnType<typeof import("./map_plot.js").makeMapPlot>} plot
 * @property {ReturnType<typeof import("./map_cursor.js").makeCursor>} cursor
 * @property {import("./selection_bar.js").SelectionBar} bar
 * @property {import("./shown_samples.js").ShownSamples} shown
 * @property {() => string[]} classes
 * @property {() => import("../common/keys.js").Keys} keys those that classes have here
 * @property {(text: string) => void} say
 */

/** @param {Parts} parts @returns {(event: KeyboardEvent) => void} */
export function makeMapKeys(parts) {
  const { plot, cursor, bar, shown } = parts;
  return (event) => {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (event.key === "Escape") return leaveMap(parts, event, target);
    if (shown.answers.onKey(event) || bar.answers.onKey(event)) return;
    if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
    if (target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) {
      shown.comeFrom(shown.one);
      return;
    }
    if (target === plot.element && cursor.onKey(event)) return;
    if (answerOnMap(parts, event, target)) return event.preventDefault();
    if (target === plot.element) return;
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!way) return;
    event.preventDefault();
    shown.step(way);
  };
}

/** One step out: of a box, of the question, of the map's parts, of its selection, of the map. @param {Parts} parts @param {KeyboardEvent} event @param {HTMLElement} target */
function leaveMap({ map, plot, bar, shown, say }, event, target) {
  const part = [bar, shown].find(({ element }) => element.contains(target));
  if (!part && !bar.isAsked() && (target !== plot.element || !map.state.selected.length)) return target.blur();
  event.stopPropagation();
  event.preventDefault();
  if (bar.isAsked()) return bar.settle();
  if (part === bar && bar.answers.close()) return bar.focus();
  if (part === shown && shown.answers.close()) return shown.goBack();
  if (part) return plot.focus();
  bar.choose([]);
  say(ESCAPED);
}

/** @param {Parts} parts */
function goToBar({ map, bar, say }) {
  if (!map.state.selected.length) return say("nothing is selected");
  bar.focus();
  say(`${bar.words()}; the keys of classes label them, Escape goes back to the map`);
}

/** What keys of classes do: in the bar to the selection, elsewhere to the sample that is shown. @param {Parts} parts @param {KeyboardEvent} event @param {HTMLElement} target @returns {boolean} whether the key was one */
function answerOnMap(parts, event, target) {
  const { plot, bar, shown } = parts;
  const inBar = bar.element.contains(target);
  if (!inBar && target !== plot.element && !shown.element.contains(target)) return false;
  if (!inBar && letterOf(event).toLowerCase() === "b") {
    goToBar(parts);
    return true;
  }
  const { answers } = inBar ? bar : shown;
  const turn = { PageUp: -1, PageDown: 1 }[event.key];
  const action = actionOf(event, parts.keys(), answers.keys());
  if (!action && (!turn || pages(parts.classes().length) === 1)) return false;
  if (inBar ? bar.isAsked() : shown.one.hidden) {
    if (!bar.isAsked()) sayNoneShown(parts);
    return true;
  }
  shown.comeFrom(target === plot.element ? plot.element : shown.one);
  if (turn) answers.turn(turn);
  else if (action?.action === "find") answers.search();
  else if (!event.repeat) labelOnMap(parts, inBar, /** @type {number} */ (action?.value), target);
  return true;
}

/** @param {Parts} parts */
function sayNoneShown({ map, say }) {
  const what = map.shownRows().length ? "several samples are" : "no sample is";
  say(`${what} shown; Enter on a point shows it, B goes to the selection`);
}

/** @param {Parts} parts @param {boolean} inBar @param {number} value @param {HTMLElement} target */
function labelOnMap({ map, plot, cursor, bar, shown, say }, inBar, value, target) {
  if (inBar) return bar.label(value);
  const isOnShown = cursor.row() === (map.state.coming ?? map.shownRow());
  if (target !== plot.element || isOnShown) return shown.label(value);
  say(`the cursor is on row ${cursor.row()}, which is not shown; Enter shows it`);
}
