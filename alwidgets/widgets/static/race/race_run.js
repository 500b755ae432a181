// @ts-check
/** Steps of a race, one by one, one after the other, or answered by whoever looks on. */

import { make } from "../common/dom.js";
import { addButton, makeGroup } from "./race_fields.js";
import { badge } from "./race_shapes.js";

/** Between two steps of a race that plays: long enough to see which points were asked. */
const PAUSE_MS = 200;

/**
 * @typedef {object} On
 * @property {(message: import("../common/said.d.ts").SaidInRace) => number} send gives the message's number
 * @property {(text: string) => void} say
 * @property {() => void} redraw
 *
 * @typedef {object} Run
 * @property {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").RaceState & {classes: string[]}>} model
 * @property {On} on
 * @property {ReturnType<typeof makeRunTools>} tools
 * @property {boolean} playing
 * @property {number} awaited the step that a race that plays waits for
 * @property {ReturnType<typeof setTimeout>|undefined} timer
 */

/** @param {HTMLElement} root @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").RaceState & {classes: string[]}>} model @param {string[]} classes @param {On} on */
export function makeRun(root, model, classes, on) {
  const tools = makeRunTools(root, classes, {
    step: () => on.send({ kind: "step" }),
    play: () => (run.playing ? pauseRun(run) : startRun(run)),
    reset() {
      pauseRun(run);
      on.send({ kind: "reset" });
      askInRun(run);
    },
    manual() {
      pauseRun(run);
      askInRun(run);
      on.redraw();
    },
    answer: (code) => on.send({ kind: "answer", code }),
  });
  /** @type {Run} */ const run = { model, on, tools, playing: false, awaited: 0, timer: undefined };
  return {
    ask: () => askInRun(run),
    pause: () => pauseRun(run),
    draw: () => drawRun(run),
    isManual: () => tools.yourself.checked,
    isAnswering: () => !tools.answers.hidden,
    /** @param {number} code */
    answer: (code) => tools.buttons[code].click(),
    /** A step was taken: on to the next. @param {number} id of the message that asked for it */
    stepped: (id) => goOn(run, id),
    /** A step was refused. */
    stop() {
      if (!model.get("_race").running) tools.yourself.checked = false;
      pauseRun(run);
    },
  };
}

/**
 * @param {HTMLElement} root
 * @param {string[]} classes
 * @param {{step: () => void, play: () => void, reset: () => void, manual: () => void, answer: (code: number) => void}} on
 */
function makeRunTools(root, classes, on) {
  const running = makeGroup(root, "run");
  const step = addButton(running, "step", "Label a batch each, and retrain", on.step);
  const play = addButton(running, "play", "Step after step, until you pause", on.play);
  const reset = addButton(running, "reset", "Start over with the same points", on.reset);
  const yourself = /** @type {HTMLInputElement} */ (make("input"));
  yourself.type = "checkbox";
  const line = make("label", "alw-check");
  line.append(yourself, "label it yourself");
  running.append(line);
  yourself.addEventListener("change", on.manual);
  const answers = makeGroup(running, "answer");
  answers.append(make("span", "", "The ringed point is"));
  const buttons = classes.map((name, code) => {
    const made = addButton(answers, "", `Answer ${name}`, () => on.answer(code));
    made.append(badge(code), make("span", "", name), make("kbd", "", String(code + 1)));
    return made;
  });
  return { step, play, reset, yourself, answers, buttons };
}

/** Ask for a question, where somebody answers. @param {Run} run */
function askInRun({ tools, on }) {
  if (tools.yourself.checked) on.send({ kind: "ask" });
}

/** @param {Run} run */
function startRun(run) {
  run.playing = true;
  run.on.say("");
  run.awaited = run.on.send({ kind: "step" });
  drawRun(run);
}

/** @param {Run} run */
function pauseRun(run) {
  run.playing = false;
  clearTimeout(run.timer);
  drawRun(run);
}

/** @param {Run} run @param {number} id */
function goOn(run, id) {
  if (!run.playing || id !== run.awaited) return;
  if (run.model.get("_race").finished) pauseRun(run);
  else run.timer = setTimeout(() => (run.awaited = run.on.send({ kind: "step" })), PAUSE_MS);
}

/** @param {Run} run */
function drawRun({ model, tools: { step, play, reset, yourself, answers }, playing }) {
  const { finished, running, question } = model.get("_race");
  const empty = model.get("_points").length === 0;
  play.textContent = playing ? "pause" : "play";
  step.disabled = playing || yourself.checked || finished || empty;
  play.disabled = yourself.checked || finished || empty;
  reset.disabled = !running;
  answers.hidden = !(yourself.checked && running && question !== null);
}
