// @ts-check
/** A race on the page: two panels with their titles, the curves, and how it stands in words. */

import { make } from "../common/dom.js";
import { drawCurves, percent } from "./race_curves.js";
import { drawPanel, makePanel, tonesOf } from "./race_panels.js";
import { svg } from "./race_shapes.js";

const RUNNING =
  "Filled: may be asked. Hollow: never asked, both accuracies are measured on these. Outlined: labeled; ringed: the newest. " +
  "Reset to draw on.";
const DRAWING =
  "Drag to draw with the chosen brush. Half of each class may be asked; the other half is never asked, and measures both.";
/** Left and right of the curves. */
const MARGINS = 32;

/**
 * @typedef {object} Race
 * @property {HTMLElement} root
 * @property {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").RaceState & {classes: string[]}>} model
 * @property {string[]} classes
 * @property {number} sent the number of the last message
 * @property {ReturnType<typeof import("./race_fields.js").makeDrawTools>} tools
 * @property {ReturnType<typeof import("./race_fields.js").makeTerms>} terms
 * @property {ReturnType<typeof import("./race_run.js").makeRun>} run
 * @property {ReturnType<typeof import("./race_brush.js").makeBrush>} brush
 * @property {ReturnType<typeof makeRacePage>} page
 */

export function makeRacePage() {
  const sentence = make("p", "alw-sentence");
  sentence.setAttribute("aria-live", "polite");
  const problem = make("p", "alw-problem");
  problem.setAttribute("role", "alert");
  problem.hidden = true;
  const panels = /** @type {const} */ (["_active_map", "_random_map"]).map(makePanel);
  const both = make("div", "alw-panels");
  both.append(...panels.map(({ element }) => element));
  const curve = svg("svg", { class: "alw-curves", role: "img" });
  const legend = make("p", "alw-legend");
  return { sentence, problem, panels, both, curve, legend };
}

/** How the race stands, as the kernel told it. @param {Race} race */
export function standOf({ model }) {
  return model.get("_race");
}

/** @param {Race} race @param {string} text */
export function sayInRace({ page: { problem } }, text) {
  problem.textContent = text;
  problem.hidden = !text;
}

/** @param {Race} race */
export function drawRace(race) {
  const { model, tools, terms, run, page } = race;
  tools.draw(model.get("_points").length === 0);
  terms.draw();
  run.draw();
  page.sentence.textContent = standOf(race).sentence;
  drawTitles(race);
  page.legend.textContent = standOf(race).running ? RUNNING : DRAWING;
  drawPictures(race);
}

/** What depends on the widget's width. @param {Race} race */
export function drawPictures(race) {
  drawPanels(race);
  drawCurve(race);
}

/** @param {Race} race */
export function drawPanels(race) {
  const { root, classes, model, brush, tools, run, page } = race;
  const stand = standOf(race);
  const tones = tonesOf(root, classes.length);
  const known = /** @type {number[][]} */ (model.get("_points"));
  const points = [...known, ...brush.stroke().map(([x, y]) => [x, y, tools.code()])];
  const hidden = run.isManual() && stand.running;
  page.panels.forEach(({ canvas, map }, number) => {
    drawPanel(canvas, { race: stand, points, map: model.get(map), number, hidden, tones });
  });
}

/** @param {Race} race */
function drawTitles(race) {
  const { model, page: { panels } } = race;
  const { running, scores } = standOf(race);
  const nPoints = model.get("_points").length;
  [model.get("_settings").strategy, "random"].forEach((name, number) => {
    const { name: title, score, canvas } = panels[number];
    const value = running ? percent(scores[number]) : "";
    const words = name.replaceAll("_", " ");
    const before = number ? "and here random sampling will ask" : `draw here: ${words} will ask`;
    title.textContent = running ? `${words} asks` : before;
    score.textContent = value;
    canvas.classList.toggle("alw-drawable", !running);
    canvas.setAttribute("aria-label", `${nPoints} points; what ${name} has labeled, and its model's boundary. ${value}`);
  });
}

/** @param {Race} race */
function drawCurve(race) {
  const { root, model, page } = race;
  drawCurves(page.curve, root.clientWidth - MARGINS, standOf(race), model.get("_settings").strategy);
  root.dataset.rounds = String(standOf(race).curves?.length ?? 0);
}
