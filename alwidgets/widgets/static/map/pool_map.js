// @ts-check
/**
 * The pool as a map. What is known of the points is kept once a model, shared by all its views: coordinates come
 * once, labels as they change, predictions after a retrain; all as binary messages.
 */

import { makeAnswers } from "../common/answers.js";
import { focusBeside, hasFocus, holdsFocus, make, makeButton } from "../common/dom.js";
import { guard } from "../common/guard.js";
import { actionOf, letterOf, pages } from "../common/keys.js";
import { keysLeft, makeCursor, makeKeyList } from "./map_cursor.js";
import { WHOLE } from "./nearest.js";
import { makeOutbox } from "../common/outbox.js";
import { plotly } from "../common/plotly.js";
import { LOOKS, beside, grouped, inWords, pointInWords, takeLabels, traces } from "./points.js";
import { drawn, keep, released } from "../common/sample.js";
import { makeSending, newId } from "../common/sending.js";
import { makeStaleLine } from "../common/stale.js";
import { makeStorage } from "../common/storage.js";
import { followTheme } from "../common/theme.js";
import { statusText } from "../common/status_text.js";

const CONFIG = {
  displaylogo: false,
  displayModeBar: true,
  // It would send the samples' coordinates to a server.
  showSendToCloud: false,
  responsive: true,
  modeBarButtonsToRemove: ["toImage", "autoScale2d", "zoomIn2d", "zoomOut2d"],
  // Twice the pixels each way, its default, takes four times as long to fill.
  plotGlPixelRatio: Math.min(2, globalThis.devicePixelRatio ?? 1),
};
const COLORS = ["uncertainty", "label", "prediction"];
const TRAITS = ["_color", "_classes", "_keys", "_shown", "_undoable", "_problem", "_session"]
  .map((name) => `change:${name}`)
  .join(" ");
const AT_ONCE = 16;
const KEPT_PAYLOADS = 200;
/** More than so many are labelled only after a second look at the number. */
const MANY = 50;
/** Between two drawings: answers come faster than a large map is drawn. */
const GAP_MS = 150;
/** @typedef {ReturnType<typeof makeAnswers>} Answers */
const HINT =
  "Click a point to see its sample; draw round points to select them. Or go to the map with Tab, on with the arrow keys, " +
  "and press Enter. Keys of classes then label the one sample that is shown. B goes from the map to the bar of the " +
  "selection, where they label all of it.";
const ESCAPED = "nothing is selected; Escape again leaves the map";
/** Above the points, for the plot's own buttons. */
const TOP = 32;

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

/** @param {DataView} view */
const bytes = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);

export default () => {
  /** @type {any} */ let model;
  /** @type {Float32Array|null} */ let xy = null;
  /** @type {import("./points.js").Pool} */
  const pool = { labels: new Int16Array(0), predicted: null, uncertainty: null };
  /** @type {Uint32Array} */ let selected = new Uint32Array(0);
  /** The sample that is to be shown next, until the kernel shows it. @type {number|null} */ let coming = null;
  /** How many selections made here the kernel has not told back. */
  let untold = 0;
  /** @type {Map<number, any>} */ const payloads = new Map();
  /** @type {Set<number>} */ const needed = new Set();
  /** @type {Set<() => void>} */ const views = new Set();
  /** @type {ReturnType<typeof makeSending>} */ let sending;
  /** What was refused, and why. */
  let notice = "";
  /** What is said, a new object each time: the same words may be said again. */
  let spoken = { text: "" };
  /** How often what the colours show has changed. */
  let version = 0;
  const draw = () => views.forEach((view) => view());

  /** Say what changes nothing of the session. @param {any} message @param {ArrayLike<number>} [rows] */
  function send(message, rows) {
    notice = "";
    sending.send(message, rows ? [Uint32Array.from(rows).buffer] : []);
    draw();
  }

  /** Something that changes the session, and is sent until it is acknowledged. @param {any} message */
  function change(message) {
    notice = "";
    if (sending.isAlive() && !model.get("_session").held_by) {
      sending.post({ about: message.kind === "ask" ? "questions" : "labels", ...message, event_id: newId() });
    }
    draw();
  }

  /** The labels that an undo would take back, also where the kernel does not know of them yet. @returns {string|null} */
  function undoable() {
    const waiting = sending.waiting();
    if (waiting.some(({ kind }) => kind === "undo")) return null;
    return waiting.filter(({ kind }) => kind === "label").at(-1)?.event_id ?? model.get("_undoable").group;
  }

  /** @param {any} message @param {DataView[]} buffers */
  function receive(message, buffers) {
    const kind = message.kind;
    if (kind === "points") {
      xy = new Float32Array(bytes(buffers[0]));
      pool.labels = new Int16Array(xy.length / 2).fill(-1);
    } else if (kind === "labels") {
      takeLabels(pool.labels, new Uint32Array(bytes(buffers[0])), new Int16Array(bytes(buffers[1])), message.reset);
    } else if (kind === "predictions") {
      pool.predicted = buffers.length > 0 ? new Int16Array(bytes(buffers[0])) : null;
      pool.uncertainty = buffers.length > 1 ? new Uint8Array(bytes(buffers[1])) : null;
    } else if (kind === "selected") {
      takeSelected(new Uint32Array(bytes(buffers[0])));
    } else if (kind === "payload") {
      takePayload(message, buffers);
    } else if (kind === "ack" || kind === "refused") {
      if (!sending.settled(message)) return;
      if (kind === "ack") spoken = { text: message.said };
      // What could not be saved waits, and it is said why.
      else if (!message.retry) notice = message.error;
    } else if (kind === "problem") {
      notice = message.error;
      untold = 0;
      coming = null;
    } else {
      return;
    }
    // A large map takes long to draw: not for what its colours do not show.
    const seen = model.get("_color") === "label" ? "labels" : "predictions";
    if (kind === "points" || kind === seen) version += 1;
    draw();
  }

  /** Of several made here in a row, only the newest is what the kernel will have. @param {Uint32Array} rows */
  function takeSelected(rows) {
    untold = Math.max(0, untold - 1);
    const same = rows.length === selected.length && rows.every((row, i) => row === selected[i]);
    if (untold || same) return;
    selected = rows;
    version += 1;
  }

  /** @param {any} message @param {DataView[]} buffers */
  function takePayload(message, buffers) {
    needed.delete(message.item);
    keep(payloads, message, buffers, draw);
    const kept = new Set(shownRows());
    for (const [row, old] of payloads) {
      if (payloads.size <= KEPT_PAYLOADS) break;
      if (kept.has(row)) continue;
      released(old);
      payloads.delete(row);
    }
  }

  /** @param {ArrayLike<number>} rows */
  function inspect(rows) {
    const row = rows.length === 1 ? rows[0] : null;
    coming = row === shownRow() ? null : row;
    send({ kind: "inspect" }, rows);
  }

  function shownRow() {
    const rows = shownRows();
    return rows.length === 1 ? rows[0] : null;
  }

  /** @returns {number[]} */
  const shownRows = () => model.get("_shown").map((/** @type {any} */ { row }) => row);

  function fetchShown() {
    const missing = shownRows().filter((row) => !payloads.has(row) && !needed.has(row));
    missing.forEach((row) => needed.add(row));
    for (let i = 0; i < missing.length; i += AT_ONCE) send({ kind: "need", items: missing.slice(i, i + AT_ONCE) });
  }

  /** @param {{model: any}} context */
  function initialize(context) {
    model = context.model;
    const follow = () => {
      if (coming === shownRow()) coming = null;
      fetchShown();
      draw();
    };
    // What was selected here and not told back may not have come; nor may what came since.
    const back = () => {
      needed.clear();
      if (untold) {
        untold = 1;
        send({ kind: "select" }, selected);
      }
      if (coming !== null) send({ kind: "inspect" }, [coming]);
      send({ kind: "need_points" });
      fetchShown();
    };
    const storage = makeStorage(model.get("_session").id, "map");
    sending = makeSending({ model, outbox: makeOutbox(storage.load()), storage, draw, back });
    model.on("msg:custom", receive);
    model.on(TRAITS, follow);
    send({ kind: "need_points" });
    follow();
    return () => {
      sending.close();
      model.off("msg:custom", receive);
      model.off(TRAITS, follow);
    };
  }

  /** @param {{model: any, el: HTMLElement}} context */
  function render({ el: root }) {
    root.classList.add("alw-root", "alw-map");
    /** @type {any} */ let library = null;
    let gone = false;
    /** What the page waits to hear before many are labelled. @type {{value: number, rows: ArrayLike<number>}|null} */
    let asked = null;

    const tools = make("div", "alw-map-line");
    const color = /** @type {HTMLSelectElement} */ (make("select", ""));
    color.append(...COLORS.map((name) => new Option(name, name)));
    color.addEventListener("change", () => send({ kind: "color", color: color.value }));
    const colorLine = make("label", "", "colour: ");
    colorLine.append(color);
    const uncertain = makeButton("", "next most uncertain", () => send({ kind: "uncertain" }));
    const search = /** @type {HTMLFormElement} */ (make("form", ""));
    const row = /** @type {HTMLInputElement} */ (make("input", ""));
    row.type = "number";
    row.min = "0";
    row.required = true;
    const rowLine = make("label", "", "row ");
    rowLine.append(row);
    const show = /** @type {HTMLButtonElement} */ (make("button", "", "show"));
    search.append(rowLine, show);
    search.addEventListener("submit", (event) => {
      event.preventDefault();
      inspect([Number(row.value)]);
    });
    const undo = makeButton("", "undo", () => change({ kind: "undo", target: undoable() }));
    tools.append(colorLine, uncertain, search, undo);

    const trouble = make("p", "alw-map-problem");
    trouble.setAttribute("role", "alert");
    const body = make("div", "alw-map-body");
    const plot = make("div", "alw-plot");
    plot.tabIndex = 0;
    // A screen reader leaves the arrow keys to it.
    plot.setAttribute("role", "application");
    plot.setAttribute("aria-roledescription", "map");
    plot.textContent = "Drawing the map ...";
    const aside = make("div", "alw-map-aside");
    aside.setAttribute("role", "region");
    aside.setAttribute("aria-label", "Samples");
    body.append(plot, aside);
    const legend = make("ul", "alw-map-legend");
    const bar = make("div", "alw-map-bar");
    bar.tabIndex = -1;
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Selection");
    const live = make("div", "alw-map-spoken");
    live.setAttribute("role", "status");
    const stale = makeStaleLine(model);
    root.append(tools, trouble, stale.element, body, live, legend, bar, makeKeyList());

    const cursor = makeCursor({
      plot,
      points: () => (plot.dataset.version ? xy : null),
      view,
      shown: () => coming ?? shownRow(),
      selected: () => selected,
      select: choose,
      show: (each) => inspect([each]),
      look: ([x, y]) => library.relayout(plot, { "xaxis.range": [...x], "yaxis.range": [...y] }),
      words: (each) => pointInWords(each, pool, classes) + (selected.includes(each) ? ", selected" : ""),
      say,
      mark: drawMarks,
    });
    plot.addEventListener("focus", cursor.begin);
    plot.addEventListener("blur", () => {
      if (live.textContent === ESCAPED) say("");
      drawMarks();
    });

    function view() {
      const { xaxis, yaxis } = /** @type {any} */ (plot).layout;
      return { x: xaxis.range, y: yaxis.range, width: plot.clientWidth, height: plot.clientHeight - TOP };
    }

    /** @param {string} text */
    function say(text) {
      live.textContent = text;
    }

    // The bar of the selection.
    const head = make("div", "alw-map-line");
    const count = make("strong", "");
    const again = /** @type {HTMLInputElement} */ (make("input", ""));
    again.type = "checkbox";
    again.addEventListener("change", () => drawNow());
    const againLine = make("label", "alw-map-check");
    againLine.append(again, "also relabel");
    const ofSelection = makeAnswers({
      press(value) {
        labelSelected(value);
        if (!asked) bar.focus({ preventScroll: true });
      },
      submit() {},
      leave: () => bar.focus({ preventScroll: true }),
    });
    const confirm = make("span", "alw-map-confirm");
    confirm.setAttribute("role", "alert");
    const sure = makeButton("", "", () => {
      if (asked) giveLabel(asked.value, asked.rows, again.checked);
      settle();
    });
    const cancel = makeButton("", "cancel", settle);
    const others = make("span", "alw-map-others");
    others.append(
      makeButton("", "ask these next", () => change({ kind: "ask", rows: Array.from(selected) })),
      makeButton("", "look at them", () => inspect(selected.slice(0, 48))),
      makeButton("", "clear", () => choose([])),
    );
    head.append(count, againLine, confirm, others);
    bar.append(head, ofSelection.element);

    /** @param {number} value @param {ArrayLike<number>} rows @param {boolean} relabel */
    function giveLabel(value, rows, relabel) {
      change({ kind: "label", value, relabel, rows: Array.from(rows) });
    }

    const unlabelled = () => selected.filter((each) => pool.labels[each] < 0).length;

    const changing = () => (again.checked ? selected.length : unlabelled());

    /** @param {number} value */
    function labelSelected(value) {
      const n = changing();
      if (!n) return say(selected.length ? "all that are selected have a label" : "nothing is selected");
      if (n <= MANY) return giveLabel(value, selected, again.checked);
      asked = { value, rows: selected };
      sure.textContent = `label ${n.toLocaleString("en")} as ${model.get("_classes")[value]}`;
      drawNow();
      sure.focus();
    }

    function settle() {
      asked = null;
      drawNow();
    }

    /** @param {Iterable<number>} rows */
    function choose(rows) {
      selected = Uint32Array.from(rows);
      untold += 1;
      asked = null;
      version += 1;
      send({ kind: "select" }, selected);
    }

    // One sample, or many.
    const one = make("div", "alw-map-one");
    one.tabIndex = -1;
    one.setAttribute("role", "group");
    const title = make("strong", "");
    const facts = make("p", "");
    const sample = make("div", "alw-map-sample");
    sample.setAttribute("aria-live", "polite");
    /** Where keys go on after a class was looked for. @type {HTMLElement} */ let back = one;
    const ofShown = makeAnswers({
      press(value) {
        labelShown(value);
        back.focus({ preventScroll: true });
      },
      submit() {},
      leave: () => back.focus({ preventScroll: true }),
    });
    const walk = make("div", "alw-map-line alw-map-walk");
    const place = make("span", "alw-map-place");
    const close = makeButton("", "close", () => inspect([]));
    walk.append(makeButton("\u2190", "previous", () => step(-1)), makeButton("\u2192", "next", () => step(1)), place, close);
    one.append(title, sample, facts, ofShown.element, walk);
    const many = make("div", "alw-map-many");
    const hint = make("p", "alw-map-hint", HINT);
    aside.append(hint, one, many);

    /** @param {number} way */
    function step(way) {
      const next = beside(selected, shownRow(), way);
      if (next !== null) inspect([next]);
    }

    /** Only what can be seen is labelled. @param {number} value */
    function labelShown(value) {
      const shown = shownRow();
      if (shown === null) return say("no sample is shown");
      const seen = coming === null && onScreen === payloads.get(shown);
      if (!seen) return say(`row ${coming ?? shown} is not on screen yet`);
      giveLabel(value, [shown], true);
    }

    /** @type {string[]} */ let classes = [];
    function drawClasses() {
      const now = /** @type {string[]} */ (model.get("_classes"));
      if (now.join("\n") === classes.join("\n")) return;
      classes = now;
    }

    /** @param {Answers} answers @param {boolean} can @param {number|null} label */
    function drawAnswers(answers, can, label) {
      const chosen = label === null ? null : new Set([label]);
      answers.draw({ classes, keys: keysNow(), kind: "single", counts: null, can, chosen, suggested: null });
    }

    const keysNow = () => keysLeft(model.get("_keys"));

    /** @param {any} fact */
    function factText({ label, prediction, confidence }) {
      const given = label === null ? "no label" : `label: ${classes[label]}`;
      if (prediction === null) return `${given} \u00b7 no model yet`;
      const sureness = confidence === null ? "" : `, ${Math.round(100 * confidence)}% sure`;
      return `${given} \u00b7 model: ${classes[prediction]}${sureness}`;
    }

    /** @type {any} */ let onScreen = null;
    /** @type {number|null} */ let named = null;
    function drawAside() {
      const shown = /** @type {any[]} */ (model.get("_shown"));
      hint.hidden = shown.length > 0;
      one.hidden = shown.length !== 1;
      many.hidden = shown.length < 2;
      if (shown.length === 1) {
        const [fact] = shown;
        title.textContent = `row ${fact.row}`;
        one.setAttribute("aria-label", `row ${fact.row}`);
        // What was looked for was for the sample before.
        if (named !== fact.row) ofShown.close();
        named = fact.row;
        facts.textContent = factText(fact);
        const payload = payloads.get(fact.row);
        if (onScreen !== (payload ?? fact.row)) sample.replaceChildren(payload ? drawn(payload) : "Loading ...");
        onScreen = payload ?? fact.row;
        const at = selected.indexOf(fact.row);
        place.textContent = at < 0 ? "" : `${at + 1} of ${selected.length.toLocaleString("en")}`;
        for (const button of [...walk.children].slice(0, 2)) /** @type {HTMLButtonElement} */ (button).disabled = !selected.length;
      }
      drawAnswers(ofShown, shown.length === 1, shown.length === 1 ? (shown[0].label ?? -1) : null);
      if (shown.length > 1) drawMany(shown);
    }

    /** @type {Map<number, {cell: HTMLElement, button: HTMLElement, box: HTMLElement, words: HTMLElement, payload: any}>} */
    let cells = new Map();
    /** @param {any[]} shown */
    function drawMany(shown) {
      const rows = shown.map((fact) => fact.row);
      if (rows.join() !== [...cells.keys()].join()) {
        cells = new Map(rows.map((each) => [each, makeCell(each)]));
        many.replaceChildren(...[...cells.values()].map(({ cell }) => cell));
      }
      for (const fact of shown) {
        const parts = /** @type {any} */ (cells.get(fact.row));
        parts.words.textContent = fact.label === null ? "no label" : classes[fact.label];
        const payload = payloads.get(fact.row);
        if (payload && parts.payload !== payload) parts.box.replaceChildren(drawn(payload));
        parts.payload = payload;
      }
    }

    /** @param {number} each */
    function makeCell(each) {
      const cell = make("div", "alw-map-cell");
      const button = makeButton("", `row ${each}`, () => inspect([each]));
      const box = make("div", "alw-map-sample");
      const words = make("span", "");
      cell.append(box, button, words);
      return { cell, button, box, words, payload: null };
    }

    function drawBar() {
      const n = selected.length;
      // It keeps its place: what is above and below does not move when the first point is selected.
      bar.toggleAttribute("data-empty", !n);
      bar.toggleAttribute("data-asked", Boolean(asked));
      const open = unlabelled();
      const without = open < n ? `, ${open.toLocaleString("en")} without a label` : "";
      count.textContent = n ? `${n.toLocaleString("en")} selected${without}` : "Nothing is selected: draw round points, or press Space on one.";
      againLine.hidden = open === n;
      drawAnswers(ofSelection, changing() > 0, null);
      if (asked && !confirm.childElementCount) confirm.append(sure, cancel);
      if (!asked) confirm.replaceChildren();
      const { group, n: many } = model.get("_undoable");
      const target = undoable();
      undo.disabled = !target;
      const words = `undo ${many.toLocaleString("en")} label${many === 1 ? "" : "s"}`;
      undo.textContent = target && target === group ? words : "undo";
    }

    function drawNow() {
      const [inAside, inBar] = [aside, bar].map(holdsFocus);
      const held = holdsFocus(root);
      drawParts();
      const active = /** @type {any} */ (focusBeside(root));
      // What had the focus went away: keys must not fall to the notebook.
      const lost = held && (!root.contains(active) || active.disabled || active.closest("[hidden], [data-empty]"));
      if (lost) (inAside && !one.hidden ? close : inBar && selected.length ? bar : plot).focus({ preventScroll: true });
      drawPointsSoon();
      drawMarks();
    }

    let heard = spoken;
    function drawParts() {
      drawClasses();
      color.value = model.get("_color");
      row.max = String(model.get("_n_samples") - 1);
      uncertain.disabled = !pool.uncertainty;
      const wrong = statusText({
        ...sending.standing(), session: model.get("_session"), lines: [notice, model.get("_problem")],
      });
      if (trouble.textContent !== wrong) trouble.textContent = wrong;
      trouble.hidden = !wrong;
      if (heard !== spoken) say(spoken.text);
      heard = spoken;
      drawAside();
      drawBar();
    }

    // The points themselves: only when something in them is new, and not too often.
    let pending = 0;
    let drawnAt = 0;
    /** @type {any[]} */ let onPlot = [];
    function drawPointsSoon() {
      if (pending || gone) return;
      pending = setTimeout(() => {
        pending = 0;
        requestAnimationFrame(drawPoints);
      }, Math.max(0, drawnAt + GAP_MS - performance.now()));
    }

    function drawPoints() {
      const dark = root.classList.contains("alw-dark");
      const wanted = [library, xy, version, model.get("_color"), dark, classes.join("\n")];
      if (!library || !xy || gone || wanted.every((value, i) => value === onPlot[i])) return;
      onPlot = wanted;
      drawnAt = performance.now();
      const look = dark ? LOOKS.dark : LOOKS.light;
      const groups = grouped(model.get("_color"), pool, classes, look);
      const style = getComputedStyle(root);
      if (!plot.classList.contains("js-plotly-plot")) plot.textContent = "";
      const first = !plot.dataset.version;
      const words = inWords(model.get("_color"), groups);
      plot.setAttribute("aria-label", words);
      drawLegend(groups);
      const figure = /** @type {const} */ ([plot, traces(groups, xy, selected), layout(style), CONFIG]);
      unsmoothed(() => library.react(...figure)).then(() => {
        if (first) listen();
        skipButtons();
        // For whoever waits for a redraw: which state is drawn.
        plot.dataset.version = String(version);
        plot.dataset.color = wanted[3];
        if (first) cursor.begin();
        plot.dispatchEvent(new CustomEvent("alw-drawn"));
      });
    }

    /** The sample that is shown has a ring, the cursor a square; the points need not be drawn again for them. */
    function marks() {
      const style = getComputedStyle(root);
      const [accent, back, text] = ["accent", "back", "text"].map((name) => style.getPropertyValue(`--alw-${name}`));
      const shown = shownRow();
      const at = cursor.row();
      return [
        ...(shown === null ? [] : [mark(shown, "circle", 9, accent, 3)]),
        ...(at === null || !hasFocus(plot) ? [] : [mark(at, "rect", 12, back, 6), mark(at, "rect", 12, text, 2)]),
      ];
    }

    /** @param {number} row @param {string} type @param {number} size @param {string} color @param {number} width */
    function mark(row, type, size, color, width) {
      const points = /** @type {Float32Array} */ (xy);
      const place = { xanchor: points[row], yanchor: points[points.length / 2 + row], x0: -size, x1: size, y0: -size, y1: size };
      return { type, xsizemode: "pixel", ysizemode: "pixel", ...place, line: { color, width } };
    }

    let marked = "";
    function drawMarks() {
      if (!plot.dataset.version || gone) return;
      const shapes = marks();
      if (JSON.stringify(shapes) === marked) return;
      marked = JSON.stringify(shapes);
      library.relayout(plot, { shapes });
    }

    /** @param {CSSStyleDeclaration} style */
    function layout(style) {
      const axis = { visible: false };
      const { x, y } = plot.dataset.version ? view() : { x: WHOLE, y: WHOLE };
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
        modebar: { bgcolor: "rgba(0,0,0,0)", color: style.getPropertyValue("--alw-quiet"), activecolor: style.getPropertyValue("--alw-accent") },
        newselection: { line: { color: style.getPropertyValue("--alw-accent"), width: 2 } },
        shapes: marks(),
        xaxis: { ...axis, range: [...x] },
        yaxis: { ...axis, range: [...y] },
      };
    }

    /** Keys do what the plot's own buttons do: on the way to the samples they would be five stops. */
    function skipButtons() {
      for (const button of plot.querySelectorAll(".modebar-btn")) button.setAttribute("tabindex", "-1");
    }

    function listen() {
      const target = /** @type {any} */ (plot);
      target.on("plotly_afterplot", skipButtons);
      target.on("plotly_selected", (/** @type {any} */ event) => {
        // It also comes after a redraw, without a shape.
        if (!event?.lassoPoints && !event?.range) return;
        choose(rowsOfEvent(event));
        plot.focus({ preventScroll: true });
      });
      target.on("plotly_deselect", () => choose([]));
      target.on("plotly_click", (/** @type {any} */ event) => {
        const rows = rowsOfEvent(event);
        if (!rows.length) return;
        inspect(rows.slice(0, 1));
        // The keys go on from here, and not in the notebook.
        cursor.put(rows[0]);
        plot.focus({ preventScroll: true });
        drawMarks();
      });
    }

    /** @param {any} event @returns {number[]} */
    function rowsOfEvent(event) {
      return event.points.map((/** @type {any} */ point) => point.customdata).filter((/** @type {any} */ each) => each !== undefined);
    }

    /** @param {import("./points.js").Group[]} groups */
    function drawLegend(groups) {
      legend.setAttribute("aria-label", `colours by ${model.get("_color")}`);
      legend.replaceChildren(
        ...groups.map(({ name, colour, mark, count: n }) => {
          const entry = make("li", "");
          const swatch = make("span", "alw-map-mark", mark);
          swatch.style.color = colour;
          swatch.setAttribute("aria-hidden", "true");
          entry.append(swatch, make("span", "alw-map-name", name), make("b", "", n.toLocaleString("en")));
          return entry;
        }),
      );
    }

    /** One step out: of a box, of the question, of the map's parts, of its selection, of the map. @param {KeyboardEvent} event @param {HTMLElement} target */
    function leave(event, target) {
      const part = [bar, aside].find((each) => each.contains(target));
      if (!part && !asked && (target !== plot || !selected.length)) return target.blur();
      event.stopPropagation();
      event.preventDefault();
      if (asked) return settle();
      if (part === bar && ofSelection.close()) return bar.focus({ preventScroll: true });
      if (part === aside && ofShown.close()) return back.focus({ preventScroll: true });
      if (part) return plot.focus({ preventScroll: true });
      choose([]);
      say(ESCAPED);
    }

    function goToBar() {
      if (!selected.length) return say("nothing is selected");
      bar.focus({ preventScroll: true });
      say(`${count.textContent}; the keys of classes label them, Escape goes back to the map`);
    }

    /** What keys of classes do: in the bar to the selection, elsewhere to the sample that is shown. @param {KeyboardEvent} event @param {HTMLElement} target @returns {boolean} whether the key was one */
    function answer(event, target) {
      const selection = bar.contains(target);
      if (!selection && target !== plot && !aside.contains(target)) return false;
      if (!selection && letterOf(event).toLowerCase() === "b") {
        goToBar();
        return true;
      }
      const answers = selection ? ofSelection : ofShown;
      const turn = { PageUp: -1, PageDown: 1 }[event.key];
      const action = actionOf(event, keysNow(), answers.keys());
      if (!action && (!turn || pages(classes.length) === 1)) return false;
      if (selection ? asked : one.hidden) {
        if (!asked) say(`${shownRows().length ? "several samples are" : "no sample is"} shown; Enter on a point shows it, B goes to the selection`);
        return true;
      }
      back = target === plot ? plot : one;
      if (turn) answers.turn(turn);
      else if (action?.action === "find") answers.search();
      else if (!event.repeat) pressed(answers, /** @type {number} */ (action?.value), target);
      return true;
    }

    /** @param {Answers} answers @param {number} value @param {HTMLElement} target */
    function pressed(answers, value, target) {
      if (answers === ofSelection) return labelSelected(value);
      if (target !== plot || cursor.row() === (coming ?? shownRow())) return labelShown(value);
      say(`the cursor is on row ${cursor.row()}, which is not shown; Enter shows it`);
    }

    /** @param {KeyboardEvent} event */
    function onKey(event) {
      const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
      if (event.key === "Escape") return leave(event, target);
      if (ofShown.onKey(event) || ofSelection.onKey(event)) return;
      if (target instanceof HTMLInputElement || target instanceof HTMLSelectElement) return;
      if (target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) {
        back = one;
        return;
      }
      if (target === plot && cursor.onKey(event)) return;
      if (answer(event, target)) return event.preventDefault();
      if (target === plot) return;
      const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!way) return;
      event.preventDefault();
      step(way);
    }

    const unguard = guard(root, onKey);
    const unfollow = followTheme(root, drawNow);
    const size = new ResizeObserver(() => library && plot.dataset.version && library.Plots.resize(plot));
    size.observe(root);
    views.add(drawNow);
    drawNow();
    plotly(model).then((loaded) => {
      library = loaded;
      drawNow();
    });
    return () => {
      gone = true;
      views.delete(drawNow);
      stale.close();
      unguard();
      unfollow();
      size.disconnect();
      library?.purge(plot);
    };
  }

  return { initialize, render };
};
