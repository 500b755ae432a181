// @ts-check
/** The bar of a map's selection: how many are selected, and what can be done with all of them. */

import { makeAnswers } from "../common/answers.js";
import { make, makeButton } from "../common/dom.js";
import { countUnlabeled } from "./map_state.js";

/** More than so many are labeled only after the number was confirmed. */
const MANY = 50;

/** @typedef {ReturnType<typeof makeSelectionBar>} SelectionBar */

/**
 * @typedef {object} Around what is around a part of the map
 * @property {import("./map_messages.js").MapMessages} map
 * @property {() => string[]} classes
 * @property {(answers: ReturnType<typeof makeAnswers>, can: boolean, label: number|null) => void} drawAnswers
 * @property {(text: string) => void} say
 * @property {() => void} redraw
 */

/**
 * @typedef {object} Bar
 * @property {Around} around
 * @property {ReturnType<typeof makeBarPage>} page
 * @property {{value: number, rows: ArrayLike<number>}|null} asked what the page waits to hear before many are labeled
 */

/** @param {Around} around */
export function makeSelectionBar(around) {
  const { map, redraw } = around;
  const page = makeBarPage({
    redraw,
    press: (value) => {
      labelSelected(bar, value);
      if (!bar.asked) focus();
    },
    leave: () => focus(),
    sure() {
      if (bar.asked) giveLabel(bar, bar.asked.value, bar.asked.rows);
      settleBar(bar);
    },
    cancel: () => settleBar(bar),
    ask: () => map.change({ kind: "enqueue", rows: Array.from(map.state.selected) }),
    only: () => map.change({ kind: "ask_only", rows: Array.from(map.state.selected) }),
    inspect: () => map.inspect(map.state.selected.slice(0, 48)),
    clear: () => chooseSelected(bar, []),
  });
  const focus = () => page.element.focus({ preventScroll: true });
  /** @type {Bar} */ const bar = { around, page, asked: null };
  return {
    element: page.element,
    answers: page.answers,
    focus,
    /** @param {number} value */
    label: (value) => labelSelected(bar, value),
    /** Select rows; a question about those before is over. @param {Iterable<number>} rows */
    choose: (rows) => chooseSelected(bar, rows),
    settle: () => settleBar(bar),
    draw: () => drawBar(bar),
    isAsked: () => bar.asked !== null,
    words: () => page.count.textContent,
  };
}

/**
 * @param {{redraw: () => void, press: (value: number) => void, leave: () => void, sure: () => void, cancel: () => void,
 *          ask: () => void, only: () => void, inspect: () => void, clear: () => void}} on
 */
function makeBarPage(on) {
  const element = make("div", "alw-map-bar");
  element.tabIndex = -1;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Selection");
  const head = make("div", "alw-map-line");
  const count = make("strong", "");
  const again = /** @type {HTMLInputElement} */ (make("input", ""));
  again.type = "checkbox";
  again.addEventListener("change", on.redraw);
  const againLine = make("label", "alw-map-check");
  againLine.append(again, "also relabel");
  const answers = makeAnswers({ press: on.press, leave: on.leave });
  const confirm = make("span", "alw-map-confirm");
  confirm.setAttribute("role", "alert");
  const [sure, cancel] = [makeButton("", "", on.sure), makeButton("", "cancel", on.cancel)];
  const others = make("span", "alw-map-others");
  const [ask, only] = [makeButton("", "ask these next", on.ask), makeButton("", "ask only these", on.only)];
  only.title = "The strategy chooses among these, until each has an answer or all are asked again";
  others.append(ask, only, makeButton("", "inspect", on.inspect), makeButton("", "clear", on.clear));
  head.append(count, againLine, confirm, others);
  element.append(head, answers.element);
  return { element, count, again, againLine, answers, confirm, sure, cancel, ask, only };
}

/** @param {Bar} bar @param {number} value @param {ArrayLike<number>} rows */
function giveLabel({ around: { map }, page }, value, rows) {
  map.change({ kind: "label", value, relabel: page.again.checked, rows: Array.from(rows) });
}

/** How many get a label, or another one. @param {Bar} bar */
function nChanging({ around: { map }, page }) {
  return page.again.checked ? map.state.selected.length : countUnlabeled(map.state);
}

/** @param {Bar} bar @param {number} value */
function labelSelected(bar, value) {
  const { around: { map, classes, say, redraw }, page: { sure } } = bar;
  const { selected } = map.state;
  const n = nChanging(bar);
  if (!n) return say(selected.length ? "all selected samples are labeled" : "nothing is selected");
  if (n <= MANY) return giveLabel(bar, value, selected);
  bar.asked = { value, rows: selected };
  sure.textContent = `label ${n.toLocaleString("en")} as ${classes()[value]}`;
  redraw();
  sure.focus();
}

/** @param {Bar} bar */
function settleBar(bar) {
  bar.asked = null;
  bar.around.redraw();
}

/** @param {Bar} bar @param {Iterable<number>} rows */
function chooseSelected(bar, rows) {
  bar.asked = null;
  bar.around.map.choose(rows);
}

/** @param {Bar} bar */
function drawBar(bar) {
  const { around: { map, drawAnswers: drawMapAnswers }, page, asked } = bar;
  const { element, count, againLine, answers, confirm, sure, cancel } = page;
  const n = map.state.selected.length;
  // It keeps its place: what is above and below does not move when the first point is selected.
  element.toggleAttribute("data-empty", !n);
  element.toggleAttribute("data-asked", Boolean(asked));
  const open = countUnlabeled(map.state);
  const without = open < n ? `, ${open.toLocaleString("en")} without a label` : "";
  count.textContent = n
    ? `${n.toLocaleString("en")} selected${without}`
    : "Nothing is selected: lasso points, or press Space on one.";
  againLine.hidden = open === n || !map.may("label");
  page.ask.hidden = !map.may("enqueue");
  page.only.hidden = !map.may("ask_only");
  page.only.disabled = !open;
  drawMapAnswers(answers, nChanging(bar) > 0, null);
  if (asked && !confirm.childElementCount) confirm.append(sure, cancel);
  if (!asked) confirm.replaceChildren();
}
