// @ts-check
/** Points that are drawn, two boundaries and two curves. The page asks for each step; the kernel holds the race. */

import { guard } from "../common/guard.js";
import { letterOf } from "../common/keys.js";
import { followTheme } from "../common/theme.js";
import { makeBrush } from "./race_brush.js";
import { drawPanels, drawPictures, drawRace, makeRacePage, sayInRace, standOf } from "./race_draw.js";
import { makeDrawTools, makeTerms } from "./race_fields.js";
import { makeRun } from "./race_run.js";

/** @typedef {import("./race_draw.js").Race} Race */

/** @param {{model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").RaceState & {classes: string[]}>, el: HTMLElement}} context */
function render({ model, el: root }) {
  root.classList.add("alw-root", "alw-race");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Race of a strategy against random sampling");
  const race = makeRace(model, root);
  const { run, brush } = race;
  const draw = () => drawRace(race);
  const receive = (/** @type {import("../common/sent.d.ts").Sent} */ message) => receiveInRace(race, message);
  const unguard = guard(root, (event) => onRaceKey(race, event));
  model.on("change:_points", brush.forget);
  model.on("change", draw);
  model.on("msg:custom", receive);
  const ends = [unguard, followTheme(root, draw), followWidth(race)];
  draw();
  return () => {
    run.pause();
    model.off("change:_points", brush.forget);
    model.off("change", draw);
    model.off("msg:custom", receive);
    ends.forEach((end) => end());
  };
}

/** @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").RaceState & {classes: string[]}>} model @param {HTMLElement} root @returns {Race} */
function makeRace(model, root) {
  const classes = /** @type {string[]} */ (model.get("_classes"));
  const send = (/** @type {import("../common/said.d.ts").SaidInRace} */ message) => sendInRace(race, message);
  const tools = makeDrawTools(root, model, classes, send);
  const terms = makeTerms(root, model, (name, value) => changeTerm(race, name, value));
  const run = makeRun(root, model, classes, {
    send,
    say: (text) => sayInRace(race, text),
    redraw: () => drawRace(race),
  });
  const brush = makeBrush({
    race: () => standOf(race),
    width: tools.width,
    drawn: () => drawPanels(race),
    done: (points) => send({ kind: "draw", points, code: tools.code() }),
  });
  const page = makeRacePage();
  page.panels.forEach(({ canvas }) => brush.listenOn(canvas));
  root.append(page.sentence, page.problem, page.both, page.legend, page.curve);
  /** @type {Race} */ const race = { root, model, classes, sent: 0, tools, terms, run, brush, page };
  return race;
}

/** @param {Race} race @param {import("../common/said.d.ts").SaidInRace} message @returns {number} the message's number */
function sendInRace(race, message) {
  try {
    race.sent += 1;
    race.model.send({ ...message, id: race.sent });
    race.root.dataset.sent = String(race.sent);
  } catch {
    race.run.pause();
    sayInRace(race, "The kernel is gone: run the cell again.");
  }
  return race.sent;
}

/** @param {Race} race @param {string} name @param {any} value */
function changeTerm(race, name, value) {
  race.run.pause();
  sendInRace(race, { kind: "choose", settings: { [name]: value } });
  race.run.ask();
}

/** @param {Race} race @param {import("../common/sent.d.ts").Sent} message */
function receiveInRace(race, message) {
  const { brush, run } = race;
  if (message.kind === "problem") {
    brush.forget();
    run.stop();
    sayInRace(race, message.error);
    drawRace(race);
    return;
  }
  sayInRace(race, standOf(race).problem ?? "");
  if (message.kind === "done") run.stepped(message.id);
}

/** Digits choose a brush, or answer. @param {Race} race @param {KeyboardEvent} event */
function onRaceKey({ tools, run }, event) {
  const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
  if (target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && target.type === "number")) return;
  const code = Number(letterOf(event)) - 1;
  if (!tools.brushes[code]) return;
  if (!run.isAnswering()) tools.brushes[code].checked = true;
  else if (!event.repeat) run.answer(code);
}

/** @param {Race} race @returns {() => void} ends it */
function followWidth(race) {
  let width = 0;
  const size = new ResizeObserver(() => {
    if (race.root.clientWidth === width) return;
    width = race.root.clientWidth;
    drawPictures(race);
  });
  size.observe(race.root);
  return () => size.disconnect();
}

export default { render };
