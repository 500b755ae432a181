// @ts-check
/** The pool as a map. What is known of the points is kept once a model, shared by all its views. */

import { focusBeside, holdsFocus, make, showText } from "../common/dom.js";
import { guard } from "../common/guard.js";
import { makeStaleLine } from "../common/stale.js";
import { statusText } from "../common/status_text.js";
import { followTheme } from "../common/theme.js";
import { keysLeft, makeCursor, makeKeyList } from "./map_cursor.js";
import { ESCAPED, makeMapKeys } from "./map_keys.js";
import { makeMapMessages } from "./map_messages.js";
import { makeMapPlot } from "./map_plot.js";
import { makeMapTools } from "./map_tools.js";
import { makePeek } from "./peek.js";
import { pointInWords } from "./points.js";
import { makeSelectionBar } from "./selection_bar.js";
import { makeShownSamples } from "./shown_samples.js";

/**
 * @typedef {object} MapView one of the views of a map
 * @property {HTMLElement} root
 * @property {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>} model
 * @property {import("./map_messages.js").MapMessages} map
 * @property {{text: string}} heard what was said last
 * @property {HTMLElement} problem
 * @property {HTMLElement} live
 * @property {ReturnType<typeof makeMapTools>} tools
 * @property {ReturnType<typeof makeStaleLine>} stale
 * @property {import("./selection_bar.js").SelectionBar} bar
 * @property {import("./shown_samples.js").ShownSamples} shown
 * @property {ReturnType<typeof makeMapPlot>} plot
 * @property {ReturnType<typeof makeCursor>} cursor
 * @property {ReturnType<typeof makePeek>} peek
 */

/** @param {HTMLElement} root @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>} model @param {import("./map_messages.js").MapMessages} map */
function makeMapView(root, model, map) {
  root.classList.add("alw-root", "alw-map");
  const view = makeMapParts(root, model, map);
  const { tools, problem, stale, live, bar, shown, plot, cursor } = view;
  const body = make("div", "alw-map-body");
  const ground = make("div", "alw-map-ground");
  ground.append(plot.element, view.peek.element);
  body.append(ground, shown.element);
  root.append(tools.element, problem, stale.element, body, live, plot.legend, bar.element, makeKeyList());
  const draw = () => drawMap(view);
  const onKey = makeMapKeys({
    map, plot, cursor, bar, shown,
    classes: () => classesOf(view),
    keys: () => keysOf(view),
    say: (text) => sayOnMap(view, text),
  });
  const ends = [stale.close, guard(root, onKey), followTheme(root, draw), plot.close, view.peek.close];
  draw();
  return { draw, close: () => ends.forEach((end) => end()) };
}

/** @param {HTMLElement} root @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>} model @param {MapView["map"]} map @returns {MapView} */
function makeMapParts(root, model, map) {
  const tools = makeMapTools(map, model);
  const problem = make("p", "alw-map-problem");
  problem.setAttribute("role", "alert");
  const stale = makeStaleLine(model);
  const live = make("div", "alw-map-spoken");
  live.setAttribute("role", "status");
  // Nothing is called before all parts are there: they act when someone does.
  const view = /** @type {MapView} */ ({ root, model, map, heard: map.spoken(), problem, live, tools, stale });
  const around = aroundOf(view);
  view.bar = makeSelectionBar(around);
  view.shown = makeShownSamples(around);
  view.plot = makeMapPlot(root, map, model, {
    select: view.bar.choose,
    click: (row) => clickPoint(view, row),
    ready: () => view.cursor.begin(),
    cursor: () => view.cursor.row(),
    hover: (row, right) => view.peek.at(row, right),
  });
  view.peek = makePeek(map, (row) => pointInWords(row, map.state.pool, classesOf(view)));
  view.cursor = makeCursor(groundOf(view));
  const { plot, cursor } = view;
  plot.element.addEventListener("focus", cursor.begin);
  plot.element.addEventListener("blur", () => {
    if (live.textContent === ESCAPED) sayOnMap(view, "");
    view.peek.at(null);
    plot.drawMarks();
  });
  return view;
}

/** @param {MapView} view @returns {string[]} */
function classesOf({ model }) {
  return model.get("_classes");
}

/** @param {MapView} view */
function keysOf({ model }) {
  return keysLeft(model.get("_keys"));
}

/** @param {MapView} view @param {string} text */
function sayOnMap({ live }, text) {
  live.textContent = text;
}

/** What is around a part of the map. @param {MapView} view @returns {import("./selection_bar.js").Around & {model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>}} */
function aroundOf(view) {
  const { map, model } = view;
  return {
    map, model,
    classes: () => classesOf(view),
    drawAnswers(answers, can, label) {
      answers.element.hidden = !map.may("label");
      const chosen = label === null ? null : new Set([label]);
      answers.draw({ classes: classesOf(view), keys: keysOf(view), kind: "single", counts: null, can, chosen, suggested: null });
    },
    say: (text) => sayOnMap(view, text),
    redraw: () => drawMap(view),
  };
}

/** What the cursor moves on. @param {MapView} view @returns {import("./map_cursor.js").Ground} */
function groundOf(view) {
  const { map, plot, bar } = view;
  return {
    plot: plot.element,
    points: () => (plot.isDrawn() ? map.state.xy : null),
    view: plot.view,
    shown: () => map.state.coming ?? map.shownRow(),
    selected: () => map.state.selected,
    select: bar.choose,
    show(row) {
      view.peek.at(null);
      map.inspect([row]);
    },
    look: plot.look,
    words: (row) => pointInWords(row, map.state.pool, classesOf(view)) + (map.state.selected.includes(row) ? ", selected" : ""),
    say: (text) => sayOnMap(view, text),
    mark: plot.drawMarks,
    peek: (row) => view.peek.at(row, plot.isInRight(row)),
  };
}

/** @param {MapView} view @param {number} row */
function clickPoint({ map, plot, cursor, peek }, row) {
  // It is beside the map now.
  peek.at(null);
  map.inspect([row]);
  // The keys go on from here, and not in the notebook.
  cursor.put(row);
  plot.focus();
  plot.drawMarks();
}

/** @param {MapView} view */
function drawMap(view) {
  const { root, map, shown, bar, plot } = view;
  const [inShown, inBar] = [shown.element, bar.element].map(holdsFocus);
  const held = holdsFocus(root);
  drawParts(view);
  const active = /** @type {any} */ (focusBeside(root));
  // What had the focus went away: keys must not fall to the notebook.
  const lost = held && (!root.contains(active) || active.disabled || active.closest("[hidden], [data-empty]"));
  if (lost && inShown && !shown.one.hidden) shown.close.focus({ preventScroll: true });
  else if (lost && inBar && map.state.selected.length) bar.focus();
  else if (lost) plot.focus();
  plot.drawSoon();
  plot.drawMarks();
}

/** @param {MapView} view */
function drawParts(view) {
  const { map, model, problem } = view;
  const lines = [map.notice(), model.get("_problem")];
  showText(problem, statusText({ ...map.standing(), session: model.get("_session"), lines }));
  if (view.heard !== map.spoken()) sayOnMap(view, map.spoken().text);
  view.heard = map.spoken();
  view.tools.draw();
  view.shown.draw();
  view.bar.draw();
  view.peek.draw();
}

export default () => {
  /** @type {import("./map_messages.js").MapMessages} */ let map;
  /** @type {Set<ReturnType<typeof makeMapView>>} */ const views = new Set();
  return {
    /** @param {{model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>}} context */
    initialize({ model }) {
      map = makeMapMessages(model, () => views.forEach((view) => view.draw()));
      map.open();
      return map.close;
    },
    /** @param {{model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>, el: HTMLElement}} context */
    render({ model, el }) {
      const view = makeMapView(el, model, map);
      views.add(view);
      return () => {
        views.delete(view);
        view.close();
      };
    },
  };
};
