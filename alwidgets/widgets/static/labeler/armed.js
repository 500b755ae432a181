// @ts-check
/** Whether the keys go to a card, how they get there, and that from the workbench around it none reaches the notebook. */

import { holdsFocus, make, showText } from "../common/dom.js";
import { guard } from "../common/guard.js";
import { makeStops } from "./stops.js";

/** What takes keys or a choice of its own, and keeps the focus. */
const FIELDS = "input, select, textarea, label, summary, option, iframe, [contenteditable]";
/** What is pressed where it is: nothing moves from under a second click. */
const PRESSED = "button, a, audio, video";

/**
 * @typedef {object} Armed
 * @property {HTMLElement} root
 * @property {HTMLElement} hint
 * @property {HTMLElement} words
 * @property {boolean} left whether the person went out of the card by key: then Enter is the notebook's
 * @property {boolean} pressed
 * @property {boolean} comes whether the keys come with what is pressed now, and all that they answer is to be seen then
 * @property {ReturnType<typeof setTimeout>|undefined} again
 * @property {boolean} can whether something could be answered
 * @property {string} quick what is said while the keys are here
 */

/** @param {HTMLElement} root the card, which can have the focus */
export function makeArmed(root) {
  const hint = make("div", "alw-hint");
  const words = make("span", "");
  hint.append(words);
  /** @type {Armed} */ const armed = { root, hint, words, left: false, pressed: false, comes: false, again: undefined, can: false, quick: "" };
  const unlisten = listenForFocus(armed);
  const stops = makeStops(() => aroundCard(root));
  // What a part of the workbench does with a key is its own business, but for the way through its buttons.
  const unguard = guard(() => aroundCard(root), (event) => void (isIn(root, event) || stops.move(event)));
  return {
    hint, stops,
    focus: () => focusCard(root),
    /** Leave the card. */
    leave() {
      armed.left = true;
      clearTimeout(armed.again);
    },
    /** @param {boolean} now whether something could be answered @param {string} quick what is said while the keys are here */
    draw(now, quick) {
      Object.assign(armed, { can: now, quick });
      drawHint(armed);
    },
    close() {
      unlisten();
      unguard();
      stops.close();
    },
  };
}

/** @param {HTMLElement} root @param {Event} event */
function isIn(root, event) {
  return root.contains(/** @type {Node} */ (event.composedPath()[0]));
}

/** @param {HTMLElement} root */
function focusCard(root) {
  root.focus({ preventScroll: true });
}

/**
 * Bring the workbench on screen, and where all of it is too high, at least the card with its answers. Only when the keys
 * come: whoever labels, and has scrolled, has meant it.
 * @param {HTMLElement} root
 */
function bringIntoView(root) {
  for (const each of [aroundCard(root), root]) each.scrollIntoView({ block: "nearest" });
}

/** The workbench that the card is in, or the card. @param {HTMLElement} root */
export function aroundCard(root) {
  return /** @type {HTMLElement} */ (root.closest(".alw-workbench") ?? root);
}

/** @param {Armed} armed @returns {() => void} ends it */
function listenForFocus(armed) {
  const onFocus = () => {
    if (holdsFocus(armed.root)) armed.left = false;
    drawHint(armed);
  };
  /** @type {[string, (event: any) => void][]} */
  const listeners = [
    ["keydown", (event) => onEnterKey(armed, event)],
    ["mousedown", (event) => onPress(armed, event)],
    ["mouseup", () => onRelease(armed)],
    ["focusin", onFocus],
    ["focusout", onFocus],
  ];
  for (const [name, listener] of listeners) window.addEventListener(name, listener, true);
  return () => {
    for (const [name, listener] of listeners) window.removeEventListener(name, listener, true);
  };
}

/** Enter in the cell of the card, where a notebook would go to its code. @param {Armed} armed */
function isByEnter({ root, left }) {
  const active = document.activeElement;
  return !left && active !== null && active !== root && active.contains(root) && root.getClientRects().length > 0;
}

/** @param {Armed} armed @param {KeyboardEvent} event */
function onEnterKey(armed, event) {
  const plain = event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
  if (!plain || event.repeat || event.composedPath()[0] !== document.activeElement || !isByEnter(armed)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  focusCard(armed.root);
  bringIntoView(armed.root);
}

/** A click on nothing that takes keys gives them to the card, also on a button: it is pressed by then. @param {Armed} armed @param {MouseEvent} event */
function onPress(armed, event) {
  const { root } = armed;
  const target = /** @type {Element} */ (event.composedPath()[0]);
  armed.pressed = event.button === 0 && aroundCard(root).contains(target) && !target.closest(FIELDS);
  armed.comes = armed.pressed && root.contains(target) && !holdsFocus(root) && !target.closest(PRESSED);
}

/** @param {Armed} armed */
function onRelease(armed) {
  const { root } = armed;
  if (!armed.pressed) return;
  armed.pressed = false;
  // At once, for a key that follows at once; and again, should the notebook have taken it back in turn.
  if (!holdsFocus(root)) focusCard(root);
  armed.again = setTimeout(() => {
    if (!holdsFocus(root)) focusCard(root);
    if (armed.comes) bringIntoView(root);
  });
}

/** @param {Armed} armed */
function drawHint(armed) {
  const { root, words, can, quick } = armed;
  const isArmed = holdsFocus(root);
  root.toggleAttribute("data-armed", isArmed);
  const how = isByEnter(armed) ? "click or press Enter to label" : "click to label";
  showText(words, isArmed ? quick : can ? how : "");
}
