// @ts-check
/** Many samples at once: one class for all, and exceptions. Only what was seen is labeled. */

import { makeAnswers } from "../common/answers.js";
import { makeDebounce } from "../common/debounce.js";
import { clickTile, pressInGrid, readByWheel, resizeTiles } from "./grid_acts.js";
import { followFocus, paintGrid, placeTiles, redrawGrid, settleFocus } from "./grid_draw.js";
import { makeGridKeys } from "./grid_keys.js";
import { makeGridPage } from "./grid_page.js";
import { makeReading } from "./grid_reading.js";
import { makeGridState } from "./grid_state.js";
import { makeTiles } from "./grid_tiles.js";

/** @typedef {{items: number[], title: string, value: number|null, size?: number, only?: import("./grid_only.js").OnlyRow|null, classes: string[], keys: import("../common/keys.js").Keys, page: number, draw: (item: number) => HTMLElement|null, done: (answers: {item: number, value: number}[]) => void, close: () => void, say: (text: string) => void}} GridOptions */

/**
 * A grid of tiles. Its keys come through `onKey`, which stops and prevents what it takes; anything else is not the
 * grid's. What was labeled leaves the grid, what was left out stays in it.
 * @param {GridOptions} options
 * @returns {{element: HTMLElement, onKey: (event: KeyboardEvent) => boolean, redraw: () => void, resize: (n: number) => void, focus: () => void, size: () => number, items: () => number[]}}
 */
export function makeGrid({ items, title, value, size, only = null, classes, keys, page: upturned, draw, done, close, say }) {
  const state = makeGridState(items, { value, size });
  const debounce = makeDebounce();
  /** @param {string} action @param {number} [number] of a class @param {string} [key] */
  const press = (action, number, key) => pressInGrid(grid, action, number, key);
  const resize = (/** @type {number} */ n) => resizeTiles(grid, n);
  const focus = () => settleFocus(grid);
  const reading = makeReading({
    draw,
    isLong: (item) => state.long.has(item),
    read(item) {
      if (state.read.has(item)) return;
      state.read.add(item);
      paintGrid(grid);
    },
  });
  const tiles = makeTiles({
    state, classes, debounce, draw,
    paint: () => paintGrid(grid),
    click: (item) => clickTile(grid, item),
    dwell: reading.dwell,
  });
  const answers = makeAnswers({ press: (number) => press("choose", number), leave: focus }, upturned);
  const page = makeGridPage(title, answers.element, reading.element, only?.element ?? null, { resize, label: () => press("label"), close });
  /** @type {import("./grid_draw.js").Grid} */
  const grid = { state, classes, keys, page, tiles, reading, answers, notice: "", done, close, say };
  page.list.addEventListener("focusin", ({ target }) => followFocus(grid, target));
  page.list.addEventListener("wheel", (event) => readByWheel(grid, event), { passive: false });
  const onTiles = makeGridKeys({ element: page.element, state, keys, debounce, answers, press, focus });
  placeTiles(grid);
  const onKey = (/** @type {KeyboardEvent} */ event) => (only?.onKey(event) ?? false) || onTiles(event);
  return { element: page.element, onKey, resize, focus, redraw: () => redrawGrid(grid), size: () => state.size, items: () => [...state.items] };
}
