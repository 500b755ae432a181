// @ts-check
/** Many samples at once: one class for all, and exceptions. Only what was seen is labeled. */

import { makeAnswers } from "../common/answers.js";
import { makeDebounce } from "../common/debounce.js";
import { holdsFocus, make, makeButton } from "../common/dom.js";
import { makeGridKeys } from "./grid_keys.js";
import {
  GRID_SIZES, answersOf, assignTile, classOf, clearTile, dropAnswered, gridLine, makeGridState, markTile, moveTile, nextSize,
  resizeGrid, setChoice, shownItems, tileWord, whyNothing,
} from "./grid_state.js";
import { makeTiles } from "./grid_tiles.js";

const TILE_GAP = 8;

/** @typedef {{items: number[], title: string, value: number|null, classes: string[], keys: import("../common/keys.js").Keys, page: number, draw: (item: number) => HTMLElement|null, done: (answers: {item: number, value: number}[]) => void, close: () => void, say: (text: string) => void}} GridOptions */

/**
 * A grid of tiles. Its keys come through `onKey`, which stops and prevents what it takes; anything else is not the
 * grid's. What was labeled leaves the grid, what was left out stays in it.
 * @param {GridOptions} options
 * @returns {{element: HTMLElement, onKey: (event: KeyboardEvent) => boolean, redraw: () => void, resize: (n: number) => void, focus: () => void}}
 */
export function makeGrid({ items, title, value, classes, keys, page, draw, done, close, say }) {
  const state = makeGridState(items, { value });
  /** Why the last key did nothing. */
  let notice = "";
  const debounce = makeDebounce();
  const tiles = makeTiles({
    state, classes, debounce, draw, paint,
    click(item) {
      state.at = null;
      mark(item);
      settleFocus();
    },
  });

  const element = make("div", "alw-grid");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", title);
  const head = make("div", "alw-grid-head");
  const sizes = make("div", "alw-grid-sizes");
  sizes.setAttribute("role", "group");
  sizes.setAttribute("aria-label", "Number of tiles");
  const sizeButtons = GRID_SIZES.map((size) => makeButton("", String(size), () => resize(size)));
  sizes.append(make("kbd", "", "-"), ...sizeButtons, make("kbd", "", "+"));
  const closeButton = makeButton("Esc", "close", close);
  head.append(make("strong", "", title), sizes, closeButton);
  const line = make("div", "alw-grid-line");
  const list = make("div", "alw-tiles");
  list.tabIndex = 0;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-multiselectable", "true");
  list.setAttribute("aria-label", "All tiles. A class key is for all, arrow keys go to one tile, Space leaves it out, Enter labels.");
  const scope = make("div", "alw-grid-scope");
  const answers = makeAnswers({ press: (number) => press("choose", number), leave: settleFocus }, page);
  const actions = make("div", "alw-actions");
  const labelButton = makeButton("Enter", "label", () => press("label"));
  labelButton.classList.add("alw-grid-label");
  actions.append(labelButton, make("span", "alw-grid-hint", "arrows: one tile, Space or a click: leave out, Backspace: take back"));
  element.append(head, line, list, scope, answers.element, actions);

  list.addEventListener("focusin", ({ target }) => {
    const at = shownItems(state).findIndex((item) => tiles.root(item) === target);
    state.at = at < 0 ? null : at;
    paint();
  });

  /** Put the tiles in their places. */
  function place() {
    list.dataset.size = String(GRID_SIZES.find((size) => size >= state.size));
    const shown = shownItems(state).map(tiles.root);
    // A tile that is taken out loses the focus, even when it is put back.
    const focused = holdsFocus(list);
    list.replaceChildren(...shown);
    list.hidden = !shown.length;
    redraw();
    if (focused) settleFocus();
  }

  function redraw() {
    tiles.fill(shownItems(state));
    paint();
  }

  function paint() {
    const shown = shownItems(state);
    tiles.paint(shown);
    line.textContent = notice || gridLine(state, classes);
    line.classList.toggle("alw-grid-notice", Boolean(notice));
    scope.textContent = state.at === null ? "all tiles:" : `tile ${state.at + 1} only:`;
    const pressed = state.at === null ? state.choice : classOf(state, shown[state.at]);
    answers.draw({
      classes, keys, kind: "single", counts: null, can: shown.length > 0,
      chosen: new Set(pressed === null ? [] : [pressed]), suggested: null,
    });
    labelButton.disabled = !shown.length;
    sizeButtons.forEach((button, i) => {
      button.disabled = i > 0 && GRID_SIZES[i - 1] >= state.items.length;
      button.setAttribute("aria-pressed", String(GRID_SIZES[i] === state.size));
    });
  }

  /** @param {number} item */
  function mark(item) {
    notice = "";
    markTile(state, item);
    tell(item);
  }

  /** @param {number} item */
  function tell(item) {
    const place = shownItems(state).indexOf(item) + 1;
    say(state.failed.has(item) ? `tile ${place} cannot be drawn, left out` : `tile ${place}: ${tileWord(state, item, classes)}`);
    paint();
  }

  /** @param {number} n */
  function resize(n) {
    notice = "";
    resizeGrid(state, n);
    place();
    say(`${shownItems(state).length} tiles`);
  }

  function label() {
    const nothing = whyNothing(state);
    if (nothing) {
      notice = `${nothing.why}: nothing was labeled`;
      say(notice);
      nothing.items.slice(0, 1).forEach(scrollTo);
      return;
    }
    const { answers: given, left } = answersOf(state);
    done(given);
    const labeled = given.map(({ item }) => item);
    dropAnswered(state, labeled);
    tiles.forget(labeled);
    place();
    say(`labeled ${given.length}, ${left.length} left`);
  }

  /** Bring a tile to the top of the list, and on screen. @param {number} item */
  function scrollTo(item) {
    const root = tiles.root(item);
    list.scrollTop += root.getBoundingClientRect().top - list.getBoundingClientRect().top - TILE_GAP;
    root.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} number */
  function choose(number) {
    if (state.at === null) {
      setChoice(state, number);
      say(`the rest: ${classes[number]}`);
    } else {
      const item = shownItems(state)[state.at];
      assignTile(state, item, number);
      tell(item);
    }
  }

  /** Return from a tile to the whole. */
  function toAll() {
    state.at = null;
    say("all tiles");
  }

  function clear() {
    if (state.at !== null) {
      clearTile(state, shownItems(state)[state.at]);
      toAll();
    } else {
      setChoice(state, null);
      say("no class chosen");
    }
  }

  /** @param {string} key */
  function move(key) {
    moveTile(state, key, getComputedStyle(list).gridTemplateColumns.split(" ").length);
  }

  function markHere() {
    if (state.at === null) say("arrow keys go to a tile, Space leaves it out");
    else mark(shownItems(state)[state.at]);
  }

  /** @param {string} action @param {number} [number] of a class @param {string} [key] */
  function press(action, number = 0, key = "") {
    /** @type {Record<string, () => void>} */
    const acts = {
      choose: () => choose(number),
      move: () => move(key),
      mark: markHere,
      label,
      clear,
      leave: state.at === null ? close : toAll,
      more: () => resize(nextSize(state, 1)),
      fewer: () => resize(nextSize(state, -1)),
    };
    notice = "";
    acts[action]();
    paint();
    settleFocus();
    // Labelling goes to what was not seen; all else stays with the tile that the keys act on.
    if (action !== "label") tileHere()?.scrollIntoView({ block: "nearest" });
  }

  function tileHere() {
    return state.at === null ? undefined : tiles.root(shownItems(state)[state.at]);
  }

  /** The focus is where the keys act. */
  function settleFocus() {
    (tileHere() ?? (list.hidden ? closeButton : list)).focus({ preventScroll: true });
  }

  const onKey = makeGridKeys({ element, state, keys, debounce, answers, press, focus: settleFocus });
  place();
  return { element, onKey, redraw, resize, focus: settleFocus };
}
