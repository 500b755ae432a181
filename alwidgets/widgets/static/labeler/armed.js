// @ts-check
/** Whether the keys go to a card, how they get there, and that from the workbench around it none reaches the notebook. */

import { holdsFocus, make } from "../common/dom.js";
import { guard } from "../common/guard.js";

/** What takes keys or a choice of its own, and keeps the focus. */
const FIELDS = "input, select, textarea, label, summary, option, iframe, [contenteditable]";

/**
 * @param {HTMLElement} root the card, which can have the focus
 */
export function makeArmed(root) {
  const hint = make("div", "alw-hint");
  const words = make("span", "");
  hint.append(words);
  /** Whether the person went out of the card by key: then Enter is the notebook's. */
  let left = false;
  let pressed = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let again;
  /** Whether something could be answered. */
  let can = false;
  const around = () => /** @type {HTMLElement} */ (root.closest(".alw-workbench") ?? root);
  const inWorkbench = (/** @type {Event} */ event) => around().contains(/** @type {Node} */ (event.composedPath()[0]));
  const focus = () => root.focus({ preventScroll: true });

  /** Enter in the cell of the card, where a notebook would go to its code. */
  const byEnter = () => {
    const active = document.activeElement;
    return !left && active !== null && active !== root && active.contains(root) && root.getClientRects().length > 0;
  };

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const plain = event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    if (!plain || event.repeat || event.composedPath()[0] !== document.activeElement || !byEnter()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    focus();
  }

  /** A click on nothing that takes keys gives them to the card, also on a button: it is pressed by then. @param {MouseEvent} event */
  function onPress(event) {
    const target = /** @type {Element} */ (event.composedPath()[0]);
    pressed = event.button === 0 && inWorkbench(event) && !target.closest(FIELDS);
  }

  function onRelease() {
    if (!pressed) return;
    pressed = false;
    // At once, for a key that follows at once; and again, should the notebook have taken it back in its own turn.
    if (!holdsFocus(root)) focus();
    again = setTimeout(() => holdsFocus(root) || focus());
  }

  function onFocus() {
    if (holdsFocus(root)) left = false;
    draw();
  }

  function draw() {
    const armed = holdsFocus(root);
    root.toggleAttribute("data-armed", armed);
    hint.hidden = armed || !can;
    const text = byEnter() ? "click or press Enter to label" : "click to label";
    if (words.textContent !== text) words.textContent = text;
  }

  /** @type {[string, (event: any) => void][]} */
  const listeners = [
    ["keydown", onKey], ["mousedown", onPress], ["mouseup", onRelease], ["focusin", onFocus], ["focusout", onFocus],
  ];
  for (const [name, listener] of listeners) window.addEventListener(name, listener, true);
  // What a part of the workbench does with a key is its own business.
  const unguard = guard(around, () => {});
  return {
    hint,
    focus,
    /** Leave the card. */
    leave() {
      left = true;
      clearTimeout(again);
    },
    /** @param {boolean} now whether something could be answered */
    draw(now) {
      can = now;
      draw();
    },
    close() {
      for (const [name, listener] of listeners) window.removeEventListener(name, listener, true);
      unguard();
    },
  };
}
