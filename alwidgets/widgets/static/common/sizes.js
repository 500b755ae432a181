// @ts-check
/** How large images are asked for: as they are shown, in steps, so that what is a little larger needs no other image. */

const STEP = 256;
/** Of a card, before its size is known and where it is small: the next one may be larger. */
const OF_A_CARD = 1024;
/** Beside a map, a table or a dispute a sample is at most so long, in pixels of the page. */
const BESIDE = 480;

/** Pixels of the screen along a length of the page. @param {number} length */
function stepped(length) {
  return STEP * Math.ceil((length * (globalThis.devicePixelRatio ?? 1)) / STEP);
}

/** Of a card whose sample has so much room. @param {number} length */
export function sideOf(length) {
  return Math.max(OF_A_CARD, stepped(length));
}

/** Of a sample that is shown beside something else. */
export function sideBeside() {
  return stepped(BESIDE);
}
