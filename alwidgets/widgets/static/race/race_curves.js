// @ts-check
/** The two curves: accuracy against labels. */

import { svg } from "./race_shapes.js";

const SIZE = { height: 200, left: 44, right: 132, top: 12, bottom: 32 };
/** Two names closer than so many pixels could not be read. */
const APART = 15;

/**
 * Where the curves' axes end.
 * @param {(number|null)[][]} curves labels, score of the strategy, score of random sampling
 * @param {number} nMost labels there can be
 */
export function axes(curves, nMost) {
  const scores = /** @type {number[]} */ (curves.flatMap((row) => row.slice(1)).filter((score) => score !== null));
  const low = Math.min(0.5, Math.floor(Math.min(1, ...scores) * 10) / 10);
  const last = curves.length ? Number(curves[curves.length - 1][0]) : 0;
  return { low, most: Math.max(1, Math.min(nMost, Math.max(20, Math.ceil(last / 20) * 20))) };
}

/** @param {number|null} score */
export function percent(score) {
  return score === null ? "no model yet" : `${Math.round(score * 100)}%`;
}

/**
 * Where a number of labels and a score lie on the drawing.
 * @param {number} width @param {number} low @param {number} most
 */
function scales(width, low, most) {
  const { height, left, right, top, bottom } = SIZE;
  return {
    x: (/** @type {number} */ n) => left + (n / most) * (width - left - right),
    y: (/** @type {number} */ score) => top + ((1 - score) / (1 - low)) * (height - top - bottom),
  };
}

/** @param {number} width @param {number} low @param {number} most @param {ReturnType<typeof scales>} at */
function drawnAxes(width, low, most, { x, y }) {
  const { height, left, right, bottom } = SIZE;
  const parts = [];
  for (let score = low; score < 1.001; score += 0.1) {
    parts.push(svg("line", { x1: left, x2: width - right, y1: y(score), y2: y(score), class: "alw-grid" }));
    if (Math.round(score * 10) % 2 === 0) parts.push(svg("text", { x: left - 8, y: y(score) + 4, "text-anchor": "end" }, percent(score)));
  }
  const every = most <= 40 ? 10 : most <= 120 ? 20 : Math.ceil(most / 6 / 50) * 50;
  for (let n = 0; n <= most; n += every) parts.push(svg("text", { x: x(n), y: height - bottom + 18, "text-anchor": "middle" }, String(n)));
  parts.push(svg("text", { x: width - right + 16, y: height - bottom + 18 }, "labels"));
  return parts;
}

/**
 * A curve, and where it ends.
 * @param {(number|null)[][]} rows @param {number} which 0 for the strategy, 1 for random sampling @param {ReturnType<typeof scales>} at
 */
function drawnLine(rows, which, { x, y }) {
  const known = rows.filter((row) => row[which + 1] !== null);
  const points = known.map((row) => `${x(Number(row[0])).toFixed(1)},${y(Number(row[which + 1])).toFixed(1)}`);
  const name = which ? "random" : "active";
  const line = svg("polyline", { points: points.join(" "), class: `alw-${name}`, "data-of": name });
  const end = known[known.length - 1] ?? [0, 0, 0];
  return { line, x: x(Number(end[0])), y: y(Number(end[which + 1])), score: Number(end[which + 1]) };
}

/** @param {ReturnType<typeof drawnLine>[]} ends @param {string[]} names */
function drawnNames(ends, names) {
  const gap = ends[1].y - ends[0].y;
  const apart = Math.max(0, APART - Math.abs(gap)) / 2;
  return ends.flatMap((end, which) => {
    const up = which === 0 ? gap >= 0 : gap < 0;
    const kind = which ? "random" : "active";
    const name = names[which];
    const text = `${name.length > 12 ? `${name.slice(0, 11)}\u2026` : name} ${percent(end.score)}`;
    const place = { x: end.x + 8, y: Math.max(12, end.y + (up ? -apart : apart) + 4) };
    return [
      svg("circle", { cx: end.x, cy: end.y, r: 3.5, class: `alw-${kind}-end` }),
      svg("text", { ...place, class: `alw-${kind}-name` }, text),
    ];
  });
}

/**
 * Draw the curves, once there is something to see.
 * @param {Element} curve @param {number} width @param {import("../common/sent.d.ts").RaceStanding} race @param {string} strategy
 */
export function drawCurves(curve, width, race, strategy) {
  const rows = /** @type {(number|null)[][]} */ (race.curves ?? []);
  curve.toggleAttribute("hidden", rows.length === 0);
  if (!rows.length || width <= 0) return;
  const { low, most } = axes(rows, race.n_asked);
  const at = scales(width, low, most);
  const ends = [0, 1].map((which) => drawnLine(rows, which, at));
  curve.setAttribute("width", String(width));
  curve.setAttribute("height", String(SIZE.height));
  curve.setAttribute("viewBox", `0 0 ${width} ${SIZE.height}`);
  curve.setAttribute("aria-label", `Accuracy against labels. ${race.sentence}`);
  curve.replaceChildren(...drawnAxes(width, low, most, at), ...ends.map(({ line }) => line), ...drawnNames(ends, [strategy, "random"]));
}
