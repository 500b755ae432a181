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
 */

/** @param {Ground} ground */
export function makeCursor(ground) {
  /** @type {number|null} */ let row = null;
  let radius = 0;
  /** What lies where the cursor came to, the cursor's own row among them. @type {number[]} */
  let here = [];

  /** @param {number} to */
  function put(to) {
    row = to;
    radius = 0;
    lookHere();
  }

  function lookHere() {
    const xy = ground.points();
    here = xy && row !== null ? stacked(xy, ground.view(), row) : [];
  }

  /** @param {number} at */
  function wordsHere(at) {
    const more = here.length > 1 ? `; ${here.indexOf(at) + 1} of ${here.length.toLocaleString("en")} samples here, Enter shows one after the other` : "";
    return ground.words(at) + more;
  }

  /** Begin where the focus comes to the map. */
  function begin() {
    const xy = ground.points();
    if (xy?.length && hasFocus(ground.plot)) {
      put(row ?? ground.shown() ?? central(xy, ground.view()));
      ground.say(wordsHere(/** @type {number} */ (row)));
    }
    ground.mark();
  }

  /** @param {Float32Array} xy @param {number} at @param {KeyboardEvent} event */
  function move(xy, at, { key, shiftKey }) {
    const to = onward(xy, ground.view(), at, key);
    if (to === null) return ground.say(`no point further ${key.slice(5).toLowerCase()}`);
    put(to);
    if (!inside(xy, ground.view(), to)) ground.look(centered(xy, ground.view(), to, 1));
    if (shiftKey) ground.select(new Set([...ground.selected(), at, to]));
    ground.say(wordsHere(to));
    ground.mark();
  }

  /** Show the sample under the cursor; when it is shown, the next one that lies there. @param {number} at */
  function show(at) {
    row = ground.shown() === at && here.includes(at) ? here[(here.indexOf(at) + 1) % here.length] : at;
    ground.show(row);
    ground.say(wordsHere(row));
    ground.mark();
  }

  /** @param {Float32Array} xy @param {number[][]} ranges @param {string} way */
  function look(xy, [x, y], way) {
    const { x: from } = ground.view();
    const as = Math.abs(x[1] - x[0] - (from[1] - from[0])) < 1e-9 && way !== WHOLLY ? `no ${way}` : way;
    ground.look([x, y]);
    lookHere();
    const n = countInside(xy, { ...ground.view(), x, y });
    ground.say(`${as}, ${n.toLocaleString("en")} point${n === 1 ? "" : "s"} in view`);
  }

  /** @param {number} at */
  function toggle(at) {
    const rows = new Set(ground.selected());
    if (!rows.delete(at)) rows.add(at);
    ground.select(rows);
    ground.say(`${ground.words(at)}; ${count()}`);
  }

  /** @param {Float32Array} xy @param {number} at */
  function grow(xy, at) {
    radius += GROWTH;
    ground.select(new Set([...ground.selected(), ...around(xy, ground.view(), at, radius)]));
    ground.say(count());
  }

  const count = () => `${ground.selected().length.toLocaleString("en")} selected`;

  return {
    row: () => row,
    put,
    begin,
    /** @param {KeyboardEvent} event @returns {boolean} whether the key moves or uses the cursor */
    onKey(event) {
      const xy = ground.points();
      if (row === null || !xy) return false;
      const at = row;
      const zoom = (/** @type {number} */ by) => () => look(xy, centered(xy, ground.view(), at, by), by > 1 ? "closer" : "farther");
      const actions = /** @type {Record<string, () => void>} */ ({
        Enter: () => show(at),
        " ": () => toggle(at),
        g: () => grow(xy, at),
        "+": zoom(2),
        "=": zoom(2),
        "-": zoom(0.5),
        Home: () => look(xy, [WHOLE, WHOLE], WHOLLY),
      });
      const act = /^Arrow/.test(event.key) ? () => move(xy, at, event) : actions[event.key] ?? actions[letterOf(event).toLowerCase()];
      if (!act) return false;
      event.preventDefault();
      act();
      return true;
    },
  };
}
