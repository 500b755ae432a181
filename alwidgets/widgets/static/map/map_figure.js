// @ts-check
/** What plotly.js is told of a map besides its points. */

import { WHOLE } from "./nearest.js";

/** Above the points, for the plot's own buttons. */
export const TOP = 32;
export const CONFIG = {
  displaylogo: false,
  displayModeBar: true,
  // It would send the samples' coordinates to a server.
  showSendToCloud: false,
  responsive: true,
  modeBarButtonsToRemove: ["toImage", "autoScale2d", "zoomIn2d", "zoomOut2d"],
  // Twice the pixels each way, its default, takes four times as long to fill.
  plotGlPixelRatio: Math.min(2, globalThis.devicePixelRatio ?? 1),
};

/**
 * @param {CSSStyleDeclaration} style
 * @param {{x: number[], y: number[]}|null} view what is on screen; null for the whole map
 * @param {number} version
 * @param {any[]} shapes
 */
export function layoutOf(style, view, version, shapes) {
  const axis = { visible: false };
  const [quiet, accent] = ["--alw-quiet", "--alw-accent"].map((name) => style.getPropertyValue(name));
  return {
    autosize: true,
    margin: { t: TOP, l: 0, r: 0, b: 0 },
    showlegend: false,
    dragmode: "lasso",
    clickmode: "event",
    hovermode: "closest",
    hoverdistance: 12,
    uirevision: "map",
    // What is selected is ours to say, also after a lasso.
    selectionrevision: version,
    selections: [],
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: style.fontFamily, size: 12 },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: quiet, activecolor: accent },
    newselection: { line: { color: accent, width: 2 } },
    shapes,
    xaxis: { ...axis, range: [...(view?.x ?? WHOLE)] },
    yaxis: { ...axis, range: [...(view?.y ?? WHOLE)] },
  };
}

/**
 * The sample that is shown has a ring, the cursor a square; the points need not be drawn again for them.
 * @param {Float32Array} xy @param {CSSStyleDeclaration} style @param {number|null} shown @param {number|null} cursor
 */
export function marksOn(xy, style, shown, cursor) {
  const [accent, back, text] = ["accent", "back", "text"].map((name) => style.getPropertyValue(`--alw-${name}`));
  return [
    ...(shown === null ? [] : [markOn(xy, shown, "circle", 9, accent, 3)]),
    ...(cursor === null ? [] : [markOn(xy, cursor, "rect", 12, back, 6), markOn(xy, cursor, "rect", 12, text, 2)]),
  ];
}

/** @param {Float32Array} xy @param {number} row @param {string} type @param {number} size @param {string} color @param {number} width */
function markOn(xy, row, type, size, color, width) {
  const place = { xanchor: xy[row], yanchor: xy[xy.length / 2 + row], x0: -size, x1: size, y0: -size, y1: size };
  return { type, xsizemode: "pixel", ysizemode: "pixel", ...place, line: { color, width } };
}
