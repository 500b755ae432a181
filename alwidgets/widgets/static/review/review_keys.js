// @ts-check
/** What keys do in a review: in the table, beside the sample, and among the repeats. */

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
 * @property {() => import("../common/sent.d.ts").ReviewStatus} status
 * @property {() => boolean} isBlind
 * @property {ReturnType<typeof import("./review_detail.js").makeDetail>} detail
 * @property {ReturnType<typeof import("./review_repeats.js").makeRepeats>} second
 * @property {ReturnType<typeof import("../common/disputes.js").makeDisputes>} disputes
 * @property {ReturnType<typeof import("./review_filters.js").makeReviewFilters>} filters
 * @property {ReturnType<typeof import("./review_again.js").makeAgainLine>} again
 * @property {ReturnType<typeof import("../common/visibility.js").makeVisibility>} visibility
 * @property {(done: {action: string, value?: number, text?: string}) => void} act
 * @property {(item: number) => void} choose
 * @property {(page: number) => void} turn
 * @property {() => void} look
 * @property {(item: number|null) => void} focusRow
 * @property {(on: boolean) => void} showRepeats
 * @property {() => void} forgetDraft
 */

/** @param {Parts} parts @returns {() => void} ends it */
export function followKeys(parts) {
  return guard(parts.root, (event) => onReviewKey(parts, event));
}

/** @param {Parts} parts @param {KeyboardEvent} event */
function onReviewKey(parts, event) {
  const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
  if (event.key === "Escape") return leave(parts, event, target);
  if (parts.disputes.onKey(event)) return;
  if (answersNow(parts).onKey(event)) return;
  if (target instanceof HTMLInputElement) {
    if (event.key === "Enter") enter(parts, event, target);
    return;
  }
  const onButton = target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter");
  if (target instanceof HTMLSelectElement || onButton) return;
  if (press(parts, event, target)) event.preventDefault();
}

/** @param {Parts} parts @param {KeyboardEvent} event @param {HTMLElement} target @returns {boolean} whether the key was ours */
function press(parts, event, target) {
  const { detail, second, visibility } = parts;
  const action = actionNow(parts, event);
  // Beside the sample a class is looked for, elsewhere an answer.
  const beside = parts.isBlind() || detail.element.contains(target);
  if (beside && action?.action === "find" && answersNow(parts).search()) return true;
  if (beside && turnsClasses(parts, event.key)) return true;
  if (parts.isBlind()) return second.press(action, event);
  if (target instanceof HTMLTableRowElement && pressRow(parts, event.key)) return true;
  if (!action) return beside && scrollWithin(detail.card, event);
  if (event.repeat && action.action !== "undo") return true;
  if (TELLING.includes(action.action) && (beside ? detail.visibility : visibility).hold()) return true;
  parts.act(action);
  return true;
}

/** @param {Parts} parts @param {string} key */
function pressRow(parts, key) {
  const { state, detail } = parts;
  if (moveInTable(parts, key)) return true;
  // On a row Enter opens it, unless there is something to save.
  if (key !== "Enter" || state.draft?.item === state.current) return false;
  detail.element.focus({ preventScroll: true });
  return true;
}

/** @param {Parts} parts @param {string} key @returns {boolean} whether it is one that moves in the table */
function moveInTable({ state, turn, choose }, key) {
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

/** The buttons that answer now. @param {Parts} parts */
function answersNow({ isBlind, second, detail }) {
  return isBlind() ? second.answers : detail.answers;
}

/** Turn the pages of many classes. @param {Parts} parts @param {string} key @returns {boolean} whether it is one that does */
function turnsClasses(parts, key) {
  return (key === "PageDown" || key === "PageUp") && answersNow(parts).turn(key === "PageDown" ? 1 : -1);
}

/** @param {Parts} parts @param {KeyboardEvent} event @returns {import("../common/keys.js").Action|null} */
function actionNow(parts, event) {
  const { keys, multilabel } = parts.status();
  if (event.key === "Enter") return multilabel ? { action: "submit" } : null;
  return actionOf(event, keys, answersNow(parts).keys());
}

/** @param {Parts} parts @param {KeyboardEvent} event @param {HTMLInputElement} target */
function enter({ state, detail, filters, again, look, focusRow }, event, target) {
  event.preventDefault();
  if (target === filters.search) {
    look();
    focusRow(state.current);
  } else if (target === again.share) again.press();
  else detail.saveNote();
}

/** Escape goes back to the row, and from there out of the widget. @param {Parts} parts @param {KeyboardEvent} event @param {HTMLElement} target */
function leave(parts, event, target) {
  const { detail, second, filters } = parts;
  if (answersNow(parts).close()) {
    event.stopPropagation();
    event.preventDefault();
    (parts.isBlind() ? second : detail).element.focus({ preventScroll: true });
    return;
  }
  parts.forgetDraft();
  if (parts.isBlind()) {
    event.stopPropagation();
    parts.showRepeats(false);
  } else if (detail.element.contains(target) || target === filters.search) {
    event.stopPropagation();
    event.preventDefault();
    parts.focusRow(parts.state.current);
  } else target.blur();
}
