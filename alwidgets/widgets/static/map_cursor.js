// @ts-check
/** The cursor of a map: it goes from point to point by keyboard, shows and selects them. */

import { hasFocus, make } from "./dom.js";
import { WHOLE, around, centred, central, inside, onward } from "./nearest.js";

/** Each press selects what lies so many pixels further round. */
const GROWTH = 16;
const KEYS = [
  ["Arrows", "the nearest point in that direction"],
  ["Enter", "show the sample; Tab goes to its buttons"],
  ["Space", "add the point to the selection, or take it out"],
  ["Shift+arrows", "select on the way"],
  ["G", "select the points around; again for more"],
  ["+, \u2212, 0", "closer, farther, the whole map"],
  ["Esc", "clear the selection, then leave"],
];

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
 * @property {() => number|null} start the row to begin with; null for one in the middle
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

  /** @param {number} to */
  function put(to) {
    row = to;
    radius = 0;
  }

  /** Begin where the focus comes to the map. */
  function begin() {
    const xy = ground.points();
    if (xy?.length && hasFocus(ground.plot)) {
      put(row ?? ground.start() ?? central(xy, ground.view()));
      ground.say(ground.words(/** @type {number} */ (row)));
    }
    ground.mark();
  }

  /** @param {Float32Array} xy @param {number} at @param {KeyboardEvent} event */
  function move(xy, at, { key, shiftKey }) {
    const to = onward(xy, ground.view(), at, key);
    if (to === null) return ground.say(`no point further ${key.slice(5).toLowerCase()}`);
    put(to);
    if (!inside(xy, ground.view(), to)) ground.look(centred(xy, ground.view(), to, 1));
    if (shiftKey) ground.select(new Set([...ground.selected(), at, to]));
    ground.say(ground.words(to));
    ground.mark();
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
    /** @param {KeyboardEvent} event */
    onKey(event) {
      const xy = ground.points();
      if (row === null || !xy) return;
      const at = row;
      const zoom = (/** @type {number} */ closer) => () => ground.look(centred(xy, ground.view(), at, closer));
      const actions = /** @type {Record<string, () => void>} */ ({
        Enter: () => ground.show(at),
        " ": () => toggle(at),
        g: () => grow(xy, at),
        "+": zoom(2),
        "=": zoom(2),
        "-": zoom(0.5),
        0: () => ground.look([WHOLE, WHOLE]),
      });
      const act = /^Arrow/.test(event.key) ? () => move(xy, at, event) : actions[event.key] ?? actions[event.key.toLowerCase()];
      if (!act) return;
      event.preventDefault();
      act();
    },
  };
}
