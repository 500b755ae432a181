// @ts-check
/** A plotly figure that follows the kernel and the notebook's theme. */

import { guard } from "../common/guard.js";
import { plotly } from "../common/plotly.js";
import { makeStaleLine } from "../common/stale.js";
import { followTheme } from "../common/theme.js";
import { download } from "./download.js";
import { makeCurvePage } from "./learning_curve_page.js";

// Nothing is sent to a server.
const CONFIG = { displaylogo: false, showSendToCloud: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d"] };

/**
 * The figure in the page's colors.
 * @param {any} figure
 * @param {{text: string, line: string, accent: string, font: string}} theme
 */
export function themed(figure, theme) {
  const axis = { gridcolor: theme.line, linecolor: theme.line, tickcolor: theme.line };
  const layout = figure.layout ?? {};
  return {
    ...layout,
    font: { ...layout.font, color: theme.text, family: theme.font, size: 12 },
    // Its own is a gray box where the figure has no color of its own.
    modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.text, activecolor: theme.accent },
    xaxis: { ...layout.xaxis, ...axis },
    yaxis: { ...layout.yaxis, ...axis },
  };
}

/**
 * @typedef {object} Curve
 * @property {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").CurveState>} model
 * @property {HTMLElement} root
 * @property {import("./learning_curve_page.js").CurvePage} page
 * @property {any} library plotly.js, null until it is there
 * @property {boolean} gone
 */

/** @param {{model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").CurveState>, el: HTMLElement}} context */
function render({ model, el: root }) {
  root.classList.add("alw-root", "alw-curve");
  const curve = makeCurve(model, root);
  const { page } = curve;
  const stale = makeStaleLine(model);
  root.append(page.caption, page.problem, stale.element, page.plot, page.controls);
  const draw = () => drawCurve(curve);
  /** @param {import("../common/sent.d.ts").Sent} message @param {DataView[]} buffers */
  const receive = (message, buffers) => {
    if (message.kind === "problem") say(curve, message.error);
    if (message.kind === "file") download(message, buffers[0]);
  };
  model.on("change", draw);
  model.on("msg:custom", receive);
  const ends = [stale.close, guard(root, () => {}), followTheme(root, draw), followSize(curve)];
  draw();
  plotly(model).then((loaded) => {
    curve.library = loaded;
    draw();
  });
  return () => {
    curve.gone = true;
    model.off("change", draw);
    model.off("msg:custom", receive);
    ends.forEach((end) => end());
    curve.library?.purge(page.plot);
  };
}

/** @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").CurveState>} model @param {HTMLElement} root @returns {Curve} */
function makeCurve(model, root) {
  const page = makeCurvePage({
    against: (against) => send(curve, { kind: "against", against }),
    baseline() {
      say(curve, "");
      send(curve, { kind: "baseline" });
    },
    image: () => curve.library?.downloadImage(page.plot, { format: "png", scale: 2, filename: "learning_curve" }),
    save: (what) => send(curve, { kind: "save", what }),
  });
  /** @type {Curve} */ const curve = { model, root, page, library: null, gone: false };
  return curve;
}

/** @param {Curve} curve @param {import("../common/said.d.ts").Said} message */
function send(curve, message) {
  try {
    curve.model.send(message);
  } catch {
    say(curve, "The kernel is gone.");
  }
}

/** @param {Curve} curve @param {string} text */
function say({ page: { problem } }, text) {
  problem.textContent = text;
  problem.hidden = !text;
}

/** @param {Curve} curve */
function drawControls({ model, page: { against, baseline, image } }) {
  image.disabled = !model.get("_measured");
  const axes = /** @type {string[]} */ (model.get("_axes"));
  if (against.options.length !== axes.length) against.replaceChildren(...axes.map((axis) => new Option(axis, axis)));
  against.value = model.get("_against");
  against.disabled = axes.length < 2;
  const busy = model.get("_busy");
  baseline.disabled = busy;
  baseline.textContent = busy ? "random baseline: fitting ..." : "random baseline";
}

/** @param {HTMLElement} root */
function colorsOf(root) {
  const style = getComputedStyle(root);
  return {
    text: style.getPropertyValue("--alw-quiet") || "#333",
    line: style.getPropertyValue("--alw-faint") || "#ddd",
    accent: style.getPropertyValue("--alw-accent") || "#1a63c9",
    font: style.fontFamily,
  };
}

/** @param {Curve} curve */
function drawCurve(curve) {
  const { model, root, page: { caption, plot }, library, gone } = curve;
  drawControls(curve);
  const said = model.get("_caption");
  const figure = model.get("_figure");
  // Empty axes say nothing: what the first point waits for stands where it will be.
  if (!model.get("_measured")) return drawWaiting(curve, said);
  caption.textContent = said;
  if (!library || gone || !figure?.data) return;
  if (!plot.classList.contains("js-plotly-plot")) plot.textContent = "";
  plot.classList.remove("alw-waiting");
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-label", `Learning curve: ${caption.textContent}`);
  library.react(plot, figure.data, themed(figure, colorsOf(root)), CONFIG).then(() => {
    // For whoever waits for a redraw: the number of rounds drawn.
    plot.dataset.rounds = String(figure.data[1]?.x?.length ?? 0);
  });
}

/** @param {Curve} curve @param {string} why */
function drawWaiting({ page: { caption, plot }, library }, why) {
  caption.textContent = "";
  if (plot.classList.contains("js-plotly-plot")) library?.purge(plot);
  plot.classList.add("alw-waiting");
  plot.dataset.rounds = "0";
  plot.removeAttribute("role");
  plot.removeAttribute("aria-label");
  if (plot.textContent !== why) plot.textContent = why;
}

/** @param {Curve} curve @returns {() => void} ends it */
function followSize(curve) {
  const { plot } = curve.page;
  const size = new ResizeObserver(() => curve.library && plot.classList.contains("js-plotly-plot") && curve.library.Plots.resize(plot));
  size.observe(curve.root);
  return () => size.disconnect();
}

export default { render };
