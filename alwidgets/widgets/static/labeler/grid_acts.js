// @ts-check
/** What is done in a grid, by a key or a click. */

import { paintGrid, placeTiles, scrollToTile, settleFocus, tileHere } from "./grid_draw.js";
import {
  answersOf, assignTile, clearTile, dropAnswered, markTile, moveTile, nextSize, resizeGrid, setChoice, shownItems, tileWord,
  unreadItems, whyNothing,
} from "./grid_state.js";

/** @typedef {import("./grid_draw.js").Grid} Grid */

/** What each key or button does; the number is of a class. @type {Record<string, (grid: Grid, number: number, key: string) => void>} */
const ACTS = {
  choose: chooseInGrid,
  move: (grid, _, key) => moveTile(grid.state, key, getComputedStyle(grid.page.list).gridTemplateColumns.split(" ").length),
  mark: markHere,
  label: labelGrid,
  clear: clearHere,
  leave: (grid) => (grid.state.at === null ? grid.close() : toAll(grid)),
  more: (grid) => resizeTiles(grid, nextSize(grid.state, 1)),
  fewer: (grid) => resizeTiles(grid, nextSize(grid.state, -1)),
};

/** @param {Grid} grid @param {string} action @param {number} [number] of a class @param {string} [key] */
export function pressInGrid(grid, action, number = 0, key = "") {
  grid.notice = "";
  ACTS[action](grid, number, key);
  paintGrid(grid);
  settleFocus(grid);
  // A label goes to what was not seen; all else stays with the tile that the keys act on.
  if (action !== "label") tileHere(grid)?.scrollIntoView({ block: "nearest" });
}

/** @param {Grid} grid @param {number} n */
export function resizeTiles(grid, n) {
  grid.notice = "";
  resizeGrid(grid.state, n);
  placeTiles(grid);
  grid.say(`${shownItems(grid.state).length} tiles`);
}

/** A click marks a tile, and leaves the keys with all. @param {Grid} grid @param {number} item */
export function clickTile(grid, item) {
  grid.state.at = null;
  mark(grid, item);
  settleFocus(grid);
}

/** @param {Grid} grid @param {number} item */
function mark(grid, item) {
  grid.notice = "";
  markTile(grid.state, item);
  tellTile(grid, item);
}

/** @param {Grid} grid @param {number} item */
function tellTile(grid, item) {
  const { state, classes, say } = grid;
  const place = shownItems(state).indexOf(item) + 1;
  say(state.failed.has(item) ? `tile ${place} cannot be drawn, left out` : `tile ${place}: ${tileWord(state, item, classes)}`);
  paintGrid(grid);
}

/** @param {Grid} grid */
function labelGrid(grid) {
  const { state, say } = grid;
  const nothing = whyNothing(state);
  if (nothing) {
    grid.notice = `${nothing.why}: nothing was labeled`;
    say(grid.notice);
    // What was not seen comes first: only of what is on screen is there more to read.
    if (unreadItems(state).some((item) => nothing.items[0] === item)) readOn(grid, nothing.items);
    else nothing.items.slice(0, 1).forEach((item) => scrollToTile(grid, item));
    return;
  }
  const { answers: given, left } = answersOf(state);
  grid.done(given);
  const labeled = given.map(({ item }) => item);
  dropAnswered(state, labeled);
  grid.tiles.forget(labeled);
  grid.reading.keep(state.items);
  placeTiles(grid);
  say(`labeled ${given.length}, ${left.length} left`);
}

/** A page further in what is read, or the next of what is to be read. @param {Grid} grid @param {number[]} unread */
function readOn(grid, unread) {
  const { reading, state } = grid;
  const at = unread.indexOf(reading.item() ?? -1);
  if (at >= 0 && reading.onward()) {
    grid.notice = "";
    return;
  }
  scrollToTile(grid, unread[0]);
  reading.show(unread[0]);
  const n = unreadItems(state).length;
  grid.notice = n ? `${n} not read to the end, Enter reads on: nothing was labeled` : "";
}

/** The wheel over a tile goes on in its sample first. @param {Grid} grid @param {WheelEvent} event */
export function readByWheel({ reading, state, tiles }, event) {
  const item = shownItems(state).find((each) => event.composedPath().includes(tiles.root(each)));
  if (item !== undefined && item === reading.item() && reading.onward(event.deltaY)) event.preventDefault();
}

/** @param {Grid} grid @param {number} number */
function chooseInGrid(grid, number) {
  const { state, classes, say } = grid;
  if (state.at === null) {
    setChoice(state, number);
    say(`the rest: ${classes[number]}`);
  } else {
    const item = shownItems(state)[state.at];
    assignTile(state, item, number);
    tellTile(grid, item);
  }
}

/** Return from a tile to the whole. @param {Grid} grid */
function toAll({ state, say }) {
  state.at = null;
  say("all tiles");
}

/** @param {Grid} grid */
function clearHere(grid) {
  const { state, say } = grid;
  if (state.at !== null) {
    clearTile(state, shownItems(state)[state.at]);
    toAll(grid);
  } else {
    setChoice(state, null);
    say("no class chosen");
  }
}

/** @param {Grid} grid */
function markHere(grid) {
  const { state, say } = grid;
  if (state.at === null) say("arrow keys go to a tile, Space leaves it out");
  else mark(grid, shownItems(state)[state.at]);
}
