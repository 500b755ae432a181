// @ts-check
/** A glance at the sample under the pointer, or under the cursor of the keys, in a corner of the map. */

import { make } from "../common/dom.js";
import { drawn } from "../common/sample.js";

/** Who only passes over a point asks for nothing. */
const DWELL_MS = 80;

/**
 * @typedef {object} Peek
 * @property {import("./map_messages.js").MapMessages} map
 * @property {(row: number) => string} words
 * @property {HTMLElement} element
 * @property {HTMLElement} box
 * @property {HTMLElement} line
 * @property {ReturnType<typeof setTimeout>|undefined} dwelling
 * @property {any} onScreen what the box holds: a payload, or the row while that is not there
 */

/** @param {import("./map_messages.js").MapMessages} map @param {(row: number) => string} words what is known of a point */
export function makePeek(map, words) {
  const element = make("div", "alw-map-peek");
  // Who cannot see it is told of the point, and has Enter.
  element.setAttribute("aria-hidden", "true");
  element.hidden = true;
  const box = make("div", "alw-map-sample");
  const line = make("p", "");
  element.append(box, line);
  /** @type {Peek} */ const peek = { map, words, element, box, line, dwelling: undefined, onScreen: null };
  return {
    element,
    /** @param {number|null} row null for none @param {boolean} [right] whether the point lies in the right half, and the glance goes to the left one */
    at: (row, right = false) => glanceAt(peek, row, right),
    draw: () => drawPeek(peek),
    close: () => clearTimeout(peek.dwelling),
  };
}

/** @param {Peek} peek @param {number|null} row @param {boolean} right */
function glanceAt(peek, row, right) {
  clearTimeout(peek.dwelling);
  const look = () => {
    if (row !== null) peek.element.classList.toggle("alw-left", right);
    peek.map.peek(row);
    drawPeek(peek);
  };
  if (row === null || peek.map.state.payloads.has(row)) look();
  else peek.dwelling = setTimeout(look, DWELL_MS);
}

/** @param {Peek} peek */
function drawPeek(peek) {
  const { map: { state }, element, box, line, words } = peek;
  const row = state.peeked;
  element.hidden = row === null;
  if (row === null) return;
  line.textContent = words(row);
  const payload = state.payloads.get(row);
  if (peek.onScreen === (payload ?? row)) return;
  peek.onScreen = payload ?? row;
  box.replaceChildren(payload ? drawn(payload) : "Loading ...");
}
