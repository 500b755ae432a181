// @ts-check
/** Groups of buttons, each one stop on the way of the Tab key through the workbench; arrows go through a group. */

import { focusBeside } from "../common/dom.js";

/** What each group is called. @type {Record<string, string>} */
const GROUPS = {
  ".alw-labeler > .alw-header": "Session",
  ".alw-labeler > .alw-help": "Keys",
  ".alw-labeler > .alw-answer-area > .alw-answers": "Answers",
  ".alw-labeler > .alw-answer-area .alw-turning": "Pages of classes",
  ".alw-labeler > .alw-actions": "More for this sample",
  ".alw-labeler .alw-last": "Last answers",
  ".alw-curve .modebar": "Figure",
  ".alw-curve .alw-controls": "Curve",
  ".alw-stopping > .alw-acts-on-advice": "Advice",
};
const ALL = Object.keys(GROUPS).join(", ");
const ARROWS = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 });

/** @param {() => HTMLElement} around the workbench, which has its place later */
export function makeStops(around) {
  /** Where a group was left by the arrows. @type {WeakMap<Element, HTMLElement>} */ const left = new WeakMap();
  const settle = () => {
    for (const [selector, name] of Object.entries(GROUPS)) {
      around().querySelectorAll(selector).forEach((group) => makeOneStop(group, name, left.get(group)));
    }
  };
  // Whatever was drawn meanwhile: it counts when somebody goes on.
  const onKey = (/** @type {KeyboardEvent} */ event) => event.key === "Tab" && settle();
  window.addEventListener("keydown", onKey, true);
  return {
    settle,
    /** Go to another button of the group that has the focus. @param {KeyboardEvent} event @returns {boolean} whether the key does that */
    move(event) {
      const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
      const group = around().contains(target) ? target.closest(ALL) : null;
      if (!group) return false;
      const items = itemsOf(group);
      const to = placeFrom(items.indexOf(target), items.length, event.key);
      const isChoice = target instanceof HTMLSelectElement && (event.key === "ArrowUp" || event.key === "ArrowDown");
      if (to === null || isChoice) return false;
      event.preventDefault();
      left.set(group, items[to]);
      items[to].focus();
      return true;
    },
    close: () => window.removeEventListener("keydown", onKey, true),
  };
}

/**
 * The place that a key goes to, null where it goes nowhere.
 * @param {number} at
 * @param {number} n
 * @param {string} key
 */
export function placeFrom(at, n, key) {
  if (at < 0) return null;
  if (key === "Home") return 0;
  if (key === "End") return n - 1;
  return key in ARROWS ? (at + ARROWS[key] + n) % n : null;
}

/** Those that can be gone to, in their order. @param {Element} group @returns {HTMLElement[]} */
function itemsOf(group) {
  const all = /** @type {NodeListOf<HTMLButtonElement|HTMLSelectElement>} */ (group.querySelectorAll("button, select"));
  const seen = (/** @type {HTMLElement} */ each) => each.getClientRects().length > 0 && getComputedStyle(each).visibility !== "hidden";
  return [...all].filter((each) => !each.disabled && seen(each));
}

/** @param {Element} group @param {string} name @param {HTMLElement|undefined} left */
function makeOneStop(group, name, left) {
  group.setAttribute("role", "toolbar");
  group.setAttribute("aria-label", name);
  const items = itemsOf(group);
  const wanted = [focusBeside(/** @type {HTMLElement} */ (group)), left].find((each) => each && items.includes(each)) ?? items[0];
  for (const each of items) each.tabIndex = each === wanted ? 0 : -1;
}
