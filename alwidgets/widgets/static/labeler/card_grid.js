// @ts-check
/** A grid in the place of the card's one sample: of the next questions, or of near duplicates. */

import { isRepeat } from "./queue_state.js";
import { make } from "../common/dom.js";
import { makeGrid } from "./grid.js";

/** Samples of a grid, and how long to wait for so many. */
const TILES = 48;
const GATHER_MS = 600;

/**
 * @typedef {{item: number|null, suggest: string, why: string, nearDuplicates: number[]|null}} SampleFacts what is known of a sample
 *
 * @typedef {object} Card
 * @property {import("./queue_state.js").QueueState} queue
 * @property {() => SampleFacts} facts of the sample on screen
 * @property {() => {classes: string[], keys: import("../common/keys.js").Keys, page: number}} answers the classes, and the page of them that is turned up
 * @property {(item: number) => HTMLElement|null} draw
 * @property {(answers: {item: number, value: number}[], moment: {since: number, as_of: number|null, via: string}) => void} give
 * @property {() => number|null} asOf how many events the page knows of
 * @property {(message: import("../common/said.d.ts").Said) => void} send
 * @property {() => void} fetch what the queue now misses
 * @property {() => void} redraw
 * @property {() => void} focus
 * @property {(text: string) => void} say
 */

/**
 * @typedef {object} CardGrid
 * @property {Card} card
 * @property {HTMLElement} element
 * @property {ReturnType<typeof makeGrid>|null} grid null while it is closed
 * @property {number|null} wantsNearDuplicates the sample whose near duplicates were asked for
 */

/** @param {Card} card */
export function makeCardGrid(card) {
  /** @type {CardGrid} */ const place = { card, element: make("div", "alw-grid-place"), grid: null, wantsNearDuplicates: null };
  return {
    element: place.element,
    questions: () => openQuestions(place),
    nearDuplicates: () => openNearDuplicates(place),
    close: () => closeGrid(place),
    /** Open what was asked for, once it is known. */
    follow: () => followNearDuplicates(place),
    isOpen: () => place.grid !== null,
    draw() {
      place.element.hidden = place.grid === null;
      place.grid?.redraw();
    },
    /** @param {KeyboardEvent} event @returns {boolean} whether it was the grid's */
    onKey: (event) => place.grid?.onKey(event) ?? false,
  };
}

/** @param {CardGrid} place @param {number[]} items @param {string} title @param {string} via */
function openGrid(place, items, title, via) {
  const { answers, draw, say, give, asOf, queue, fetch, redraw } = place.card;
  const since = Date.now(), known = asOf();
  const close = () => closeGrid(place);
  const made = makeGrid({
    items, title, value: null, ...answers(), draw, say, close,
    done(given) {
      give(given, { since, as_of: known, via });
      if (given.length === items.length || via === "alike") close();
    },
  });
  place.grid = made;
  queue.beside = new Set(items);
  place.element.replaceChildren(made.element);
  fetch();
  redraw();
  made.focus();
}

/** @param {CardGrid} place */
function closeGrid(place) {
  const { queue, redraw, focus } = place.card;
  place.grid = null;
  queue.beside = new Set();
  place.element.replaceChildren();
  // The one sample was behind it.
  queue.shownAt = Date.now();
  redraw();
  focus();
}

/** The next questions; more are asked for when there are few. @param {CardGrid} place */
function openQuestions(place) {
  const { queue, send } = place.card;
  const next = () => queue.queue.filter((item) => !queue.answered.has(item) && !queue.repeats.has(item)).slice(0, TILES);
  const openNext = () => {
    if (!place.grid && next().length) openGrid(place, next(), "The next questions", "grid");
  };
  if (next().length >= TILES) {
    openNext();
    return;
  }
  send({ kind: "ahead", n: TILES });
  setTimeout(openNext, GATHER_MS);
}

/** @param {CardGrid} place */
function openNearDuplicates(place) {
  const { queue, facts, send } = place.card;
  const known = facts();
  // What is answered a second time, or anew, is answered by itself.
  if (queue.current === null || known.item !== queue.current || queue.revisited || isRepeat(queue, queue.current)) return;
  if (known.nearDuplicates?.length) {
    openGrid(place, [queue.current, ...known.nearDuplicates], `${known.nearDuplicates.length + 1} near duplicates`, "alike");
  } else {
    // Of a large pool they are not known beforehand.
    place.wantsNearDuplicates = queue.current;
    send({ kind: "near_duplicates", item: queue.current });
  }
}

/** @param {CardGrid} place */
function followNearDuplicates(place) {
  const { wantsNearDuplicates, card: { queue, facts } } = place;
  const known = facts();
  if (wantsNearDuplicates === null || known.nearDuplicates === null) return;
  const wanted = wantsNearDuplicates === known.item && wantsNearDuplicates === queue.current;
  place.wantsNearDuplicates = null;
  if (wanted && known.nearDuplicates.length) openNearDuplicates(place);
  else if (wanted) known.why = "No unlabeled sample is a near duplicate.";
}
