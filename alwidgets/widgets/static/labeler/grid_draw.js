// @ts-check
/** A grid on the page: its tiles in their places, what is said of them, and where the focus is. */

import { holdsFocus } from "../common/dom.js";
import { GRID_SIZES, classOf, gridLine, shownItems } from "./grid_state.js";

const TILE_GAP = 8;

/**
 * @typedef {object} Grid
 * @property {import("./grid_state.js").GridState} state
 * @property {string[]} classes
 * @property {import("../common/keys.js").Keys} keys
 * @property {import("./grid_page.js").GridPage} page
 * @property {ReturnType<typeof import("./grid_tiles.js").makeTiles>} tiles
 * @property {import("./grid_reading.js").Reading} reading
 * @property {ReturnType<typeof import("../common/answers.js").makeAnswers>} answers
 * @property {string} notice why the last key did nothing
 * @property {(answers: {item: number, value: number}[]) => void} done
 * @property {() => void} close
 * @property {(text: string) => void} say
 */

/** Put the tiles in their places. @param {Grid} grid */
export function placeTiles(grid) {
  const { state, tiles, page: { list } } = grid;
  list.dataset.size = String(GRID_SIZES.find((size) => size >= state.size));
  const shown = shownItems(state).map(tiles.root);
  // A tile that is taken out loses the focus, even when it is put back.
  const focused = holdsFocus(list);
  list.replaceChildren(...shown);
  list.hidden = !shown.length;
  redrawGrid(grid);
  if (focused) settleFocus(grid);
}

/** @param {Grid} grid */
export function redrawGrid(grid) {
  grid.tiles.fill(shownItems(grid.state));
  paintGrid(grid);
}

/** @param {Grid} grid */
export function paintGrid({ state, classes, keys, page, tiles, reading, answers, notice }) {
  const shown = shownItems(state);
  tiles.paint(shown);
  // Where it was needed once its place stays: nothing moves when the next tiles are short.
  if (state.long.size) reading.element.hidden = false;
  page.line.textContent = notice || gridLine(state, classes);
  page.line.classList.toggle("alw-grid-notice", Boolean(notice));
  page.scope.textContent = state.at === null ? "all tiles:" : `tile ${state.at + 1} only:`;
  const pressed = state.at === null ? state.choice : classOf(state, shown[state.at]);
  answers.draw({
    classes, keys, kind: "single", counts: null, can: shown.length > 0,
    chosen: new Set(pressed === null ? [] : [pressed]), suggested: null,
  });
  page.labelButton.disabled = !shown.length;
  page.sizeButtons.forEach((button, i) => {
    button.disabled = i > 0 && GRID_SIZES[i - 1] >= state.items.length;
    button.setAttribute("aria-pressed", String(GRID_SIZES[i] === state.size));
  });
}

/** The tile that the keys act on, if they do on one. @param {Grid} grid */
export function tileHere({ state, tiles }) {
  return state.at === null ? undefined : tiles.root(shownItems(state)[state.at]);
}

/** The focus is where the keys act. @param {Grid} grid */
export function settleFocus(grid) {
  const { list, closeButton } = grid.page;
  (tileHere(grid) ?? (list.hidden ? closeButton : list)).focus({ preventScroll: true });
}

/** What has the focus is what the keys act on. @param {Grid} grid @param {EventTarget|null} target */
export function followFocus(grid, target) {
  const at = shownItems(grid.state).findIndex((item) => grid.tiles.root(item) === target);
  grid.state.at = at < 0 ? null : at;
  if (at >= 0) grid.reading.show(shownItems(grid.state)[at]);
  paintGrid(grid);
}

/** Bring a tile to the top of the list, and on screen. @param {Grid} grid @param {number} item */
export function scrollToTile({ tiles, page: { list } }, item) {
  const root = tiles.root(item);
  list.scrollTop += root.getBoundingClientRect().top - list.getBoundingClientRect().top - TILE_GAP;
  root.scrollIntoView({ block: "nearest" });
}
