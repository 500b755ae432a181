// @ts-check
/** What keys do in a review: in the table, beside the sample, and in the second look. */

import { actionOf } from "../common/keys.js";
import { guard } from "../common/guard.js";
import { scrollWithin } from "../common/visibility.js";
import { nPages } from "./review_list.js";
import { itemAfter } from "./review_state.js";

/** What a key says of the sample that is seen. */
const TELLING = ["answer", "submit", "skip", "unsure", "flag"];
const MOVES = ["ArrowDown", "ArrowUp", "Home", "End"];

/**
 * @typedef {object} Parts
 * @property {HTMLElement} root
 * @property {import("./review_state.js").ReviewState} state
 * @property {() => any} status
 * @property {() => boolean} isBlind
 * @property {ReturnType<typeof import("./review_detail.js").makeDetail>} detail
 * @property {ReturnType<typeof import("./review_second.js").makeSecondLook>} second
 * @property {ReturnType<typeof import("./review_filters.js").makeReviewFilters>} filters
 * @property {ReturnType<typeof import("./review_again.js").makeAgainLine>} again
 * @property {ReturnType<typeof import("../common/visibility.js").makeVisibility>} visibility
 * @property {(done: {action: string, value?: number, text?: string}) => void} act
 * @property {(item: number) => void} choose
 * @property {(page: number) => void} turn
 * @property {() => void} look
 * @property {(item: number|null) => void} focusRow
 * @property {(on: boolean) => void} lookAgain
 * @property {() => void} forgetDraft
 */

/** @param {Parts} parts @returns {() => void} ends it */
export function followKeys(parts) {
  const { root, state, status, isBlind, detail, second, filters, again, visibility, act, choose, turn, focusRow, lookAgain } = parts;

  /** @param {string} key @returns {boolean} whether it is one that moves in the table */
  function move(key) {
    if (key === "PageDown" || key === "PageUp") {
      const to = state.page + (key === "PageDown" ? 1 : -1);
      if (to >= 0 && to < nPages(state.order)) turn(to);
      return true;
    }
    if (!MOVES.includes(key)) return false;
    const item = itemAfter(state, key);
    if (item !== undefined) choose(item);
    return true;
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (event.key === "Escape") return leave(event, target);
    if (answers().onKey(event)) return;
    if (target instanceof HTMLInputElement) {
      if (event.key === "Enter") enter(event, target);
      return;
    }
    const onButton = target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter");
    if (target instanceof HTMLSelectElement || onButton) return;
    if (press(event, target)) event.preventDefault();
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} target @returns {boolean} whether the key was ours */
  function press(event, target) {
    const action = actionNow(event);
    // Beside the sample a class is looked for, elsewhere an answer.
    const beside = isBlind() || detail.element.contains(target);
    if (beside && action?.action === "find" && answers().search()) return true;
    if (beside && turnsClasses(event.key)) return true;
    if (isBlind()) return second.press(action, event);
    if (target instanceof HTMLTableRowElement && pressRow(event.key)) return true;
    if (!action) return beside && scrollWithin(detail.card, event);
    if (event.repeat && action.action !== "undo") return true;
    if (TELLING.includes(action.action) && (beside ? detail.visibility : visibility).hold()) return true;
    act(action);
    return true;
  }

  /** @param {string} key */
  function pressRow(key) {
    if (move(key)) return true;
    // On a row Enter opens it, unless there is something to save.
    if (key !== "Enter" || state.draft?.item === state.current) return false;
    detail.element.focus({ preventScroll: true });
    return true;
  }

  /** The buttons that answer now. */
  function answers() {
    return isBlind() ? second.answers : detail.answers;
  }

  /** Turn the pages of many classes. @param {string} key @returns {boolean} whether it is one that does */
  function turnsClasses(key) {
    return (key === "PageDown" || key === "PageUp") && answers().turn(key === "PageDown" ? 1 : -1);
  }

  /** @param {KeyboardEvent} event @returns {import("../common/keys.js").Action|null} */
  function actionNow(event) {
    const { keys, many } = status();
    if (event.key === "Enter") return many ? { action: "submit" } : null;
    return actionOf(event, keys, answers().keys());
  }

  /** @param {KeyboardEvent} event @param {HTMLInputElement} target */
  function enter(event, target) {
    event.preventDefault();
    if (target === filters.search) {
      parts.look();
      focusRow(state.current);
    } else if (target === again.share) again.press();
    else detail.saveNote();
  }

  /** Escape goes back to the row, and from there out of the widget. @param {KeyboardEvent} event @param {HTMLElement} target */
  function leave(event, target) {
    if (answers().close()) {
      event.stopPropagation();
      event.preventDefault();
      (isBlind() ? second : detail).element.focus({ preventScroll: true });
      return;
    }
    parts.forgetDraft();
    if (isBlind()) {
      event.stopPropagation();
      lookAgain(false);
    } else if (detail.element.contains(target) || target === filters.search) {
      event.stopPropagation();
      event.preventDefault();
      focusRow(state.current);
    } else target.blur();
  }

  return guard(root, onKey);
}
