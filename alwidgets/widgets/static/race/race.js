// @ts-check
/** Points that are drawn, two boundaries and two curves. The page asks for each step; the kernel holds the race. */

import { make } from "../common/dom.js";
import { guard } from "../common/guard.js";
import { letterOf } from "../common/keys.js";
import { followTheme } from "../common/theme.js";
import { makeBrush } from "./race_brush.js";
import { drawCurves, percent } from "./race_curves.js";
import { makeDrawTools, makeTerms } from "./race_fields.js";
import { drawPanel, makePanel, tonesOf } from "./race_panels.js";
import { makeRun } from "./race_run.js";
import { svg } from "./race_shapes.js";

const RUNNING =
  "Filled: may be asked. Hollow: never asked, both accuracies are measured on these. Outlined: labeled; ringed: the newest. " +
  "Reset to draw on.";
const DRAWING =
  "Drag to draw with the chosen brush. Half of each class may be asked; the other half is never asked, and measures both.";

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el: root }) {
  root.classList.add("alw-root", "alw-race");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Race of a strategy against random sampling");
  const classes = /** @type {string[]} */ (model.get("_classes"));
  const race = () => model.get("_race");
  let sent = 0;

  const tools = makeDrawTools(root, model, classes, send);
  const terms = makeTerms(root, model, change);
  const run = makeRun(root, model, classes, { send, say, redraw: draw });
  const brush = makeBrush({
    race,
    width: tools.width,
    drawn: drawPanels,
    done: (points) => send({ kind: "draw", points, code: tools.code() }),
  });
  const sentence = make("p", "alw-sentence");
  sentence.setAttribute("aria-live", "polite");
  const problem = make("p", "alw-problem");
  problem.setAttribute("role", "alert");
  problem.hidden = true;
  const panels = ["_active_map", "_random_map"].map(makePanel);
  panels.forEach(({ canvas }) => brush.listenOn(canvas));
  const both = make("div", "alw-panels");
  both.append(...panels.map(({ element }) => element));
  const curve = svg("svg", { class: "alw-curves", role: "img" });
  const legend = make("p", "alw-legend");
  root.append(sentence, problem, both, legend, curve);

  /** @param {any} message @returns {number} the message's number */
  function send(message) {
    try {
      sent += 1;
      model.send({ ...message, id: sent });
      root.dataset.sent = String(sent);
    } catch {
      run.pause();
      say("The kernel is gone: run the cell again.");
    }
    return sent;
  }

  /** @param {string} text */
  function say(text) {
    problem.textContent = text;
    problem.hidden = !text;
  }

  /** @param {string} name @param {any} value */
  function change(name, value) {
    run.pause();
    send({ kind: "choose", settings: { [name]: value } });
    run.ask();
  }

  /** @param {any} message */
  function receive(message) {
    if (message.kind === "problem") {
      brush.forget();
      run.stop();
      say(message.error);
      draw();
      return;
    }
    say(race().problem ?? "");
    run.stepped(message.id);
  }

  function drawPanels() {
    const tones = tonesOf(root, classes.length);
    const known = /** @type {number[][]} */ (model.get("_points"));
    const points = [...known, ...brush.stroke().map(([x, y]) => [x, y, tools.code()])];
    const hidden = run.isByHand() && race().running;
    panels.forEach(({ canvas, map }, number) => {
      drawPanel(canvas, { race: race(), points, map: model.get(map), number, hidden, tones });
    });
  }

  function drawTitles() {
    const { running, scores } = race();
    [model.get("_settings").strategy, "random"].forEach((name, number) => {
      const { name: title, score, canvas } = panels[number];
      const value = running ? percent(scores[number]) : "";
      const words = name.replaceAll("_", " ");
      const before = number ? "and here random sampling will ask" : `draw here: ${words} will ask`;
      title.textContent = running ? `${words} asks` : before;
      score.textContent = value;
      canvas.classList.toggle("alw-drawable", !running);
      const nPoints = model.get("_points").length;
      canvas.setAttribute("aria-label", `${nPoints} points; what ${name} has labeled, and its model's boundary. ${value}`);
    });
  }

  function drawCurve() {
    drawCurves(curve, root.clientWidth - 32, race(), model.get("_settings").strategy);
    root.dataset.rounds = String(race().curves?.length ?? 0);
  }

  function draw() {
    tools.draw(model.get("_points").length === 0);
    terms.draw();
    run.draw();
    sentence.textContent = race().sentence;
    drawTitles();
    legend.textContent = race().running ? RUNNING : DRAWING;
    drawPanels();
    drawCurve();
  }

  /** Digits choose a brush, or answer. @param {KeyboardEvent} event */
  function onKey(event) {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type === "number")) return;
    const code = Number(letterOf(event)) - 1;
    if (!tools.brushes[code]) return;
    if (!run.isAnswering()) tools.brushes[code].checked = true;
    else if (!event.repeat) run.answer(code);
  }

  const unguard = guard(root, onKey);
  model.on("change:_points", brush.forget);
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
    run.pause();
    model.off("change:_points", brush.forget);
    model.off("change", draw);
    model.off("msg:custom", receive);
    unguard();
    unfollow();
    size.disconnect();
  };
}

export default { render };
