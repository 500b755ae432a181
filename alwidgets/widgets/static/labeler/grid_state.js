// @ts-check
/** What each tile of a grid will be labeled: plain functions on plain values, without a page. */

import { actionOf } from "../common/keys.js";

/** How many tiles there may be: what the buttons offer, from the fewest to the most. */
export const GRID_SIZES = [6, 12, 24, 48];
const FIRST_SIZE = 12;

/**
 * State of a grid.
 * @param {number[]} items rows, the first ones are shown first
 * @param {{value?: number|null, size?: number}} [options] number of the class of all tiles that get no other, null when none is chosen
 */
export function makeGridState(items, { value = null, size = FIRST_SIZE } = {}) {
  return {
    items: [...new Set(items)],
    size,
    /** What is chosen for all before anybody chooses. */ first: value,
    choice: value,
    /** The tile that the keys act on, null for all. @type {number|null} */ at: null,
    /** Left out, and still to be asked. @type {Set<number>} */ marked: new Set(),
    /** Tiles with a class of their own. @type {Map<number, number>} */ own: new Map(),
    /** Was on screen as a whole. @type {Set<number>} */ seen: new Set(),
    /** Is longer than its tile. @type {Set<number>} */ long: new Set(),
    /** Was read to its end. @type {Set<number>} */ read: new Set(),
    /** Cannot be drawn. @type {Set<number>} */ failed: new Set(),
  };
}

/** @typedef {ReturnType<typeof makeGridState>} GridState */

/** @param {GridState} state */
export function shownItems(state) {
  return state.items.slice(0, state.size);
}

/** @param {GridState} state @param {number} item */
export function isLeftOut(state, item) {
  return state.marked.has(item) || state.failed.has(item);
}

/** The class that a tile will get, null for none. @param {GridState} state @param {number} item */
export function classOf(state, item) {
  return isLeftOut(state, item) ? null : (state.own.get(item) ?? state.choice);
}

/** Leave a tile out, or take it in again. @param {GridState} state @param {number} item */
export function markTile(state, item) {
  if (state.failed.has(item)) return;
  state.own.delete(item);
  if (!state.marked.delete(item)) state.marked.add(item);
}

/** Give a tile a class of its own. @param {GridState} state @param {number} item @param {number} value */
export function assignTile(state, item, value) {
  if (state.failed.has(item)) return;
  state.marked.delete(item);
  state.own.set(item, value);
}

/** Let a tile get what all get. @param {GridState} state @param {number} item */
export function clearTile(state, item) {
  state.marked.delete(item);
  state.own.delete(item);
}

/** Choose the class of all tiles that get no other. @param {GridState} state @param {number|null} value */
export function setChoice(state, value) {
  state.choice = value;
}

/**
 * Go to another tile; from the grid as a whole to the first one.
 * @param {GridState} state
 * @param {string} key an arrow, Home or End
 * @param {number} columns
 */
export function moveTile(state, key, columns) {
  const last = shownItems(state).length - 1;
  if (last < 0) return;
  const at = state.at;
  if (at === null || key === "Home") state.at = key === "End" ? last : 0;
  else if (key === "End") state.at = last;
  else if (key === "ArrowLeft") state.at = Math.max(0, at - 1);
  else if (key === "ArrowRight") state.at = Math.min(last, at + 1);
  else if (key === "ArrowUp") state.at = at < columns ? at : at - columns;
  // The last row may be short: down from above its empty part ends on its last tile.
  else if (Math.floor(at / columns) < Math.floor(last / columns)) state.at = Math.min(last, at + columns);
}

/** Show so many tiles, or as near as can be. @param {GridState} state @param {number} size */
export function resizeGrid(state, size) {
  state.size = Math.min(GRID_SIZES[GRID_SIZES.length - 1], Math.max(GRID_SIZES[0], Math.round(size)));
  if (state.at !== null && state.at >= shownItems(state).length) state.at = null;
}

/** The next size up or down, the same at the end. @param {GridState} state @param {number} step 1 or -1 */
export function nextSize(state, step) {
  const [up] = GRID_SIZES.filter((size) => size > state.size);
  const down = GRID_SIZES.filter((size) => size < state.size).pop();
  const next = step > 0 ? up : down;
  // With every item on screen there is nothing more to show.
  return next === undefined || (step > 0 && state.size >= state.items.length) ? state.size : next;
}

/** Whether nothing of a sample is unknown to whoever labels it. @param {GridState} state @param {number} item */
export function isSeen(state, item) {
  return state.seen.has(item) && !isUnread(state, item);
}

/** @param {GridState} state @param {number} item */
function isUnread(state, item) {
  return state.long.has(item) && !state.read.has(item);
}

/** Tiles that would be labeled and were not seen. @param {GridState} state */
export function unseenItems(state) {
  return shownItems(state).filter((item) => !isLeftOut(state, item) && !state.seen.has(item));
}

/** Tiles that would be labeled, and are longer than what was seen of them. @param {GridState} state */
export function unreadItems(state) {
  return shownItems(state).filter((item) => !isLeftOut(state, item) && isUnread(state, item));
}

/**
 * Why nothing can be labeled now, and the tiles that are the reason; null when it can.
 * @param {GridState} state
 * @returns {{why: string, items: number[]}|null}
 */
export function whyNothing(state) {
  const asked = shownItems(state).filter((item) => !isLeftOut(state, item));
  if (!asked.length) return { why: state.items.length ? "every tile is left out" : "no tile is left", items: [] };
  const without = asked.filter((item) => classOf(state, item) === null);
  const unseen = unseenItems(state), unread = unreadItems(state);
  if (without.length === asked.length) return { why: "no class chosen for the tiles", items: without };
  if (without.length) return { why: `no class chosen for ${without.length} of the tiles`, items: without };
  if (unseen.length) return { why: `${unseen.length} not seen yet`, items: unseen };
  return unread.length ? { why: `${unread.length} not read to the end, Enter reads on`, items: unread } : null;
}

/**
 * What would be labeled now, and what stays a question. Nothing is labeled that was not seen, nor anything while a
 * tile that is not left out has no class.
 * @param {GridState} state
 * @returns {{answers: {item: number, value: number}[], left: number[]}}
 */
export function answersOf(state) {
  const items = shownItems(state);
  if (items.some((item) => !isLeftOut(state, item) && classOf(state, item) === null)) return { answers: [], left: items };
  const answered = items.filter((item) => !isLeftOut(state, item) && isSeen(state, item));
  const answers = answered.map((item) => ({ item, value: /** @type {number} */ (classOf(state, item)) }));
  return { answers, left: items.filter((item) => !answered.includes(item)) };
}

/**
 * Go on with what was not answered, with nothing chosen for it. Where a class was chosen at first, it stays so for the
 * next tiles, and what was left out is of no more use: it is not of that class.
 * @param {GridState} state
 * @param {number[]} answered
 */
export function dropAnswered(state, answered) {
  const gone = new Set(state.first === null ? answered : [...answered, ...state.marked]);
  state.items = state.items.filter((item) => !gone.has(item));
  state.marked.clear();
  state.own.clear();
  state.choice = state.first;
  state.at = null;
}

/**
 * What a key does in a grid, null when it is not the grid's.
 * @param {import("../common/keys.js").Press} press
 * @param {import("../common/keys.js").Keys} keys
 * @param {{value: number, key: string}[]} shown the classes on the page, and their keys
 * @returns {{action: string, value?: number}|null}
 */
export function gridActionOf(press, keys, shown) {
  const { key } = press;
  const known = actionOf(press, keys, shown);
  if (known?.action === "answer") return { ...known, action: "choose" };
  if (known?.action === "find") return known;
  if (key.startsWith("Arrow") || key === "Home" || key === "End") return { action: "move" };
  const actions = {
    " ": "mark", Enter: "label", Backspace: "clear", Escape: "leave", "+": "more", "=": "more", "-": "fewer",
  };
  const action = actions[/** @type {keyof typeof actions} */ (key)];
  return action ? { action } : null;
}

/**
 * What is written on a tile.
 * @param {GridState} state
 * @param {number} item
 * @param {string[]} classes
 */
export function tileWord(state, item, classes) {
  if (isLeftOut(state, item)) return "left out";
  const value = classOf(state, item);
  if (value === null) return "no class";
  return state.own.has(item) ? `only this: ${classes[value]}` : classes[value];
}

/**
 * What Enter will do.
 * @param {GridState} state
 * @param {string[]} classes
 */
export function gridLine(state, classes) {
  const items = shownItems(state);
  if (!items.length) return "Nothing is left in this grid.";
  const nOut = items.filter((item) => isLeftOut(state, item)).length;
  const nOwn = items.filter((item) => !isLeftOut(state, item) && state.own.has(item)).length;
  const nUnseen = unseenItems(state).length, nUnread = unreadItems(state).length;
  const rest = state.choice === null ? "no class chosen" : `the rest: ${classes[state.choice]}`;
  const canLabel = items.length > nOut && (state.choice !== null || nOwn === items.length - nOut);
  const words = [
    nOwn && nOwn === items.length - nOut ? "" : rest,
    canLabel ? `Enter labels ${items.length - nOut}` : "",
    nOwn ? `${nOwn} with a class of ${nOwn === 1 ? "its" : "their"} own` : "",
    nOut ? `${nOut} left out` : "",
    canLabel && nUnseen ? `${nUnseen} not seen yet` : "",
    canLabel && nUnread ? `${nUnread} to be read to the end` : "",
  ];
  return words.filter(Boolean).join(", ");
}
