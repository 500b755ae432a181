// @ts-check
/** What keys do on the card. */

import { focusBeside } from "../common/dom.js";
import { actionOf, beyondPage } from "../common/keys.js";
import { isWide, scrollWithin } from "../common/visibility.js";

/** What is said of the sample that is seen. */
const TELLING = ["answer", "submit", "skip", "unsure", "flag"];
/** Shows the sample alone. */
export const ALONE_KEY = "v";
const SLIDER_KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];

/**
 * @typedef {object} Parts
 * @property {HTMLElement} root
 * @property {HTMLElement} box shows the sample
 * @property {ReturnType<typeof import("./armed.js").makeArmed>} armed
 * @property {ReturnType<typeof import("../common/answers.js").makeAnswers>} answers
 * @property {ReturnType<typeof import("./card_grid.js").makeCardGrid>} grid
 * @property {ReturnType<typeof import("./help.js").makeHelp>} help
 * @property {ReturnType<typeof import("./card_note.js").makeCardNote>} note
 * @property {ReturnType<typeof import("../common/visibility.js").makeVisibility>} visibility
 * @property {boolean} isMulti whether an answer is several classes
 * @property {() => boolean} isReading whether the instructions are before the sample
 * @property {() => import("../common/keys.js").Keys} keys
 * @property {(pressed: import("../common/keys.js").Action) => void} perform
 * @property {() => void} toggleHelp
 * @property {(step: 1|-1) => boolean} walk back through the answers, or forth; whether there was somewhere to go
 * @property {() => void} toggleAlone
 */

/**
 * Jupyter listens for its shortcuts on the document, in Notebook 7 while the event still travels down: only the window
 * comes before. Keys outside this card, and chords, are nobody's business here.
 * @param {Parts} parts
 * @returns {() => void} ends it
 */
export function followCardKeys({
  root, box, armed, answers, grid, help, note, visibility, isMulti, isReading, keys, perform, toggleHelp, walk, toggleAlone,
}) {
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    // In a host that shows each output in a shadow root, the event's own target is that root's host.
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (!root.contains(target) || event.isComposing || event.key === "Tab") return;
    const chord = event.ctrlKey || event.metaKey || event.altKey;
    if (chord && event.key !== "Enter") return;
    event.stopPropagation();
    if (help.onKey(event) || grid.onKey(event)) return;
    if (event.key === "Escape") return leave();
    if (answers.onKey(event)) return;
    if (target === note.element) {
      if (event.key === "Enter") note.save();
      return;
    }
    if (!chord && !isOf(target, event.key)) press(event);
  }

  /** @param {KeyboardEvent} event */
  function press(event) {
    const turning = event.key === "PageDown" || event.key === "PageUp";
    if (turning && answers.turn(event.key === "PageDown" ? 1 : -1)) {
      event.preventDefault();
      return;
    }
    const action = event.key === "Enter" ? onEnter() : actionOf(event, keys(), answers.keys());
    if (!action && armed.stops.move(event)) return;
    if (!action && !event.repeat && unclaimed({ box, answers, visibility, perform, walk, toggleAlone }, event)) return event.preventDefault();
    // Instructions may be longer than the window.
    if (action || (!isReading() && scrollWithin(box, event))) event.preventDefault();
    // A key held down answers once; undo may be held to go back.
    if (!action || (event.repeat && action.action !== "undo")) return;
    // Whoever reads a long text goes on with the space bar, and does not mean to skip it.
    if (event.key === " " && action.action === "skip" && box.hasAttribute("data-rest") && !box.hidden) {
      scrollWithin(box, event);
      return;
    }
    if (TELLING.includes(action.action) && !box.hidden && visibility.hold()) return;
    perform(action);
  }

  function onEnter() {
    if (isReading()) return { action: "instructions" };
    return isMulti ? { action: "submit" } : null;
  }

  /** Out of what is open, one at a time, and at last out of the card. */
  function leave() {
    if (answers.close() || !note.element.hidden) armed.focus();
    else if (!help.element.hidden) toggleHelp();
    else {
      armed.leave();
      focusBeside(root)?.blur();
    }
  }

  window.addEventListener("keydown", onKey, true);
  return () => window.removeEventListener("keydown", onKey, true);
}

/**
 * Keys that do something as long as no class and no action has them.
 * @param {Pick<Parts, "box"|"answers"|"visibility"|"perform"|"walk"|"toggleAlone">} parts
 * @param {KeyboardEvent} event
 * @returns {boolean} whether it was one
 */
function unclaimed({ box, answers, visibility, perform, walk, toggleAlone }, event) {
  const beyond = beyondPage(event, answers.keys());
  if (beyond !== null && answers.has(beyond) && !box.hidden && !visibility.hold()) perform({ action: "answer", value: beyond });
  else if (event.key.toLowerCase() === ALONE_KEY) toggleAlone();
  else if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return false;
  else return !isWide(box, event) && walk(event.key === "ArrowLeft" ? 1 : -1);
  return true;
}

/** Whether a key is an element's own. @param {HTMLElement} target @param {string} key */
function isOf(target, key) {
  // A slider needs a few keys, a field all of them.
  if (target instanceof HTMLInputElement) return target.type !== "range" || SLIDER_KEYS.includes(key);
  if (target instanceof HTMLSelectElement) return true;
  // A button that has the focus is pressed by Enter or the space bar, as everywhere.
  return target instanceof HTMLButtonElement && (key === " " || key === "Enter");
}
