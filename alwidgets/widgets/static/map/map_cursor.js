// @ts-check
/** The cursor of a map: it goes from point to point by keyboard, shows and selects them. */

import { hasFocus, make } from "../common/dom.js";
import { letterOf } from "../common/keys.js";
import { WHOLE, around, centered, central, countInside, inside, onward, stacked } from "./nearest.js";

/** Each press selects what lies so many pixels further round. */
const GROWTH = 16;
/** What is said of all there is. */
const WHOLLY = "the whole map";
const KEYS = [
  ["Arrows", "the nearest point in that direction"],
  ["Enter", "show the sample; again: the next one that lies there"],
  ["Space", "add the point to the selection, or take it out"],
  ["Shift+arrows", "select on the way"],
  ["G", "select the points around; again for more"],
  ["+, \u2212, Home", "closer, farther, the whole map"],
  ["1 to 9, 0", "label the sample that is shown, on the map while the cursor is on it"],
  ["/, PageUp, PageDown", "find one of many classes, turn their pages"],
  ["B", "the bar of the selection, where 1 to 9, 0 label all of it"],
  ["Esc", "back to the map; there clear the selection, then leave"],
];
/** No class has these on the map, whatever it has elsewhere. */
const OWN = new Set(["arrowleft", "arrowright", "arrowup", "arrowdown", " ", "g", "b", "+", "=", "-", "home"]);

/**
 * The keys of classes that the map does not need itself.
 * @param {import("../common/keys.js").Keys} keys
 * @returns {import("../common/keys.js").Keys}
 */
export function keysLeft({ classes, actions }) {
  return { classes: classes.map((key) => (OWN.has(key.toLowerCase()) ? "" : key)), actions };
}

/** The list of keys, folded. */
export function makeKeyList() {
  const list = make("dl", "");
  for (const [key, text] of KEYS) {
    const term = make("dt", "");
    term.append(make("kbd", "", key));
    const line = make("div", "");
    line.append(term, make("dd", "", text));
    list.append(line);
  }
  const element = make("details", "alw-map-keys");
  element.append(make("summary", "", "Keys on the map"), list);
  return element;
}

/**
 * @typedef {object} Ground what the cursor moves on
 * @property {HTMLElement} plot
 * @property {() => Float32Array|null} points null until they are drawn
 * @property {() => import("./nearest.js").View} view
 * @property {() => number|null} shown the row that is shown, where the cursor begins; null for none
 * @property {() => Uint32Array} selected
 * @property {(rows: Iterable<number>) => void} select
 * @property {(row: number) => void} show
 * @property {(ranges: number[][]) => void} look move what is on screen
 * @property {(row: number) => string} words what is said of a point
 * @property {(text: string) => void} say
 * @property {() => void} mark draw the cursor where it is
 * @property {(row: number) => void} peek glance at a sample
 */

/**
 * @typedef {object} Cursor
 * @property {Ground} ground
 * @property {number|null} row
 * @property {number} radius how far round was selected
 * @property {number[]} here what lies where the cursor came to, the cursor's own row among them
 */

/** @param {Ground} ground */
export function makeCursor(ground) {
  /** @type {Cursor} */ const cursor = { ground, row: null, radius: 0, here: [] };
  return {
    row: () => cursor.row,
    /** @param {number} to */
    put: (to) => putCursor(cursor, to),
    /** Begin where the focus comes to the map. */
    begin: () => begin(cursor),
    /** @param {KeyboardEvent} event @returns {boolean} whether the key moves or uses the cursor */
    onKey: (event) => onCursorKey(cursor, event),
  };
}

/** @param {Cursor} cursor @param {number} to */
function putCursor(cursor, to) {
  cursor.row = to;
  cursor.radius = 0;
  lookHere(cursor);
}

/** @param {Cursor} cursor */
function lookHere(cursor) {
  const { ground, row } = cursor;
  const xy = ground.points();
  cursor.here = xy && row !== null ? stacked(xy, ground.view(), row) : [];
}

/** @param {Cursor} cursor @param {number} at */
function wordsHere({ ground, here }, at) {
  const more = here.length > 1 ? `; ${here.indexOf(at) + 1} of ${here.length.toLocaleString("en")} samples here, Enter shows one after the other` : "";
  return ground.words(at) + more;
}

/** @param {Ground} ground */
function countSelected(ground) {
  return `${ground.selected().length.toLocaleString("en")} selected`;
}

/** @param {Cursor} cursor */
function begin(cursor) {
  const { ground } = cursor;
  const xy = ground.points();
  if (xy?.length && hasFocus(ground.plot)) {
    const at = cursor.row ?? ground.shown() ?? central(xy, ground.view());
    putCursor(cursor, at);
    ground.say(wordsHere(cursor, at));
  }
  ground.mark();
}

/** @param {Cursor} cursor @param {KeyboardEvent} event @returns {boolean} whether the key moves or uses the cursor */
function onCursorKey(cursor, event) {
  const { ground, row } = cursor;
  const xy = ground.points();
  if (row === null || !xy) return false;
  const acts = actsAt(cursor, xy, row);
  const act = /^Arrow/.test(event.key)
    ? () => moveCursor(cursor, xy, row, event)
    : acts[event.key] ?? acts[letterOf(event).toLowerCase()];
  if (!act) return false;
  event.preventDefault();
  act();
  return true;
}

/** What keys do where the cursor is. @param {Cursor} cursor @param {Float32Array} xy @param {number} at @returns {Record<string, () => void>} */
function actsAt(cursor, xy, at) {
  const { ground } = cursor;
  const zoom = (/** @type {number} */ by) => () =>
    lookAt(cursor, xy, centered(xy, ground.view(), at, by), by > 1 ? "closer" : "farther");
  return {
    Enter: () => showHere(cursor, at),
    " ": () => toggleHere(ground, at),
    g: () => grow(cursor, xy, at),
    "+": zoom(2),
    "=": zoom(2),
    "-": zoom(0.5),
    Home: () => lookAt(cursor, xy, [WHOLE, WHOLE], WHOLLY),
  };
}

/** @param {Cursor} cursor @param {Float32Array} xy @param {number} at @param {KeyboardEvent} event */
function moveCursor(cursor, xy, at, { key, shiftKey }) {
  const { ground } = cursor;
  const to = onward(xy, ground.view(), at, key);
  if (to === null) return ground.say(`no point further ${key.slice(5).toLowerCase()}`);
  putCursor(cursor, to);
  if (!inside(xy, ground.view(), to)) ground.look(centered(xy, ground.view(), to, 1));
  if (shiftKey) ground.select(new Set([...ground.selected(), at, to]));
  ground.peek(to);
  ground.say(wordsHere(cursor, to));
  ground.mark();
}

/** Show the sample under the cursor; when it is shown, the next one that lies there. @param {Cursor} cursor @param {number} at */
function showHere(cursor, at) {
  const { ground, here } = cursor;
  const row = ground.shown() === at && here.includes(at) ? here[(here.indexOf(at) + 1) % here.length] : at;
  cursor.row = row;
  ground.show(row);
  ground.say(wordsHere(cursor, row));
  ground.mark();
}

/** @param {Cursor} cursor @param {Float32Array} xy @param {number[][]} ranges @param {string} way */
function lookAt(cursor, xy, [x, y], way) {
  const { ground } = cursor;
  const { x: from } = ground.view();
  const as = Math.abs(x[1] - x[0] - (from[1] - from[0])) < 1e-9 && way !== WHOLLY ? `no ${way}` : way;
  ground.look([x, y]);
  lookHere(cursor);
  const n = countInside(xy, { ...ground.view(), x, y });
  ground.say(`${as}, ${n.toLocaleString("en")} point${n === 1 ? "" : "s"} in view`);
}

/** @param {Ground} ground @param {number} at */
function toggleHere(ground, at) {
  const rows = new Set(ground.selected());
  if (!rows.delete(at)) rows.add(at);
  ground.select(rows);
  ground.say(`${ground.words(at)}; ${countSelected(ground)}`);
}

/** @param {Cursor} cursor @param {Float32Array} xy @param {number} at */
function grow(cursor, xy, at) {
  const { ground } = cursor;
  cursor.radius += GROWTH;
  ground.select(new Set([...ground.selected(), ...around(xy, ground.view(), at, cursor.radius)]));
  ground.say(countSelected(ground));
}
