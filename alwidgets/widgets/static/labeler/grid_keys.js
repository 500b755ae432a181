// @ts-check
/** What keys do in a grid. */

import { gridActionOf } from "./grid_state.js";

/**
 * @typedef {object} Grid
 * @property {HTMLElement} element
 * @property {import("./grid_state.js").GridState} state
 * @property {import("../common/keys.js").Keys} keys
 * @property {import("../common/debounce.js").Debounce} debounce
 * @property {ReturnType<typeof import("../common/answers.js").makeAnswers>} answers
 * @property {(action: string, number?: number, key?: string) => void} press
 * @property {() => void} focus
 */

/** @param {Grid} grid @returns {(event: KeyboardEvent) => boolean} whether the key was the grid's: then it is stopped and prevented */
export function makeGridKeys({ element, state, keys, debounce, answers, press, focus }) {
  /** What turns the pages of many classes, and finds one. @param {KeyboardEvent} event */
  function inAnswers(event) {
    if (event.key === "Escape") {
      if (!answers.close()) return false;
      focus();
    } else if (!answers.onKey(event)) {
      const turning = event.key === "PageDown" || event.key === "PageUp";
      if (!turning || !answers.turn(event.key === "PageDown" ? 1 : -1)) return false;
      event.preventDefault();
    }
    return true;
  }

  return (event) => {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0] ?? event.target);
    const chord = event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");
    if (!chord && !event.isComposing && element.contains(target) && inAnswers(event)) {
      event.stopPropagation();
      return true;
    }
    if (chord || event.isComposing || target.matches("input, textarea, select")) return false;
    const pressing = target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter");
    if (pressing && !element.contains(target)) return false;
    const found = gridActionOf(event, keys, answers.keys());
    if (!found || (found.action === "find" && !answers.search())) return false;
    // What is done again too soon would undo what was just done; a key held down does nothing twice but move.
    const again = debounce.again(event.key) && (found.action === "mark" || found.action === "clear");
    const idle = again || (event.repeat && found.action !== "move");
    // Backspace with nothing to clear is the labeler's: it undoes an answer.
    if (found.action === "clear" && state.at === null && state.choice === null && !idle) return false;
    event.stopPropagation();
    // A button that has the focus is pressed by Enter or the space bar, as everywhere.
    if (pressing) return true;
    event.preventDefault();
    if (!idle && found.action !== "find") press(found.action, found.value, event.key);
    return true;
  };
}
