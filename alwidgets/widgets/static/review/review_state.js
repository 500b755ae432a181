// @ts-check
/** What a page knows of the answers: plain functions on a plain value, without a page. */

import { itemsOf, nPages } from "./review_list.js";

export function makeReviewState() {
  return {
    /** The items, in the order that is shown. @type {ArrayLike<number>} */ order: [],
    /** The order as it would be now, while another is shown. @type {ArrayLike<number>|null} */ newer: null,
    /** What the kernel last told of an item's answer. @type {Map<number, import("../common/sent.d.ts").AnswerRow>} */ rows: new Map(),
    page: 0,
    /** The item that is chosen. @type {number|null} */ current: null,
    /** In a multilabel task, the classes chosen for a sample and not saved. @type {{item: number, values: number[]}|null} */
    draft: null,
  };
}

/** @typedef {ReturnType<typeof makeReviewState>} ReviewState */

/** @param {ReviewState} state */
export function itemsOnPage(state) {
  return itemsOf(state.order, state.page);
}

/** Show another order; what is chosen stays so while it is on the page. @param {ReviewState} state @param {ArrayLike<number>} order @param {number} page */
export function takeOrder(state, order, page) {
  state.order = order;
  state.newer = null;
  state.page = Math.min(page, nPages(order) - 1);
  const items = itemsOnPage(state);
  if (state.current === null || !items.includes(state.current)) state.current = items[0] ?? null;
}

/** @param {ReviewState} state @param {number} page */
export function turnTo(state, page) {
  state.page = Math.min(Math.max(page, 0), nPages(state.order) - 1);
  state.current = itemsOnPage(state)[0] ?? null;
}

/** Take the rows of a page; those whose answer was undone are no longer among them. @param {ReviewState} state @param {import("../common/sent.d.ts").AnswerRow[]} rows @param {boolean} whole whether they are all of the page */
export function takeRows(state, rows, whole) {
  for (const row of rows) state.rows.set(row.item, row);
  if (!whole) return;
  const known = new Set(rows.map((row) => row.item));
  for (const item of itemsOnPage(state)) if (!known.has(item)) state.rows.delete(item);
}

/** Where a key leads on the page, undefined where it leads nowhere. @param {ReviewState} state @param {string} key */
export function itemAfter(state, key) {
  const items = itemsOnPage(state);
  const place = state.current === null ? -1 : items.indexOf(state.current);
  const steps = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: items.length - 1 };
  return items[Math.min(Math.max(steps[/** @type {keyof typeof steps} */ (key)], 0), items.length - 1)];
}

/** What Enter saves. @param {ReviewState} state @param {import("../common/sent.d.ts").AnswerRow} row @returns {number[]} */
export function chosenFor(state, row) {
  if (state.draft && state.draft.item === row.item) return state.draft.values;
  return Array.isArray(row.label) ? row.label : [];
}
