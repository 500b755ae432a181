// @ts-check
/** The points of a map, drawn by plotly.js, and its legend. */

import { hasFocus, make } from "../common/dom.js";
import { isPlain, plotly } from "../common/plotly.js";
import { CONFIG, TOP, layoutOf, marksOn } from "./map_figure.js";
import { LOOKS, grouped, inWords, stepOf, traces } from "./points.js";

/** Between two drawings: answers come faster than a large map is drawn. */
const GAP_MS = 150;

/**
 * Draw on canvases that do not smooth edges: points have smooth ones of their own, and it takes as long again.
 * plotly.js does not let one choose.
 * @param {() => Promise<any>} drawing asks for its canvases before it returns
 */
function unsmoothed(drawing) {
  const canvas = /** @type {any} */ (HTMLCanvasElement.prototype);
  const { getContext } = canvas;
  canvas.getContext = function (/** @type {string} */ kind, /** @type {any} */ options) {
    return getContext.call(this, kind, { ...options, antialias: false });
  };
  try {
    return drawing();
  } finally {
    canvas.getContext = getContext;
  }
}

/**
 * @typedef {object} On
 * @property {(rows: number[]) => void} select points were drawn round
 * @property {(row: number) => void} click
 * @property {() => void} ready the points are drawn for the first time
 * @property {() => number|null} cursor the row that the cursor is on
 * @property {(row: number|null, right?: boolean) => void} hover the pointer is over a point, in the right half or not; or over none
 */

/**
 * @typedef {object} Plot
 * @property {HTMLElement} root
 * @property {import("./map_messages.js").MapMessages} map
 * @property {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>} model
 * @property {On} on
 * @property {HTMLElement} element
 * @property {HTMLElement} legend
 * @property {any} library plotly.js, null until it is there
 * @property {boolean} gone
 * @property {ReturnType<typeof setTimeout>|0} pending
 * @property {number} drawnAt
 * @property {any[]} onPlot what the points that are drawn were drawn of
 * @property {string} marked
 */

/** @param {HTMLElement} root @param {import("./map_messages.js").MapMessages} map @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>} model @param {On} on */
export function makeMapPlot(root, map, model, on) {
  const element = make("div", "alw-plot", "Drawing the map ...");
  element.tabIndex = 0;
  // A screen reader leaves the arrow keys to it.
  element.setAttribute("role", "application");
  element.setAttribute("aria-roledescription", "map");
  const legend = make("ul", "alw-map-legend");
  /** @type {Plot} */ const plot = {
    root, map, model, on, element, legend, library: null, gone: false, pending: 0, drawnAt: 0, onPlot: [], marked: "",
  };
  const size = new ResizeObserver(() => plot.library && isDrawn(plot) && plot.library.Plots.resize(element));
  size.observe(root);
  plotly(model).then((loaded) => {
    plot.library = loaded;
    drawSoon(plot);
  });
  return {
    element, legend,
    view: () => viewOf(plot),
    /** Whether a point lies in the right half of what is on screen. @param {number} row */
    isInRight: (row) => isInRight(plot, row),
    focus: () => focusPlot(plot),
    drawSoon: () => drawSoon(plot),
    drawMarks: () => drawMarks(plot),
    isDrawn: () => isDrawn(plot),
    /** Move what is on screen. @param {number[][]} ranges */
    look: ([x, y]) => plot.library.relayout(element, { "xaxis.range": [...x], "yaxis.range": [...y] }),
    close() {
      plot.gone = true;
      size.disconnect();
      plot.library?.purge(element);
    },
  };
}

/** @param {Plot} plot */
function isDrawn({ element }) {
  return Boolean(element.dataset.version);
}

/** @param {Plot} plot */
function focusPlot({ element }) {
  element.focus({ preventScroll: true });
}

/** What is on screen. @param {Plot} plot */
function viewOf({ element }) {
  const { xaxis, yaxis } = /** @type {any} */ (element).layout;
  return { x: xaxis.range, y: yaxis.range, width: element.clientWidth, height: element.clientHeight - TOP };
}

/** Draw the points: only when something in them is new, and not too often. @param {Plot} plot */
function drawSoon(plot) {
  if (plot.pending || plot.gone) return;
  plot.pending = setTimeout(() => {
    plot.pending = 0;
    requestAnimationFrame(() => drawPoints(plot));
  }, Math.max(0, plot.drawnAt + GAP_MS - performance.now()));
}

/** @param {Plot} plot */
function drawPoints(plot) {
  const { root, map, model, element, library } = plot;
  const dark = root.classList.contains("alw-dark");
  const { xy, pool, version, selected } = map.state;
  const [color, classes, parts] = [model.get("_color"), model.get("_classes"), model.get("_parts")];
  const wanted = [library, xy, version, color, dark, classes.join("\n"), parts.join("\n")];
  if (!library || !xy || plot.gone || wanted.every((value, i) => value === plot.onPlot[i])) return;
  plot.onPlot = wanted;
  plot.drawnAt = performance.now();
  const groups = grouped(color, pool, classes, dark ? LOOKS.dark : LOOKS.light, parts);
  if (!element.classList.contains("js-plotly-plot")) element.textContent = "";
  element.setAttribute("aria-label", inWords(color, groups));
  drawLegend(plot.legend, color, groups, stepOf(xy.length / 2, isPlain()));
  const view = isDrawn(plot) ? viewOf(plot) : null;
  const layout = layoutOf(getComputedStyle(root), view, version, marks(plot, xy));
  unsmoothed(() => library.react(element, traces(groups, xy, selected, isPlain()), layout, CONFIG)).then(() => afterDrawing(plot, version, color));
}

/** @param {Plot} plot @param {number} version @param {string} color */
function afterDrawing(plot, version, color) {
  const { element } = plot;
  const first = !isDrawn(plot);
  if (first) listen(plot);
  skipButtons(element);
  // For whoever waits for a redraw: which state is drawn.
  element.dataset.version = String(version);
  element.dataset.color = color;
  if (first) plot.on.ready();
  element.dispatchEvent(new CustomEvent("alw-drawn"));
}

/** @param {Plot} plot @param {Float32Array} xy */
function marks({ root, map, element, on }, xy) {
  return marksOn(xy, getComputedStyle(root), map.shownRow(), hasFocus(element) ? on.cursor() : null);
}

/** @param {Plot} plot */
function drawMarks(plot) {
  const { xy } = plot.map.state;
  if (!isDrawn(plot) || plot.gone || !xy) return;
  const shapes = marks(plot, xy);
  if (JSON.stringify(shapes) === plot.marked) return;
  plot.marked = JSON.stringify(shapes);
  plot.library.relayout(plot.element, { shapes });
}

/** Keys do what the plot's own buttons do: on the way to the samples they would be five stops. @param {HTMLElement} element */
function skipButtons(element) {
  for (const button of element.querySelectorAll(".modebar-btn")) button.setAttribute("tabindex", "-1");
}

/** @param {Plot} plot */
function listen(plot) {
  const { element, on } = plot;
  const target = /** @type {any} */ (element);
  target.on("plotly_afterplot", () => skipButtons(element));
  target.on("plotly_selected", (/** @type {any} */ event) => {
    // It also comes after a redraw, without a shape.
    if (!event?.lassoPoints && !event?.range) return;
    on.select(rowsOfEvent(event));
    focusPlot(plot);
  });
  target.on("plotly_deselect", () => on.select([]));
  target.on("plotly_hover", (/** @type {any} */ event) => {
    rowsOfEvent(event).slice(0, 1).forEach((row) => on.hover(row, isInRight(plot, row)));
  });
  target.on("plotly_unhover", () => on.hover(null));
  target.on("plotly_click", (/** @type {any} */ event) => rowsOfEvent(event).slice(0, 1).forEach(on.click));
}

/** @param {Plot} plot @param {number} row */
function isInRight(plot, row) {
  const { x } = viewOf(plot);
  return /** @type {Float32Array} */ (plot.map.state.xy)[row] > (x[0] + x[1]) / 2;
}

/** @param {any} event @returns {number[]} */
function rowsOfEvent(event) {
  return event.points.map((/** @type {any} */ point) => point.customdata).filter((/** @type {any} */ row) => row !== undefined);
}

/** @param {HTMLElement} legend @param {string} color @param {import("./points.js").Group[]} groups @param {number} step */
function drawLegend(legend, color, groups, step) {
  legend.setAttribute("aria-label", `colors by ${color}`);
  legend.replaceChildren(
    ...groups.map(({ name, color, mark, count }) => {
      const entry = make("li", "");
      const swatch = make("span", "alw-map-mark", mark);
      swatch.style.color = color;
      swatch.setAttribute("aria-hidden", "true");
      entry.append(swatch, make("span", "alw-map-name", name), make("b", "", count.toLocaleString("en")));
      return entry;
    }),
    ...(step > 1 ? [make("li", "", `one point in ${step} is drawn`)] : []),
  );
}
