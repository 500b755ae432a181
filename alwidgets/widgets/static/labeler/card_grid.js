// @ts-check
/** A grid in the place of the card's one sample: of the next questions, or of near duplicates. */

import { isRepeat } from "./queue_state.js";
import { make } from "../common/dom.js";
import { makeGrid } from "./grid.js";
import { makeOnly, onlyTitle } from "./grid_only.js";

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
 * @property {(answers: {item: number, value: number}[], moment: {since: number, as_of: number|null, via: "grid"|"alike", suggested?: number}) => void} give
 * @property {() => number|null} asOf how many events the page knows of
 * @property {(message: import("../common/said.d.ts").Said) => void} send
 * @property {() => void} fetch what the queue now misses
 * @property {() => void} redraw
 * @property {() => void} focus
 * @property {(text: string) => void} say
 * @property {() => import("./card_talk.js").FoundOnly|null} only what was found last of what was asked for
 * @property {((rows: number[]) => void)|null} askOnly have these asked alone, null where that may not be
 */

/**
 * @typedef {object} CardGrid
 * @property {Card} card
 * @property {HTMLElement} element
 * @property {ReturnType<typeof makeGrid>|null} grid null while it is closed
 * @property {number|null} wantsNearDuplicates the sample whose near duplicates were asked for
 * @property {import("./grid_only.js").Only|null} wantsOnly what was asked for, until it is found
 * @property {number|undefined} size how many tiles there were last
 * @property {"grid"|"alike"} via how the samples were come by
 */

/** @param {Card} card */
export function makeCardGrid(card) {
  /** @type {CardGrid} */ const place = { card, element: make("div", "alw-grid-place"), grid: null, wantsNearDuplicates: null, wantsOnly: null, size: undefined, via: "grid" };
  return {
    element: place.element,
    questions: () => openQuestions(place),
    nearDuplicates: () => openNearDuplicates(place),
    close: () => closeGrid(place),
    /** Open what was asked for, once it is known. */
    follow() {
      followNearDuplicates(place);
      followOnly(place);
    },
    isOpen: () => place.grid !== null,
    draw() {
      place.element.hidden = place.grid === null;
      place.grid?.redraw();
    },
    /** @param {KeyboardEvent} event @returns {boolean} whether it was the grid's */
    onKey: (event) => place.grid?.onKey(event) ?? false,
  };
}

/**
 * @param {CardGrid} place
 * @param {number[]} items
 * @param {string} title
 * @param {"grid"|"alike"} via
 * @param {import("./grid_only.js").Only} [only] what they are chosen by, where that can be changed
 */
function openGrid(place, items, title, via, only) {
  const { answers, draw, say, give, asOf, queue, fetch, redraw, askOnly } = place.card;
  const since = Date.now(), known = asOf(), value = only?.value ?? null;
  const close = () => closeGrid(place);
  keepSize(place);
  place.via = via;
  const made = makeGrid({
    items, title, value, size: via === "alike" ? items.length : place.size, ...answers(), draw, say, close,
    // Who is given questions does not choose them.
    only: only && askOnly ? onlyOf(place, only) : null,
    done(given) {
      give(given, { since, as_of: known, via, ...(value !== null && { suggested: value }) });
      // Once the tiles that were labeled are gone.
      queueMicrotask(() => {
        const left = made.items().length;
        if (via === "alike" || (!left && !isNarrowed(only))) close();
        else if (!left && only) lookFor(place, only);
      });
    },
  });
  place.grid = made;
  queue.beside = new Set(items);
  place.element.replaceChildren(made.element);
  fetch();
  redraw();
  made.focus();
}

/** The next grid has as many tiles; near duplicates are all shown, however many there are. @param {CardGrid} place */
function keepSize(place) {
  if (place.grid && place.via === "grid") place.size = place.grid.size();
}

/** @param {import("./grid_only.js").Only|undefined} only */
function isNarrowed(only) {
  return Boolean(only && (only.value !== null || only.words));
}

/** @param {CardGrid} place @param {import("./grid_only.js").Only} only */
function onlyOf(place, only) {
  const { answers, askOnly } = place.card;
  return makeOnly({
    classes: answers().classes, now: only,
    ask: (wanted) => lookFor(place, wanted),
    askOnly: askOnly && isNarrowed(only) && place.card.only()?.rows.length ? () => askAlone(place, askOnly) : null,
    leave: () => place.grid?.focus(),
  });
}

/** All that were found are asked, however many tiles there are. @param {CardGrid} place @param {(rows: number[]) => void} askOnly */
function askAlone(place, askOnly) {
  askOnly(Array.from(place.card.only()?.rows ?? []));
  closeGrid(place);
}

/** Ask for what is like that; the next questions are known. @param {CardGrid} place @param {import("./grid_only.js").Only} only */
function lookFor(place, only) {
  place.wantsOnly = isNarrowed(only) ? only : null;
  if (place.wantsOnly) place.card.send({ kind: "only", ...only });
  else openQuestions(place);
}

/** @param {CardGrid} place */
function followOnly(place) {
  const { wantsOnly, card } = place;
  const found = card.only();
  if (!wantsOnly || !found || found.value !== wantsOnly.value || found.words !== wantsOnly.words) return;
  place.wantsOnly = null;
  // Closed meanwhile: nobody waits for it.
  if (place.grid) openGrid(place, found.items, onlyTitle(found), "grid", wantsOnly);
}

/** @param {CardGrid} place */
function closeGrid(place) {
  const { queue, redraw, focus } = place.card;
  keepSize(place);
  place.grid = null;
  queue.beside = new Set();
  place.element.replaceChildren();
  // The one sample was behind it.
  queue.shownAt = Date.now();
  redraw();
  focus();
}

/** The next questions, but for those that are answered alone; more are asked for when there are few. @param {CardGrid} place */
function openQuestions(place) {
  const { queue, send } = place.card;
  const before = place.grid;
  const next = () => queue.queue.filter((item) => !queue.answered.has(item) && !queue.repeats.has(item) && !queue.alone.has(item)).slice(0, TILES);
  const openNext = () => {
    if (place.grid === before) openGrid(place, next(), next().length ? "The next questions" : "No question can be answered here.", "grid", { value: null, words: "" });
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
