// @ts-check
/** The points of a map, drawn by plotly.js, and its legend. */

import { hasFocus, make } from "../common/dom.js";
import { plotly } from "../common/plotly.js";
import { CONFIG, TOP, layoutOf, marksOn } from "./map_figure.js";
import { LOOKS, grouped, inWords, traces } from "./points.js";

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
 */

/** @param {HTMLElement} root @param {import("./map_messages.js").MapMessages} map @param {any} model @param {On} on */
export function makeMapPlot(root, map, model, on) {
  const { state } = map;
  const element = make("div", "alw-plot");
  element.tabIndex = 0;
  // A screen reader leaves the arrow keys to it.
  element.setAttribute("role", "application");
  element.setAttribute("aria-roledescription", "map");
  element.textContent = "Drawing the map ...";
  const legend = make("ul", "alw-map-legend");
  /** @type {any} */ let library = null;
  let gone = false;
  let pending = 0;
  let drawnAt = 0;
  /** What the points that are drawn were drawn of. @type {any[]} */ let onPlot = [];
  let marked = "";
  const isDrawn = () => Boolean(element.dataset.version);
  const focus = () => element.focus({ preventScroll: true });

  function view() {
    const { xaxis, yaxis } = /** @type {any} */ (element).layout;
    return { x: xaxis.range, y: yaxis.range, width: element.clientWidth, height: element.clientHeight - TOP };
  }

  /** Draw the points: only when something in them is new, and not too often. */
  function drawSoon() {
    if (pending || gone) return;
    pending = setTimeout(() => {
      pending = 0;
      requestAnimationFrame(drawPoints);
    }, Math.max(0, drawnAt + GAP_MS - performance.now()));
  }

  function drawPoints() {
    const dark = root.classList.contains("alw-dark");
    const { xy, pool, version, selected } = state;
    const [color, classes] = [model.get("_color"), model.get("_classes")];
    const wanted = [library, xy, version, color, dark, classes.join("\n")];
    if (!library || !xy || gone || wanted.every((value, i) => value === onPlot[i])) return;
    onPlot = wanted;
    drawnAt = performance.now();
    const groups = grouped(color, pool, classes, dark ? LOOKS.dark : LOOKS.light);
    if (!element.classList.contains("js-plotly-plot")) element.textContent = "";
    element.setAttribute("aria-label", inWords(color, groups));
    drawLegend(legend, color, groups);
    const layout = layoutOf(getComputedStyle(root), isDrawn() ? view() : null, version, marks(xy));
    unsmoothed(() => library.react(element, traces(groups, xy, selected), layout, CONFIG)).then(() => told(version, color));
  }

  /** @param {number} version @param {string} color */
  function told(version, color) {
    const first = !isDrawn();
    if (first) listen();
    skipButtons();
    // For whoever waits for a redraw: which state is drawn.
    element.dataset.version = String(version);
    element.dataset.color = color;
    if (first) on.ready();
    element.dispatchEvent(new CustomEvent("alw-drawn"));
  }

  /** @param {Float32Array} xy */
  function marks(xy) {
    return marksOn(xy, getComputedStyle(root), map.shownRow(), hasFocus(element) ? on.cursor() : null);
  }

  function drawMarks() {
    if (!isDrawn() || gone || !state.xy) return;
    const shapes = marks(state.xy);
    if (JSON.stringify(shapes) === marked) return;
    marked = JSON.stringify(shapes);
    library.relayout(element, { shapes });
  }

  /** Keys do what the plot's own buttons do: on the way to the samples they would be five stops. */
  function skipButtons() {
    for (const button of element.querySelectorAll(".modebar-btn")) button.setAttribute("tabindex", "-1");
  }

  function listen() {
    const target = /** @type {any} */ (element);
    target.on("plotly_afterplot", skipButtons);
    target.on("plotly_selected", (/** @type {any} */ event) => {
      // It also comes after a redraw, without a shape.
      if (!event?.lassoPoints && !event?.range) return;
      on.select(rowsOfEvent(event));
      focus();
    });
    target.on("plotly_deselect", () => on.select([]));
    target.on("plotly_click", (/** @type {any} */ event) => rowsOfEvent(event).slice(0, 1).forEach(on.click));
  }

  const size = new ResizeObserver(() => library && isDrawn() && library.Plots.resize(element));
  size.observe(root);
  plotly(model).then((loaded) => {
    library = loaded;
    drawSoon();
  });
  return {
    element, legend, view, focus, drawSoon, drawMarks, isDrawn,
    /** Move what is on screen. @param {number[][]} ranges */
    look: ([x, y]) => library.relayout(element, { "xaxis.range": [...x], "yaxis.range": [...y] }),
    close() {
      gone = true;
      size.disconnect();
      library?.purge(element);
    },
  };
}

/** @param {any} event @returns {number[]} */
function rowsOfEvent(event) {
  return event.points.map((/** @type {any} */ point) => point.customdata).filter((/** @type {any} */ row) => row !== undefined);
}

/** @param {HTMLElement} legend @param {string} color @param {import("./points.js").Group[]} groups */
function drawLegend(legend, color, groups) {
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
  );
}
