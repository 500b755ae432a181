// @ts-check
/** Many samples at once: one class for all, and exceptions. Only what was seen is labelled. */

import { makeAnswers } from "../common/answers.js";
import { makeDebounce } from "../common/debounce.js";
import { holdsFocus, make, makeButton } from "../common/dom.js";
import {
  GRID_SIZES,
  answersOf,
  assignTile,
  classOf,
  clearTile,
  dropAnswered,
  gridActionOf,
  gridLine,
  isLeftOut,
  makeGridState,
  markTile,
  moveTile,
  nextSize,
  resizeGrid,
  setChoice,
  shownItems,
  tileWord,
  whyNothing,
} from "./grid_state.js";

/** Share of a tile that has to be on screen; the rest of a pixel may be lost in rounding. */
const SEEN_SHARE = 0.95;
const SPOKEN_CHARACTERS = 160;
const TILE_GAP = 8;

/** @typedef {{item: number, root: HTMLElement, sample: HTMLElement, word: HTMLElement, number: HTMLElement, text: string, drawn: boolean, ready: boolean, visible: boolean}} Tile */
/** @typedef {{items: number[], title: string, value: number|null, classes: string[], keys: import("../common/keys.js").Keys, page: number, draw: (item: number) => HTMLElement|null, done: (answers: {item: number, value: number}[]) => void, close: () => void, say: (text: string) => void}} GridOptions */

/**
 * A grid of tiles. Its keys come through `onKey`, which stops and prevents what it takes; anything else is not the
 * grid's. What was labelled leaves the grid, what was left out stays in it.
 * @param {GridOptions} options
 * @returns {{element: HTMLElement, onKey: (event: KeyboardEvent) => boolean, redraw: () => void, resize: (n: number) => void, focus: () => void}}
 */
export function makeGrid({ items, title, value, classes, keys, page, draw, done, close, say }) {
  const state = makeGridState(items, { value });
  /** @type {Map<number, Tile>} */ const tiles = new Map();
  /** Why the last key did nothing. */
  let notice = "";
  let painting = 0;
  const debounce = makeDebounce();
  const inView = typeof IntersectionObserver === "undefined" ? null : new IntersectionObserver(look, { threshold: SEEN_SHARE });

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
    const at = shownItems(state).findIndex((item) => tiles.get(item)?.root === target);
    state.at = at < 0 ? null : at;
    paint();
  });

  /** @param {number} item */
  function makeTile(item) {
    const root = make("div", "alw-tile");
    root.tabIndex = -1;
    root.setAttribute("role", "option");
    const sample = make("div", "alw-tile-sample", "loading");
    // Links, sounds and frames of a sample are not for pressing here; the tile's name says what it shows.
    sample.inert = true;
    const foot = make("div", "alw-tile-foot");
    const word = make("span", "alw-tile-word");
    const number = make("span", "alw-tile-number");
    foot.append(word, number);
    root.append(sample, foot);
    // A click marks, and leaves the keys with the grid as a whole.
    root.addEventListener("mousedown", (event) => event.preventDefault());
    root.addEventListener("click", () => {
      if (debounce.again(`click ${item}`)) return;
      state.at = null;
      mark(item);
      settleFocus();
    });
    const tile = { item, root, sample, word, number, text: "", drawn: false, ready: false, visible: !inView };
    tiles.set(item, tile);
    inView?.observe(root);
    return tile;
  }

  /** Draw what has arrived. @param {Tile} tile */
  function fill(tile) {
    if (tile.drawn) return;
    try {
      const sample = draw(tile.item);
      if (!sample) return;
      tile.drawn = true;
      tile.sample.replaceChildren(sample);
      tile.text = spokenText(sample);
      // This is how a sample is drawn that the kernel could not render.
      if (sample.classList.contains("alw-message")) throw new Error(sample.textContent ?? "");
      decode(tile, sample instanceof HTMLImageElement ? [sample] : [...sample.querySelectorAll("img")]);
    } catch (error) {
      fail(tile, error instanceof Error ? error.message : String(error));
    }
  }

  /** A tile is there when its images are. @param {Tile} tile @param {HTMLImageElement[]} images */
  async function decode(tile, images) {
    try {
      for (const image of images) await image.decode();
      tile.ready = true;
      see(tile);
    } catch {
      fail(tile, "The image cannot be shown.");
    }
    paintSoon();
  }

  /** @param {Tile} tile @param {string} why */
  function fail(tile, why) {
    tile.drawn = true;
    tile.text = why;
    tile.sample.replaceChildren(make("div", "alw-tile-error", why));
    state.failed.add(tile.item);
  }

  /** @param {Tile} tile */
  function see(tile) {
    if (!tile.ready || !tile.visible) return;
    state.seen.add(tile.item);
    inView?.unobserve(tile.root);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  function look(entries) {
    for (const { target, intersectionRatio } of entries) {
      const tile = [...tiles.values()].find(({ root }) => root === target);
      if (!tile) continue;
      tile.visible = intersectionRatio >= SEEN_SHARE;
      see(tile);
    }
    paint();
  }

  /** Put the tiles in their places. */
  function place() {
    list.dataset.size = String(GRID_SIZES.find((size) => size >= state.size));
    const shown = shownItems(state).map((item) => tiles.get(item) ?? makeTile(item));
    // A tile that is taken out loses the focus, even when it is put back.
    const focused = holdsFocus(list);
    list.replaceChildren(...shown.map(({ root }) => root));
    list.hidden = !shown.length;
    redraw();
    if (focused) settleFocus();
  }

  function redraw() {
    shownItems(state).forEach((item) => fill(/** @type {Tile} */ (tiles.get(item))));
    paint();
  }

  /** Once for all tiles that arrive together. */
  function paintSoon() {
    cancelAnimationFrame(painting);
    painting = requestAnimationFrame(paint);
  }

  function paint() {
    const shown = shownItems(state);
    shown.forEach((item, i) => paintTile(/** @type {Tile} */ (tiles.get(item)), i, shown.length));
    const cut = shown.map((item) => isCut(/** @type {Tile} */ (tiles.get(item))));
    shown.forEach((item, i) => tiles.get(item)?.root.classList.toggle("alw-cut", cut[i]));
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

  /** @param {Tile} tile @param {number} i @param {number} n */
  function paintTile({ item, root, word, number, text, drawn }, i, n) {
    const fate = tileWord(state, item, classes);
    const out = isLeftOut(state, item);
    root.dataset.fate = out ? "out" : state.own.has(item) ? "own" : state.choice === null ? "none" : "rest";
    root.classList.toggle("alw-unseen", !out && !state.seen.has(item));
    root.setAttribute("aria-selected", String(classOf(state, item) !== null));
    root.setAttribute("aria-label", `${i + 1} of ${n}: ${drawn ? text : "loading"}, ${fate}`);
    word.textContent = fate;
    number.textContent = String(i + 1);
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
      notice = `${nothing.why}: nothing was labelled`;
      say(notice);
      nothing.items.slice(0, 1).forEach(scrollTo);
      return;
    }
    const { answers: given, left } = answersOf(state);
    done(given);
    dropAnswered(state, given.map(({ item }) => item));
    given.forEach(({ item }) => tiles.delete(item));
    place();
    say(`labelled ${given.length}, ${left.length} left`);
  }

  /** Bring a tile to the top of the list, and on screen. @param {number} item */
  function scrollTo(item) {
    const { root } = /** @type {Tile} */ (tiles.get(item));
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
    if (action !== "label") tileHere()?.root.scrollIntoView({ block: "nearest" });
  }

  function tileHere() {
    return state.at === null ? undefined : tiles.get(shownItems(state)[state.at]);
  }

  /** The focus is where the keys act. */
  function settleFocus() {
    (tileHere()?.root ?? (list.hidden ? closeButton : list)).focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
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
    // What is done again too soon would take back what was just done; a key held down does nothing twice but move.
    const again = debounce.again(event.key) && (found.action === "mark" || found.action === "clear");
    const idle = again || (event.repeat && found.action !== "move");
    // Backspace with nothing to clear is the labeler's: it takes back an answer.
    if (found.action === "clear" && state.at === null && state.choice === null && !idle) return false;
    event.stopPropagation();
    // A button that has the focus is pressed by Enter or the space bar, as everywhere.
    if (pressing) return true;
    event.preventDefault();
    if (!idle && found.action !== "find") press(found.action, found.value, event.key);
    return true;
  }

  /** What turns the pages of many classes, and finds one. @param {KeyboardEvent} event */
  function inAnswers(event) {
    if (event.key === "Escape") {
      if (!answers.close()) return false;
      settleFocus();
    } else if (!answers.onKey(event)) {
      const turning = event.key === "PageDown" || event.key === "PageUp";
      if (!turning || !answers.turn(event.key === "PageDown" ? 1 : -1)) return false;
      event.preventDefault();
    }
    return true;
  }

  place();
  return { element, onKey, redraw, resize, focus: settleFocus };
}

/** Whether there is more than the tile shows; a text says so itself. @param {Tile} tile */
function isCut({ sample }) {
  return sample.scrollHeight > sample.clientHeight || sample.scrollWidth > sample.clientWidth;
}

/** A sample in words: its texts, and what its pictures are called. @param {HTMLElement} sample */
function spokenText(sample) {
  const nodes = document.createTreeWalker(sample, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  const words = [];
  for (let node = /** @type {Node|null} */ (sample); node; node = nodes.nextNode()) {
    if (node instanceof HTMLImageElement) words.push(node.alt);
    else if (node instanceof Text) words.push(node.data);
  }
  const text = words.join(" ").replace(/\s+/g, " ").trim();
  return text.length > SPOKEN_CHARACTERS ? `${text.slice(0, SPOKEN_CHARACTERS)} ...` : text || "a sample without a name";
}
