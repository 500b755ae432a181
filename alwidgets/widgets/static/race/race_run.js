// @ts-check
/** Steps of a race, one by one, one after the other, or answered by whoever looks on. */

import { make } from "../common/dom.js";
import { addButton, makeGroup } from "./race_fields.js";
import { badge } from "./race_shapes.js";

/** Between two steps of a race that plays: long enough to see which points were asked. */
const PAUSE_MS = 200;

/**
 * @param {HTMLElement} root
 * @param {any} model
 * @param {string[]} classes
 * @param {object} on
 * @param {(message: any) => number} on.send gives the message's number
 * @param {(text: string) => void} on.say
 * @param {() => void} on.redraw
 */
export function makeRun(root, model, classes, { send, say, redraw }) {
  const race = () => model.get("_race");
  let playing = false;
  /** The step that a race that plays waits for. */
  let awaited = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let timer;

  const running = makeGroup(root, "run");
  const step = addButton(running, "step", "Label a batch each, and retrain", () => send({ kind: "step" }));
  const play = addButton(running, "play", "Step after step, until you pause", () => (playing ? pause() : start()));
  const reset = addButton(running, "reset", "Start over with the same points", () => {
    pause();
    send({ kind: "reset" });
    ask();
  });
  const yourself = /** @type {HTMLInputElement} */ (make("input"));
  yourself.type = "checkbox";
  const line = make("label", "alw-check");
  line.append(yourself, "label it yourself");
  running.append(line);
  yourself.addEventListener("change", () => {
    pause();
    ask();
    redraw();
  });
  const answers = makeGroup(running, "answer");
  answers.append(make("span", "", "The ringed point is"));
  const buttons = classes.map((name, code) => {
    const made = addButton(answers, "", `Answer ${name}`, () => send({ kind: "answer", code }));
    made.append(badge(code), make("span", "", name), make("kbd", "", String(code + 1)));
    return made;
  });

  /** Ask for a question, where somebody answers. */
  function ask() {
    if (yourself.checked) send({ kind: "ask" });
  }

  function start() {
    playing = true;
    say("");
    awaited = send({ kind: "step" });
    draw();
  }

  function pause() {
    playing = false;
    clearTimeout(timer);
    draw();
  }

  function draw() {
    const { finished, running: runs, question } = race();
    const empty = model.get("_points").length === 0;
    play.textContent = playing ? "pause" : "play";
    step.disabled = playing || yourself.checked || finished || empty;
    play.disabled = yourself.checked || finished || empty;
    reset.disabled = !runs;
    answers.hidden = !(yourself.checked && runs && question !== null);
  }

  return {
    ask, pause, draw,
    isByHand: () => yourself.checked,
    isAnswering: () => !answers.hidden,
    /** @param {number} code */
    answer: (code) => buttons[code].click(),
    /** A step was taken: on to the next. @param {number} id of the message that asked for it */
    stepped(id) {
      if (!playing || id !== awaited) return;
      if (race().finished) pause();
      else timer = setTimeout(() => (awaited = send({ kind: "step" })), PAUSE_MS);
    },
    /** A step was refused. */
    stop() {
      if (!race().running) yourself.checked = false;
      pause();
    },
  };
}
