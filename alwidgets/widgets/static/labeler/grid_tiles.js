// @ts-check
/** The tiles of a grid: drawn as their samples arrive, and seen once they are on screen. */

import { make } from "../common/dom.js";
import { classOf, isLeftOut, isSeen, tileWord } from "./grid_state.js";

/** Share of a tile that has to be on screen; the rest of a pixel may be lost in rounding. */
const SEEN_SHARE = 0.95;
const SPOKEN_CHARACTERS = 160;

/** @typedef {{item: number, root: HTMLElement, sample: HTMLElement, word: HTMLElement, number: HTMLElement, text: string, drawn: boolean, ready: boolean, visible: boolean}} Tile */

/**
 * @typedef {object} Options
 * @property {import("./grid_state.js").GridState} state
 * @property {string[]} classes
 * @property {import("../common/debounce.js").Debounce} debounce
 * @property {(item: number) => HTMLElement|null} draw
 * @property {(item: number) => void} click
 * @property {(item: number|null) => void} dwell the pointer is on a tile, or on none
 * @property {() => void} paint draws what is said of the tiles
 *
 * @typedef {Options & {tiles: Map<number, Tile>, painting: number, inView: IntersectionObserver|null}} Tiles
 */

/** @param {Options} options */
export function makeTiles(options) {
  const look = (/** @type {IntersectionObserverEntry[]} */ entries) => seeTiles(all, entries);
  const inView = typeof IntersectionObserver === "undefined" ? null : new IntersectionObserver(look, { threshold: SEEN_SHARE });
  /** @type {Tiles} */ const all = { ...options, tiles: new Map(), painting: 0, inView };
  return {
    /** @param {number} item */
    root: (item) => tileOf(all, item).root,
    /** @param {number[]} items */
    fill: (items) => items.forEach((item) => fillTile(all, tileOf(all, item))),
    /** @param {number[]} items those that are shown */
    paint(items) {
      const shown = items.map((item) => tileOf(all, item));
      const cut = shown.map(isCut);
      shown.forEach((tile, i) => setLong(all.state, tile.item, cut[i] || isClamped(tile)));
      shown.forEach((tile, i) => paintTile(all, tile, i, shown.length));
      shown.forEach(({ root }, i) => root.classList.toggle("alw-cut", cut[i]));
    },
    /** @param {number[]} items that were labeled */
    forget: (items) => items.forEach((item) => all.tiles.delete(item)),
  };
}

/** @param {Tiles} all @param {number} item */
function tileOf(all, item) {
  return all.tiles.get(item) ?? makeTile(all, item);
}

/** @param {Tiles} all @param {number} item */
function makeTile({ tiles, inView, debounce, click, dwell }, item) {
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
  root.addEventListener("click", () => debounce.again(`click ${item}`) || click(item));
  root.addEventListener("pointerenter", () => dwell(item));
  root.addEventListener("pointerleave", () => dwell(null));
  const tile = { item, root, sample, word, number, text: "", drawn: false, ready: false, visible: !inView };
  tiles.set(item, tile);
  inView?.observe(root);
  return tile;
}

/** Draw what has arrived. @param {Tiles} all @param {Tile} tile */
function fillTile(all, tile) {
  if (tile.drawn) return;
  try {
    const sample = all.draw(tile.item);
    if (!sample) return;
    tile.drawn = true;
    tile.sample.replaceChildren(sample);
    tile.text = spokenText(sample);
    // This is how a sample is drawn that the kernel could not render.
    if (sample.classList.contains("alw-message")) throw new Error(sample.textContent ?? "");
    decode(all, tile, sample instanceof HTMLImageElement ? [sample] : [...sample.querySelectorAll("img")]);
  } catch (error) {
    failTile(all, tile, error instanceof Error ? error.message : String(error));
  }
}

/** A tile is there when its images are. @param {Tiles} all @param {Tile} tile @param {HTMLImageElement[]} images */
async function decode(all, tile, images) {
  try {
    for (const image of images) await image.decode();
    tile.ready = true;
    seeTile(all, tile);
  } catch {
    failTile(all, tile, "The image cannot be shown.");
  }
  // Once for all tiles that arrive together.
  cancelAnimationFrame(all.painting);
  all.painting = requestAnimationFrame(all.paint);
}

/** @param {Tiles} all @param {Tile} tile @param {string} why */
function failTile({ state }, tile, why) {
  tile.drawn = true;
  tile.text = why;
  tile.sample.replaceChildren(make("div", "alw-tile-error", why));
  state.failed.add(tile.item);
}

/** @param {Tiles} all @param {Tile} tile */
function seeTile({ state, inView }, tile) {
  if (!tile.ready || !tile.visible) return;
  state.seen.add(tile.item);
  inView?.unobserve(tile.root);
}

/** @param {Tiles} all @param {IntersectionObserverEntry[]} entries */
function seeTiles(all, entries) {
  for (const { target, intersectionRatio } of entries) {
    const tile = [...all.tiles.values()].find(({ root }) => root === target);
    if (!tile) continue;
    tile.visible = intersectionRatio >= SEEN_SHARE;
    seeTile(all, tile);
  }
  all.paint();
}

/** @param {Tiles} all @param {Tile} tile @param {number} i @param {number} n */
function paintTile({ state, classes }, { item, root, word, number, text, drawn }, i, n) {
  const fate = tileWord(state, item, classes);
  const out = isLeftOut(state, item);
  root.dataset.fate = out ? "out" : state.own.has(item) ? "own" : state.choice === null ? "none" : "rest";
  root.classList.toggle("alw-unseen", !out && !state.seen.has(item));
  root.classList.toggle("alw-unread", !out && state.seen.has(item) && !isSeen(state, item));
  root.setAttribute("aria-selected", String(classOf(state, item) !== null));
  root.setAttribute("aria-label", `${i + 1} of ${n}: ${drawn ? text : "loading"}, ${fate}`);
  word.textContent = fate;
  number.textContent = String(i + 1);
}

/** Whether there is more than the tile shows; a text says so itself. @param {Tile} tile */
function isCut({ sample }) {
  return sample.scrollHeight > sample.clientHeight || sample.scrollWidth > sample.clientWidth;
}

/** Whether a text has more lines than the tile. @param {Tile} tile */
function isClamped({ sample }) {
  return [...sample.querySelectorAll(".alw-text")].some((text) => text.scrollHeight > text.clientHeight + 1);
}

/** @param {import("./grid_state.js").GridState} state @param {number} item @param {boolean} long */
function setLong({ long: all }, item, long) {
  if (long) all.add(item);
  else all.delete(item);
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
