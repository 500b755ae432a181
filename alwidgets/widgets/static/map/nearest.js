// @ts-check
/** From point to point of a map: plain functions on plain values, without a page. */

/** Points nearer than this, in pixels, both across and up, lie on one another: no arrow key goes from one to the other. */
const APART = 8;
/** What lies aside of the way counts as so many times as far. */
const ASIDE = 2;
/** The whole map, with a margin. @type {[number, number]} */
export const WHOLE = [-0.03, 1.03];
/** Coordinates have no more digits. */
const CLOSEST = 1e-5;

/** @typedef {{x: number[], y: number[], width: number, height: number}} View what of the map is on screen, and its pixels */

/** @param {View} view */
const pixels = ({ x, y, width, height }) => [width / (x[1] - x[0]), height / (y[1] - y[0])];

/**
 * The nearest point in a direction, null when there is none. Looks at all: quick enough for every press of a key.
 * @param {Float32Array} xy all x, then all y
 * @param {View} view
 * @param {number} from a row
 * @param {string} way as in KeyboardEvent.key
 * @returns {number|null}
 */
export function onward(xy, view, from, way) {
  const n = xy.length / 2;
  const [perX, perY] = pixels(view);
  const level = way === "ArrowLeft" || way === "ArrowRight";
  const sign = way === "ArrowRight" || way === "ArrowUp" ? 1 : -1;
  let found = null;
  let least = Infinity;
  for (let row = 0; row < n; row++) {
    const dx = (xy[row] - xy[from]) * perX;
    const dy = (xy[n + row] - xy[n + from]) * perY;
    const ahead = sign * (level ? dx : dy);
    const far = ahead + ASIDE * Math.abs(level ? dy : dx);
    if (ahead < APART || far >= least) continue;
    least = far;
    found = row;
  }
  return found;
}

/**
 * The points that lie on a point, itself the first, then in the order of their rows and from the first again.
 * @param {Float32Array} xy
 * @param {View} view
 * @param {number} row
 * @returns {number[]} rows
 */
export function stacked(xy, view, row) {
  const n = xy.length / 2;
  const [perX, perY] = pixels(view);
  const [before, after] = /** @type {number[][]} */ ([[], []]);
  for (let each = 0; each < n; each++) {
    const across = Math.abs((xy[each] - xy[row]) * perX);
    const up = Math.abs((xy[n + each] - xy[n + row]) * perY);
    if (across < APART && up < APART) (each < row ? before : after).push(each);
  }
  return [...after, ...before];
}

/** How far each point is from a place, squared and in pixels. @param {Float32Array} xy @param {View} view @param {number} x @param {number} y */
function distances(xy, view, x, y) {
  const n = xy.length / 2;
  const [perX, perY] = pixels(view);
  const far = new Float64Array(n);
  for (let row = 0; row < n; row++) far[row] = ((xy[row] - x) * perX) ** 2 + ((xy[n + row] - y) * perY) ** 2;
  return far;
}

/** The point nearest to the middle of what is on screen. @param {Float32Array} xy @param {View} view */
export function central(xy, view) {
  const far = distances(xy, view, (view.x[0] + view.x[1]) / 2, (view.y[0] + view.y[1]) / 2);
  return far.reduce((best, value, row) => (value < far[best] ? row : best), 0);
}

/**
 * The points round a point, itself among them.
 * @param {Float32Array} xy
 * @param {View} view
 * @param {number} row
 * @param {number} radius in pixels
 * @returns {number[]} rows
 */
export function around(xy, view, row, radius) {
  const rows = /** @type {number[]} */ ([]);
  distances(xy, view, xy[row], xy[xy.length / 2 + row]).forEach((far, each) => far <= radius ** 2 && rows.push(each));
  return rows;
}

/** How many points are on screen. @param {Float32Array} xy @param {View} view */
export function countInside(xy, view) {
  let count = 0;
  for (let row = 0; row < xy.length / 2; row++) if (inside(xy, view, row)) count += 1;
  return count;
}

/** Whether a point is on screen. @param {Float32Array} xy @param {View} view @param {number} row */
export function inside(xy, { x, y }, row) {
  const [px, py] = [xy[row], xy[xy.length / 2 + row]];
  return px >= x[0] && px <= x[1] && py >= y[0] && py <= y[1];
}

/**
 * The ranges of x and y with a point in their middle, so many times closer; never wider than the whole map.
 * @param {Float32Array} xy
 * @param {View} view
 * @param {number} row
 * @param {number} closer
 * @returns {number[][]}
 */
export function centered(xy, { x, y }, row, closer) {
  return [x, y].map((range, axis) => {
    const span = Math.max((range[1] - range[0]) / closer, CLOSEST);
    if (span >= WHOLE[1] - WHOLE[0]) return WHOLE;
    const middle = xy[(axis * xy.length) / 2 + row];
    return [middle - span / 2, middle + span / 2];
  });
}
