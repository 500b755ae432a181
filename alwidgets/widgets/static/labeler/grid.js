// @ts-check
/** Many samples at once: one class for all, and exceptions. Only what was seen is labeled. */

import { makeAnswers } from "../common/answers.js";
import { makeDebounce } from "../common/debounce.js";
import { clickTile, pressInGrid, resizeTiles } from "./grid_acts.js";
import { followFocus, paintGrid, placeTiles, redrawGrid, settleFocus } from "./grid_draw.js";
import { makeGridKeys } from "./grid_keys.js";
import { makeGridPage } from "./grid_page.js";
import { makeGridState } from "./grid_state.js";
import { makeTiles } from "./grid_tiles.js";

/** @typedef {{items: number[], title: string, value: number|null, classes: string[], keys: import("../common/keys.js").Keys, page: number, draw: (item: number) => HTMLElement|null, done: (answers: {item: number, value: number}[]) => void, close: () => void, say: (text: string) => void}} GridOptions */

/**
 * A grid of tiles. Its keys come through `onKey`, which stops and prevents what it takes; anything else is not the
 * grid's. What was labeled leaves the grid, what was left out stays in it.
 * @param {GridOptions} options
 * @returns {{element: HTMLElement, onKey: (event: KeyboardEvent) => boolean, redraw: () => void, resize: (n: number) => void, focus: () => void}}
 */
export function makeGrid({ items, title, value, classes, keys, page: upturned, draw, done, close, say }) {
  const state = makeGridState(items, { value });
  const debounce = makeDebounce();
  /** @param {string} action @param {number} [number] of a class @param {string} [key] */
  const press = (action, number, key) => pressInGrid(grid, action, number, key);
  const resize = (/** @type {number} */ n) => resizeTiles(grid, n);
  const focus = () => settleFocus(grid);
  const tiles = makeTiles({
    state, classes, debounce, draw,
    paint: () => paintGrid(grid),
    click: (item) => clickTile(grid, item),
  });
  const answers = makeAnswers({ press: (number) => press("choose", number), leave: focus }, upturned);
  const page = makeGridPage(title, answers.element, { resize, label: () => press("label"), close });
  /** @type {import("./grid_draw.js").Grid} */
  const grid = { state, classes, keys, page, tiles, answers, notice: "", done, close, say };
  page.list.addEventListener("focusin", ({ target }) => followFocus(grid, target));
  const onKey = makeGridKeys({ element: page.element, state, keys, debounce, answers, press, focus });
  placeTiles(grid);
  return { element: page.element, onKey, resize, focus, redraw: () => redrawGrid(grid) };
}
