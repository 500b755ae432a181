// @ts-check
/** Points that are drawn, two boundaries and two curves. The page asks for each step; the kernel holds the race. */

import { hasFocus, make } from "../common/dom.js";
import { letterOf } from "../common/keys.js";
import { followTheme } from "../common/theme.js";

/** Between two steps of a race that plays: long enough to see which points were asked. */
const PAUSE_MS = 200;
/** A point of a stroke every so many pixels. */
const STRIDE = 6;
const SPREADS = [["fine", 3], ["medium", 14], ["wide", 32]];
const CURVE = { height: 200, left: 44, right: 132, top: 12, bottom: 32 };
const SVG = "http://www.w3.org/2000/svg";

/**
 * The outline of a class's marker: no two classes differ by colour alone.
 * @param {number} code @param {number} x @param {number} y @param {number} r
 */
export function marker(code, x, y, r) {
  /** @param {number[][]} corners */
  const polygon = (corners) => `M${corners.map(([dx, dy]) => `${x + r * dx} ${y + r * dy}`).join("L")}Z`;
  const t = 0.38;
  const kinds = [
    null,
    [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
    [[0, -1.15], [1.1, 0.85], [-1.1, 0.85]],
    [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
    [[-t, -1.2], [t, -1.2], [t, -t], [1.2, -t], [1.2, t], [t, t], [t, 1.2], [-t, 1.2], [-t, t], [-1.2, t], [-1.2, -t], [-t, -t]],
    [[0, 1.15], [1.1, -0.85], [-1.1, -0.85]],
  ];
  const corners = kinds[code];
  return corners ? polygon(corners) : `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
}

/**
 * Where a class is as good as the best other one, as an SVG path in units of cells, y downward.
 * @param {Int8Array} lead of the class, row by row, the lowest row first @param {number} side
 */
export function boundary(lead, side) {
  const parts = [];
  for (let row = 0; row + 1 < side; row++) {
    for (let column = 0; column + 1 < side; column++) {
      const x = column + 0.5;
      const y = side - row - 0.5;
      const at = row * side + column;
      const corners = [[x, y, lead[at]], [x + 1, y, lead[at + 1]], [x + 1, y - 1, lead[at + side + 1]], [x, y - 1, lead[at + side]]];
      const crossed = [];
      for (let corner = 0; corner < 4; corner++) {
        const [x1, y1, here] = corners[corner];
        const [x2, y2, there] = corners[(corner + 1) % 4];
        if (here > 0 === there > 0) continue;
        const share = here / (here - there);
        crossed.push(`${(x1 + share * (x2 - x1)).toFixed(2)} ${(y1 + share * (y2 - y1)).toFixed(2)}`);
      }
      for (let pair = 0; pair < crossed.length; pair += 2) parts.push(`M${crossed[pair]}L${crossed[pair + 1]}`);
    }
  }
  return parts.join("");
}

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

/** @param {string} tag @param {Record<string, string|number>} attributes @param {string} [text] */
function svg(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {number} code */
function badge(code) {
  const picture = svg("svg", { viewBox: "-8 -8 16 16", width: 16, height: 16, "aria-hidden": "true" });
  picture.append(svg("path", { d: marker(code, 0, 0, 5.5), class: `alw-class-${code}` }));
  return picture;
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el }) {
  const root = el;
  root.classList.add("alw-root", "alw-race");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Race of a strategy against random sampling");
  const classes = /** @type {string[]} */ (model.get("_classes"));
  let playing = false;
  /** The step that a race that plays waits for. */
  let awaited = 0;
  let sent = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let timer;
  /** Being drawn, or on the way to the kernel. @type {number[][]} */ let stroke = [];
  /** @type {{x: number, y: number}|null} */ let last = null;

  const state = () => model.get("_race");

  /** @param {any} message */
  function send(message) {
    try {
      sent += 1;
      model.send({ ...message, id: sent });
      root.dataset.sent = String(sent);
    } catch {
      pause();
      say("The kernel is gone: run the cell again.");
    }
    return sent;
  }

  /** @param {string} text */
  function say(text) {
    problem.textContent = text;
    problem.hidden = !text;
  }

  /** @param {HTMLElement} place @param {string} text @param {string} title @param {() => void} press */
  function button(place, text, title, press) {
    const made = /** @type {HTMLButtonElement} */ (make("button", "", text));
    made.type = "button";
    made.title = title;
    made.addEventListener("click", press);
    place.append(made);
    return made;
  }

  /** @param {HTMLElement} place @param {string} text @param {HTMLElement} field */
  function labelled(place, text, field) {
    const label = make("label", "", text);
    field.setAttribute("aria-label", text);
    label.append(field);
    place.append(label);
  }

  /** @param {HTMLElement} place @param {string} text @param {(value: string) => void} change */
  function select(place, text, change) {
    const made = /** @type {HTMLSelectElement} */ (make("select"));
    made.addEventListener("change", () => change(made.value));
    labelled(place, text, made);
    return made;
  }

  /** @param {HTMLElement} place @param {string} text @param {number} value @param {number} least @param {number} most */
  function number(place, text, value, least, most) {
    const made = /** @type {HTMLInputElement} */ (make("input"));
    Object.assign(made, { type: "number", value: String(value), min: String(least), max: String(most) });
    labelled(place, text, made);
    return made;
  }

  /** @param {string} name @param {HTMLElement} place */
  function group(name, place = root) {
    const made = make("div", "alw-tools");
    made.setAttribute("role", "group");
    made.setAttribute("aria-label", name);
    place.append(made);
    return made;
  }

  // What is drawn with
  const drawTools = group("draw");
  const brushes = classes.map((name, code) => {
    const radio = /** @type {HTMLInputElement} */ (make("input"));
    Object.assign(radio, { type: "radio", name: `alw-brush-${model.model_id ?? ""}`, checked: code === 0 });
    const label = make("label", "alw-brush");
    label.append(radio, badge(code), make("span", "", name), make("kbd", "", String(code + 1)));
    drawTools.append(label);
    return radio;
  });
  const spread = select(drawTools, "brush", () => {});
  spread.append(...SPREADS.map(([name, width]) => new Option(String(name), String(width))));
  spread.selectedIndex = 1;
  const shape = select(drawTools, "shape", () => {});
  const nPoints = number(drawTools, "points", 200, 8, 5000);
  button(drawTools, "add shape", "Add a ready-made shape; needs no mouse", () =>
    send({ kind: "shape", shape: shape.value, n: Number(nPoints.value) }),
  );
  const undo = button(drawTools, "undo", "Take back the last stroke or shape", () => send({ kind: "undo" }));
  const clear = button(drawTools, "clear", "Take all points away", () => send({ kind: "clear" }));

  // What is run
  const terms = group("race");
  const choose = (/** @type {string} */ name) => (/** @type {string} */ value) => change(name, value);
  const fields = {
    strategy: select(terms, "strategy", choose("strategy")),
    learner: select(terms, "model", choose("learner")),
    cold_start: select(terms, "start", choose("cold_start")),
    batch_size: number(terms, "batch", 4, 1, 100),
    random_state: number(terms, "seed", 0, 0, 2 ** 31),
  };
  for (const name of /** @type {("batch_size"|"random_state")[]} */ (["batch_size", "random_state"])) {
    fields[name].addEventListener("change", () => {
      const value = Number(fields[name].value);
      if (fields[name].value.trim() && Number.isInteger(value)) change(name, value);
      else draw();
    });
  }

  /** @param {string} name @param {any} value */
  function change(name, value) {
    pause();
    send({ kind: "choose", settings: { [name]: value } });
    if (yourself.checked) send({ kind: "ask" });
  }

  const running = group("run");
  const step = button(running, "step", "Label a batch each, and retrain", () => send({ kind: "step" }));
  const play = button(running, "play", "Step after step, until you pause", () => (playing ? pause() : start()));
  const reset = button(running, "reset", "Start over with the same points", () => {
    pause();
    send({ kind: "reset" });
    if (yourself.checked) send({ kind: "ask" });
  });
  const yourself = /** @type {HTMLInputElement} */ (make("input"));
  yourself.type = "checkbox";
  const yourselfLabel = make("label", "alw-check");
  yourselfLabel.append(yourself, "label it yourself");
  running.append(yourselfLabel);
  yourself.addEventListener("change", () => {
    pause();
    if (yourself.checked) send({ kind: "ask" });
    draw();
  });
  const answers = group("answer", running);
  answers.append(make("span", "", "The ringed point is"));
  const answerButtons = classes.map((name, code) => {
    const made = button(answers, "", `Answer ${name}`, () => send({ kind: "answer", code }));
    made.append(badge(code), make("span", "", name), make("kbd", "", String(code + 1)));
    return made;
  });

  const sentence = make("p", "alw-sentence");
  sentence.setAttribute("aria-live", "polite");
  const problem = make("p", "alw-problem");
  problem.setAttribute("role", "alert");
  problem.hidden = true;
  const panels = make("div", "alw-panels");
  const views = ["_active_map", "_random_map"].map((map) => {
    const figure = make("figure");
    const title = make("figcaption");
    const name = make("span");
    const score = make("strong");
    title.append(name, score);
    const canvas = /** @type {HTMLCanvasElement} */ (make("canvas"));
    canvas.setAttribute("role", "img");
    canvas.addEventListener("pointerdown", onDown);
    canvas.addEventListener("pointermove", onMove);
    canvas.addEventListener("pointerup", onUp);
    canvas.addEventListener("pointercancel", onUp);
    figure.append(title, canvas);
    panels.append(figure);
    return { map, name, score, canvas };
  });
  const curve = svg("svg", { class: "alw-curves", role: "img" });
  const legend = make("p", "alw-legend");
  root.append(sentence, problem, panels, legend, curve);

  // Playing

  function start() {
    playing = true;
    say("");
    awaited = send({ kind: "step" });
    drawControls();
  }

  function pause() {
    playing = false;
    clearTimeout(timer);
    drawControls();
  }

  /** @param {any} message */
  function receive(message) {
    if (message.kind === "problem") {
      stroke = [];
      if (!state().running) yourself.checked = false;
      pause();
      say(message.error);
      draw();
      return;
    }
    say(state().problem ?? "");
    if (!playing || message.id !== awaited) return;
    if (state().finished) pause();
    else timer = setTimeout(() => (awaited = send({ kind: "step" })), PAUSE_MS);
  }

  // Drawing with the mouse

  /** @param {PointerEvent} event */
  function place(event) {
    const box = /** @type {HTMLElement} */ (event.target).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top, size: box.width };
  }

  /** @param {PointerEvent} event */
  function onDown(event) {
    if (state().running || event.button !== 0) return;
    /** @type {HTMLElement} */ (event.target).setPointerCapture(event.pointerId);
    const at = place(event);
    last = at;
    stroke = [];
    put(at.x, at.y, at.size);
  }

  /** @param {PointerEvent} event */
  function onMove(event) {
    if (!last) return;
    const at = place(event);
    const way = Math.hypot(at.x - last.x, at.y - last.y);
    const width = Number(spread.value);
    for (let gone = STRIDE; gone <= way; gone += STRIDE) {
      const angle = 2 * Math.PI * Math.random();
      const off = width * Math.sqrt(Math.random());
      const share = gone / way;
      put(last.x + share * (at.x - last.x) + off * Math.cos(angle), last.y + share * (at.y - last.y) + off * Math.sin(angle), at.size);
    }
    if (way >= STRIDE) last = at;
  }

  function onUp() {
    if (last && stroke.length) send({ kind: "draw", points: stroke, code: brush() });
    last = null;
  }

  /** @param {number} x @param {number} y @param {number} size pixels of the panel; a point outside of it is left out */
  function put(x, y, size) {
    const { reach } = state();
    if (x < 0 || y < 0 || x > size || y > size) return;
    stroke.push([(x / size) * 2 * reach - reach, reach - (y / size) * 2 * reach]);
    drawPanels();
  }

  const brush = () => brushes.findIndex((radio) => radio.checked);

  // What is seen

  function colours() {
    const style = getComputedStyle(root);
    const value = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    return {
      classes: classes.map((_, code) => value(`--alw-class-${code}`)),
      text: value("--alw-text"), quiet: value("--alw-quiet"), ring: value("--alw-ring"),
    };
  }

  /** @param {CanvasRenderingContext2D} context @param {string} colour */
  function channels(context, colour) {
    context.fillStyle = colour;
    const hex = /^#(..)(..)(..)$/.exec(String(context.fillStyle));
    return hex ? hex.slice(1).map((part) => parseInt(part, 16)) : [128, 128, 128];
  }

  /** @param {CanvasRenderingContext2D} context @param {DataView} map @param {number} size @param {ReturnType<typeof colours>} tones */
  function drawMap(context, map, size, tones) {
    const { grid, drawn } = state();
    const leads = drawn.map((/** @type {number} */ _, /** @type {number} */ plane) => new Int8Array(map.buffer, map.byteOffset + plane * grid * grid, grid * grid));
    const small = document.createElement("canvas");
    small.width = small.height = grid;
    const pixels = new ImageData(grid, grid);
    leads.forEach((/** @type {Int8Array} */ lead, /** @type {number} */ plane) => {
      const tone = channels(context, tones.classes[drawn[plane]]);
      lead.forEach((ahead, at) => {
        const row = grid - 1 - Math.floor(at / grid);
        // The surer the model, the deeper the colour.
        if (ahead > 0) pixels.data.set([...tone, 32 + (ahead * 64) / 127], 4 * (row * grid + (at % grid)));
      });
    });
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

  function drawPanels() {
    const tones = colours();
    const race = state();
    const points = /** @type {number[][]} */ (model.get("_points"));
    const all = stroke.length ? [...points, ...stroke.map(([x, y]) => [x, y, brush()])] : points;
    views.forEach((view, number) => {
      const size = view.canvas.clientWidth;
      if (!size) return;
      const scale = devicePixelRatio || 1;
      view.canvas.width = view.canvas.height = Math.round(size * scale);
      const context = /** @type {CanvasRenderingContext2D} */ (view.canvas.getContext("2d"));
      context.scale(scale, scale);
      const map = /** @type {DataView|null} */ (model.get(view.map));
      if (map?.byteLength) drawMap(context, map, size, tones);
      const at = (/** @type {number[]} */ [x, y]) => [
        ((x + race.reach) / (2 * race.reach)) * size,
        ((race.reach - y) / (2 * race.reach)) * size,
      ];
      drawPoints(context, all, at, tones, race, number);
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {number[][]} all @param {(point: number[]) => number[]} at
   * @param {ReturnType<typeof colours>} tones @param {any} race @param {number} number of the panel
   */
  function drawPoints(context, all, at, tones, race, number) {
    const answered = race.running ? new Map(race.labelled[number]) : new Map();
    const measured = new Set(race.measured);
    const hidden = yourself.checked && race.running;
    /** @param {(row: number) => boolean} wanted @param {number} r */
    const paths = (wanted, r) => {
      const made = classes.map(() => "");
      all.forEach((point, row) => {
        if (!wanted(row)) return;
        const [x, y] = at(point);
        made[answered.get(row) ?? point[2]] += marker(hidden && !answered.has(row) ? 0 : answered.get(row) ?? point[2], x, y, r);
      });
      return made.map((path) => new Path2D(path));
    };
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
    const ring = (/** @type {number} */ row, /** @type {number} */ r) => {
      const [x, y] = at(all[row]);
      context.beginPath();
      context.arc(x, y, r, 0, 2 * Math.PI);
      context.stroke();
    };
    context.strokeStyle = tones.ring;
    context.lineWidth = 2;
    if (race.running && race.n_newest) for (const [row] of race.labelled[number].slice(-race.n_newest)) ring(row, 9.5);
    if (!hidden || number || race.question === null) return;
    context.lineWidth = 4;
    ring(race.question, 12);
  }

  function drawCurve() {
    const race = state();
    const rows = /** @type {(number|null)[][]} */ (race.curves ?? []);
    const width = root.clientWidth - 32;
    // The drawing is empty until there is something to see.
    curve.toggleAttribute("hidden", rows.length === 0);
    if (!rows.length || width <= 0) return;
    const { left, right, top, bottom, height } = CURVE;
    const { low, most } = axes(rows, race.n_asked);
    const x = (/** @type {number} */ n) => left + (n / most) * (width - left - right);
    const y = (/** @type {number} */ score) => top + ((1 - score) / (1 - low)) * (height - top - bottom);
    const parts = [];
    for (let score = low; score < 1.001; score += 0.1) {
      parts.push(svg("line", { x1: left, x2: width - right, y1: y(score), y2: y(score), class: "alw-grid" }));
      if (Math.round(score * 10) % 2 === 0) parts.push(svg("text", { x: left - 8, y: y(score) + 4, "text-anchor": "end" }, percent(score)));
    }
    const every = most <= 40 ? 10 : most <= 120 ? 20 : Math.ceil(most / 6 / 50) * 50;
    for (let n = 0; n <= most; n += every) parts.push(svg("text", { x: x(n), y: height - bottom + 18, "text-anchor": "middle" }, String(n)));
    parts.push(svg("text", { x: width - right + 16, y: height - bottom + 18 }, "labels"));
    const names = [model.get("_settings").strategy, "random"];
    const ends = names.map((name, which) => {
      const known = rows.filter((row) => row[which + 1] !== null);
      const points = known.map((row) => `${x(Number(row[0])).toFixed(1)},${y(Number(row[which + 1])).toFixed(1)}`);
      parts.push(svg("polyline", { points: points.join(" "), class: which ? "alw-random" : "alw-active", "data-of": which ? "random" : "active" }));
      const end = known[known.length - 1] ?? [0, 0, 0];
      return { name, at: y(Number(end[which + 1])), x: x(Number(end[0])), score: Number(end[which + 1]) };
    });
    // Two labels on the same height could not be read.
    const gap = ends[1].at - ends[0].at;
    const apart = Math.max(0, 15 - Math.abs(gap)) / 2;
    ends.forEach((end, which) => {
      const up = which === 0 ? gap >= 0 : gap < 0;
      const text = `${end.name.length > 12 ? `${end.name.slice(0, 11)}\u2026` : end.name} ${percent(end.score)}`;
      parts.push(svg("circle", { cx: end.x, cy: end.at, r: 3.5, class: which ? "alw-random-end" : "alw-active-end" }));
      parts.push(svg("text", { x: end.x + 8, y: Math.max(12, end.at + (up ? -apart : apart) + 4), class: which ? "alw-random-name" : "alw-active-name" }, text));
    });
    curve.setAttribute("width", String(width));
    curve.setAttribute("height", String(height));
    curve.setAttribute("viewBox", `0 0 ${width} ${height}`);
    curve.setAttribute("aria-label", `Accuracy against labels. ${race.sentence}`);
    curve.replaceChildren(...parts);
    root.dataset.rounds = String(rows.length);
  }

  function drawControls() {
    const race = state();
    const empty = model.get("_points").length === 0;
    play.textContent = playing ? "pause" : "play";
    step.disabled = playing || yourself.checked || race.finished || empty;
    play.disabled = yourself.checked || race.finished || empty;
    reset.disabled = !race.running;
    undo.disabled = clear.disabled = empty;
    answers.hidden = !(yourself.checked && race.running && race.question !== null);
    for (const view of views) view.canvas.classList.toggle("alw-drawable", !race.running);
  }

  function drawFields() {
    const options = model.get("_options");
    const settings = model.get("_settings");
    for (const name of /** @type {("strategy"|"learner"|"cold_start")[]} */ (["strategy", "learner", "cold_start"])) {
      fill(fields[name], options[name]);
      fields[name].value = settings[name];
    }
    fill(shape, options.shape);
    for (const name of /** @type {("batch_size"|"random_state")[]} */ (["batch_size", "random_state"])) {
      if (!hasFocus(fields[name])) fields[name].value = String(settings[name]);
    }
  }

  /** @param {HTMLSelectElement} field @param {string[]} names */
  function fill(field, names) {
    const shown = [...field.options].map((option) => option.value);
    if (shown.join("\n") !== names.join("\n")) field.replaceChildren(...names.map((name) => new Option(name.replaceAll("_", " "), name)));
  }

  function draw() {
    const race = state();
    const settings = model.get("_settings");
    drawFields();
    drawControls();
    sentence.textContent = race.sentence;
    [settings.strategy, "random"].forEach((name, number) => {
      const { name: title, score, canvas } = views[number];
      const value = race.running ? percent(race.scores[number]) : "";
      title.textContent = race.running ? `${name.replaceAll("_", " ")} asks` : number ? "and here random sampling will ask" : `draw here: ${name.replaceAll("_", " ")} will ask`;
      score.textContent = value;
      canvas.setAttribute("aria-label", `${model.get("_points").length} points; what ${name} has labelled, and its model's boundary. ${value}`);
    });
    legend.textContent = race.running
      ? "Filled: may be asked. Hollow: never asked, both accuracies are measured on these. Outlined: labelled; ringed: the newest. Reset to draw on."
      : "Drag to draw with the chosen brush. Half of each class may be asked; the other half is never asked, and measures both.";
    drawPanels();
    drawCurve();
  }

  /**
   * Digits choose a brush or answer; what is typed here is nobody else's: Jupyter listens on the document.
   * @param {KeyboardEvent} event
   */
  function onKey(event) {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (!root.contains(target) || event.key === "Tab" || event.key === "Escape") return;
    if ((event.ctrlKey || event.metaKey || event.altKey) && event.key !== "Enter") return;
    event.stopPropagation();
    if (target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type === "number")) return;
    const code = Number(letterOf(event)) - 1;
    if (!brushes[code]) return;
    if (!answers.hidden && !event.repeat) answerButtons[code].click();
    else if (answers.hidden) brushes[code].checked = true;
  }

  function drawnAnew() {
    stroke = [];
  }

  window.addEventListener("keydown", onKey, true);
  model.on("change:_points", drawnAnew);
  model.on("change", draw);
  model.on("msg:custom", receive);
  const unfollow = followTheme(root, draw);
  let width = 0;
  const size = new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    drawPanels();
    drawCurve();
  });
  size.observe(root);
  draw();
  return () => {
    pause();
    model.off("change:_points", drawnAnew);
    model.off("change", draw);
    model.off("msg:custom", receive);
    window.removeEventListener("keydown", onKey, true);
    unfollow();
    size.disconnect();
  };
}

export default { render };
