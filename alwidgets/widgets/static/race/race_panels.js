// @ts-check
/** The two panels: what each model says of the plane, and the points on it. */

import { make } from "../common/dom.js";
import { boundary, marker } from "./race_shapes.js";

/**
 * @typedef {{classes: string[], text: string, quiet: string, ring: string}} Tones colors of a panel
 *
 * @typedef {object} Panel what one panel shows
 * @property {import("../common/sent.d.ts").RaceStanding} race
 * @property {number[][]} points x, y, class
 * @property {DataView|null} map
 * @property {number} number of the panel: 0 for the strategy's, 1 for random sampling's
 * @property {boolean} hidden whether classes are to be guessed
 * @property {Tones} tones
 */

/** @param {Element} root @param {number} nClasses @returns {Tones} */
export function tonesOf(root, nClasses) {
  const style = getComputedStyle(root);
  const value = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    classes: Array.from({ length: nClasses }, (_, code) => value(`--alw-class-${code}`)),
    text: value("--alw-text"), quiet: value("--alw-quiet"), ring: value("--alw-ring"),
  };
}

/** @param {"_active_map"|"_random_map"} map the trait that has its map */
export function makePanel(map) {
  const element = make("figure");
  const title = make("figcaption");
  const name = make("span");
  const score = make("strong");
  title.append(name, score);
  const canvas = /** @type {HTMLCanvasElement} */ (make("canvas"));
  canvas.setAttribute("role", "img");
  element.append(title, canvas);
  return { element, map, name, score, canvas };
}

/** @param {HTMLCanvasElement} canvas @param {Panel} panel */
export function drawPanel(canvas, panel) {
  const size = canvas.clientWidth;
  if (!size) return;
  const scale = devicePixelRatio || 1;
  canvas.width = canvas.height = Math.round(size * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(scale, scale);
  if (panel.map?.byteLength) drawMap(context, panel.map, size, panel);
  drawPoints(context, size, panel);
}

/** @param {CanvasRenderingContext2D} context @param {string} color */
function channels(context, color) {
  context.fillStyle = color;
  const hex = /^#(..)(..)(..)$/.exec(String(context.fillStyle));
  return hex ? hex.slice(1).map((part) => parseInt(part, 16)) : [128, 128, 128];
}

/** @param {CanvasRenderingContext2D} context @param {DataView} map @param {number} size @param {Panel} panel */
function drawMap(context, map, size, { race, tones }) {
  const { grid, drawn } = race;
  const leads = /** @type {number[]} */ (drawn).map((_, plane) => new Int8Array(map.buffer, map.byteOffset + plane * grid * grid, grid * grid));
  const small = document.createElement("canvas");
  small.width = small.height = grid;
  const pixels = new ImageData(grid, grid);
  leads.forEach((lead, plane) => paint(pixels, lead, grid, channels(context, tones.classes[drawn[plane]])));
  /** @type {CanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(pixels, 0, 0);
  context.drawImage(small, 0, 0, size, size);
  context.save();
  context.scale(size / grid, size / grid);
  context.lineWidth = (1.5 * grid) / size;
  context.strokeStyle = tones.text;
  // Of two classes, one line is both's.
  for (const lead of leads.slice(leads.length === 2 ? 1 : 0)) context.stroke(new Path2D(boundary(lead, grid)));
  context.restore();
}

/** The surer the model, the deeper the color. @param {ImageData} pixels @param {Int8Array} lead @param {number} grid @param {number[]} tone */
function paint(pixels, lead, grid, tone) {
  lead.forEach((ahead, at) => {
    const row = grid - 1 - Math.floor(at / grid);
    if (ahead > 0) pixels.data.set([...tone, 32 + (ahead * 64) / 127], 4 * (row * grid + (at % grid)));
  });
}

/** @param {CanvasRenderingContext2D} context @param {number} size @param {Panel} panel */
function drawPoints(context, size, panel) {
  const { race, number, hidden, tones } = panel;
  const answered = race.running ? new Map(race.labeled[number]) : new Map();
  const measured = new Set(race.measured);
  const paths = pathsOf(panel, size, answered);
  const tone = (/** @type {number} */ code) => (hidden ? tones.quiet : tones.classes[code]);
  context.lineWidth = 1;
  context.globalAlpha = 0.75;
  paths((row) => measured.has(row), 2.6).forEach((path, code) => {
    context.strokeStyle = tone(code);
    context.stroke(path);
  });
  context.globalAlpha = hidden ? 0.55 : 0.85;
  paths((row) => !measured.has(row) && !answered.has(row), race.running ? 3 : 3.4).forEach((path, code) => {
    context.fillStyle = tone(code);
    context.fill(path);
  });
  context.globalAlpha = 1;
  paths((row) => answered.has(row), 5.5).forEach((path, code) => {
    context.fillStyle = tones.classes[code];
    context.strokeStyle = tones.text;
    context.lineWidth = 1.5;
    context.fill(path);
    context.stroke(path);
  });
  drawRings(context, size, panel);
}

/** Where a point lies on a panel. @param {import("../common/sent.d.ts").RaceStanding} race @param {number} size @param {number[]} point */
function pixelsOf({ reach }, size, [x, y]) {
  return [((x + reach) / (2 * reach)) * size, ((reach - y) / (2 * reach)) * size];
}

/**
 * The markers of some of the points, a path a class.
 * @param {Panel} panel @param {number} size @param {Map<number, number>} answered classes of what was labeled
 * @returns {(wanted: (row: number) => boolean, r: number) => Path2D[]}
 */
function pathsOf({ race, points, hidden, tones }, size, answered) {
  return (wanted, r) => {
    const made = tones.classes.map(() => "");
    points.forEach((point, row) => {
      if (!wanted(row)) return;
      const [x, y] = pixelsOf(race, size, point);
      const code = answered.get(row) ?? point[2];
      made[code] += marker(hidden && !answered.has(row) ? 0 : code, x, y, r);
    });
    return made.map((path) => new Path2D(path));
  };
}

/** The newest labels have rings, the question a bold one. @param {CanvasRenderingContext2D} context @param {number} size @param {Panel} panel */
function drawRings(context, size, { race, points, number, hidden, tones }) {
  const ring = (/** @type {number} */ row, /** @type {number} */ r) => {
    const [x, y] = pixelsOf(race, size, points[row]);
    context.beginPath();
    context.arc(x, y, r, 0, 2 * Math.PI);
    context.stroke();
  };
  context.strokeStyle = tones.ring;
  context.lineWidth = 2;
  if (race.running && race.n_newest) for (const [row] of race.labeled[number].slice(-race.n_newest)) ring(row, 9.5);
  if (!hidden || number || race.question === null) return;
  context.lineWidth = 4;
  ring(race.question, 12);
}
