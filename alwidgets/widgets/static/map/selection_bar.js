// @ts-check
/** The bar of a map's selection: how many are selected, and what can be done with all of them. */

import { makeAnswers } from "../common/answers.js";
import { make, makeButton } from "../common/dom.js";
import { countUnlabeled } from "./map_state.js";

/** More than so many are labeled only after a second look at the number. */
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

/** @param {Around} around */
export function makeSelectionBar({ map, classes, drawAnswers, say, redraw }) {
  const element = make("div", "alw-map-bar");
  element.tabIndex = -1;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Selection");
  const focus = () => element.focus({ preventScroll: true });
  /** What the page waits to hear before many are labeled. @type {{value: number, rows: ArrayLike<number>}|null} */
  let asked = null;

  const head = make("div", "alw-map-line");
  const count = make("strong", "");
  const again = /** @type {HTMLInputElement} */ (make("input", ""));
  again.type = "checkbox";
  again.addEventListener("change", redraw);
  const againLine = make("label", "alw-map-check");
  againLine.append(again, "also relabel");
  const answers = makeAnswers({
    press(value) {
      label(value);
      if (!asked) focus();
    },
    leave: focus,
  });
  const confirm = make("span", "alw-map-confirm");
  confirm.setAttribute("role", "alert");
  const sure = makeButton("", "", () => {
    if (asked) give(asked.value, asked.rows);
    settle();
  });
  const cancel = makeButton("", "cancel", settle);
  const others = make("span", "alw-map-others");
  others.append(
    makeButton("", "ask these next", () => map.change({ kind: "ask", rows: Array.from(map.state.selected) })),
    makeButton("", "inspect", () => map.inspect(map.state.selected.slice(0, 48))),
    makeButton("", "clear", () => choose([])),
  );
  head.append(count, againLine, confirm, others);
  element.append(head, answers.element);

  /** @param {number} value @param {ArrayLike<number>} rows */
  function give(value, rows) {
    map.change({ kind: "label", value, relabel: again.checked, rows: Array.from(rows) });
  }

  const nChanging = () => (again.checked ? map.state.selected.length : countUnlabeled(map.state));

  /** @param {number} value */
  function label(value) {
    const { selected } = map.state;
    const n = nChanging();
    if (!n) return say(selected.length ? "all that are selected have a label" : "nothing is selected");
    if (n <= MANY) return give(value, selected);
    asked = { value, rows: selected };
    sure.textContent = `label ${n.toLocaleString("en")} as ${classes()[value]}`;
    redraw();
    sure.focus();
  }

  function settle() {
    asked = null;
    redraw();
  }

  /** Select rows; a question about those before is over. @param {Iterable<number>} rows */
  function choose(rows) {
    asked = null;
    map.choose(rows);
  }

  function draw() {
    const n = map.state.selected.length;
    // It keeps its place: what is above and below does not move when the first point is selected.
    element.toggleAttribute("data-empty", !n);
    element.toggleAttribute("data-asked", Boolean(asked));
    const open = countUnlabeled(map.state);
    const without = open < n ? `, ${open.toLocaleString("en")} without a label` : "";
    count.textContent = n
      ? `${n.toLocaleString("en")} selected${without}`
      : "Nothing is selected: lasso points, or press Space on one.";
    againLine.hidden = open === n;
    drawAnswers(answers, nChanging() > 0, null);
    if (asked && !confirm.childElementCount) confirm.append(sure, cancel);
    if (!asked) confirm.replaceChildren();
  }

  return {
    element, answers, label, choose, settle, focus, draw,
    isAsked: () => asked !== null,
    words: () => count.textContent,
  };
}
