// @ts-check
/** The pool as a map. What is known of the points is kept once a model, shared by all its views. */

import { focusBeside, holdsFocus, make } from "../common/dom.js";
import { guard } from "../common/guard.js";
import { makeStaleLine } from "../common/stale.js";
import { statusText } from "../common/status_text.js";
import { followTheme } from "../common/theme.js";
import { keysLeft, makeCursor, makeKeyList } from "./map_cursor.js";
import { ESCAPED, makeMapKeys } from "./map_keys.js";
import { makeMapMessages } from "./map_messages.js";
import { makeMapPlot } from "./map_plot.js";
import { makeMapTools } from "./map_tools.js";
import { pointInWords } from "./points.js";
import { makeSelectionBar } from "./selection_bar.js";
import { makeShownSamples } from "./shown_samples.js";

/** @param {HTMLElement} root @param {any} model @param {import("./map_messages.js").MapMessages} map */
function makeMapView(root, model, map) {
  root.classList.add("alw-root", "alw-map");
  const tools = makeMapTools(map, model);
  const problem = make("p", "alw-map-problem");
  problem.setAttribute("role", "alert");
  const stale = makeStaleLine(model);
  const live = make("div", "alw-map-spoken");
  live.setAttribute("role", "status");
  const say = (/** @type {string} */ text) => void (live.textContent = text);
  const classes = () => /** @type {string[]} */ (model.get("_classes"));
  const keys = () => keysLeft(model.get("_keys"));

  /** @type {import("./selection_bar.js").Around["drawAnswers"]} */
  function drawAnswers(answers, can, label) {
    const chosen = label === null ? null : new Set([label]);
    answers.draw({ classes: classes(), keys: keys(), kind: "single", counts: null, can, chosen, suggested: null });
  }

  const around = { map, model, classes, drawAnswers, say, redraw: draw };
  const bar = makeSelectionBar(around);
  const shown = makeShownSamples(around);
  const plot = makeMapPlot(root, map, model, {
    select: bar.choose,
    click(row) {
      map.inspect([row]);
      // The keys go on from here, and not in the notebook.
      cursor.put(row);
      plot.focus();
      plot.drawMarks();
    },
    ready: () => cursor.begin(),
    cursor: () => cursor.row(),
  });
  const cursor = makeCursor({
    plot: plot.element,
    points: () => (plot.isDrawn() ? map.state.xy : null),
    view: plot.view,
    shown: () => map.state.coming ?? map.shownRow(),
    selected: () => map.state.selected,
    select: bar.choose,
    show: (row) => map.inspect([row]),
    look: plot.look,
    words: (row) => pointInWords(row, map.state.pool, classes()) + (map.state.selected.includes(row) ? ", selected" : ""),
    say,
    mark: plot.drawMarks,
  });
  plot.element.addEventListener("focus", cursor.begin);
  plot.element.addEventListener("blur", () => {
    if (live.textContent === ESCAPED) say("");
    plot.drawMarks();
  });
  const body = make("div", "alw-map-body");
  body.append(plot.element, shown.element);
  root.append(tools.element, problem, stale.element, body, live, plot.legend, bar.element, makeKeyList());

  function draw() {
    const [inShown, inBar] = [shown.element, bar.element].map(holdsFocus);
    const held = holdsFocus(root);
    drawParts();
    const active = /** @type {any} */ (focusBeside(root));
    // What had the focus went away: keys must not fall to the notebook.
    const lost = held && (!root.contains(active) || active.disabled || active.closest("[hidden], [data-empty]"));
    if (lost && inShown && !shown.one.hidden) shown.close.focus({ preventScroll: true });
    else if (lost && inBar && map.state.selected.length) bar.focus();
    else if (lost) plot.focus();
    plot.drawSoon();
    plot.drawMarks();
  }

  let heard = map.spoken();
  function drawParts() {
    const lines = [map.notice(), model.get("_problem")];
    const wrong = statusText({ ...map.standing(), session: model.get("_session"), lines });
    if (problem.textContent !== wrong) problem.textContent = wrong;
    problem.hidden = !wrong;
    if (heard !== map.spoken()) say(map.spoken().text);
    heard = map.spoken();
    tools.draw();
    shown.draw();
    bar.draw();
  }

  const unguard = guard(root, makeMapKeys({ map, plot, cursor, bar, shown, classes, keys, say }));
  const unfollow = followTheme(root, draw);
  draw();
  function close() {
    stale.close();
    unguard();
    unfollow();
    plot.close();
  }
  return { draw, close };
}

export default () => {
  /** @type {import("./map_messages.js").MapMessages} */ let map;
  /** @type {Set<ReturnType<typeof makeMapView>>} */ const views = new Set();
  return {
    /** @param {{model: any}} context */
    initialize({ model }) {
      map = makeMapMessages(model, () => views.forEach((view) => view.draw()));
      map.open();
      return map.close;
    },
    /** @param {{model: any, el: HTMLElement}} context */
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
