// @ts-check
/** What is set before a race: what is drawn with, and what is run. */

import { hasFocus, make } from "../common/dom.js";
import { badge } from "./race_shapes.js";

const SPREADS = [["fine", 3], ["medium", 14], ["wide", 32]];

/** @param {HTMLElement} place @param {string} name */
export function makeGroup(place, name) {
  const made = make("div", "alw-tools");
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", name);
  place.append(made);
  return made;
}

/** @param {HTMLElement} place @param {string} text @param {string} title @param {() => void} press */
export function addButton(place, text, title, press) {
  const made = /** @type {HTMLButtonElement} */ (make("button", "", text));
  made.type = "button";
  made.title = title;
  made.addEventListener("click", press);
  place.append(made);
  return made;
}

/** @param {HTMLElement} place @param {string} text @param {HTMLElement} field */
function addLabeled(place, text, field) {
  const label = make("label", "", text);
  field.setAttribute("aria-label", text);
  label.append(field);
  place.append(label);
}

/** @param {HTMLElement} place @param {string} text @param {(value: string) => void} change */
function addSelect(place, text, change) {
  const made = /** @type {HTMLSelectElement} */ (make("select"));
  made.addEventListener("change", () => change(made.value));
  addLabeled(place, text, made);
  return made;
}

/** @param {HTMLElement} place @param {string} text @param {number} value @param {number} least @param {number} most */
function addNumber(place, text, value, least, most) {
  const made = /** @type {HTMLInputElement} */ (make("input"));
  Object.assign(made, { type: "number", value: String(value), min: String(least), max: String(most) });
  addLabeled(place, text, made);
  return made;
}

/** @param {HTMLSelectElement} field @param {string[]} names */
function fill(field, names) {
  const shown = [...field.options].map((option) => option.value);
  if (shown.join("\n") !== names.join("\n")) field.replaceChildren(...names.map((name) => new Option(name.replaceAll("_", " "), name)));
}

/** @param {HTMLElement} root @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").RaceState & {classes: string[]}>} model @param {string[]} classes @param {(message: import("../common/said.d.ts").SaidInRace) => void} send */
export function makeDrawTools(root, model, classes, send) {
  const tools = makeGroup(root, "draw");
  const brushes = classes.map((name, code) => {
    const radio = /** @type {HTMLInputElement} */ (make("input"));
    Object.assign(radio, { type: "radio", name: `alw-brush-${model.model_id ?? ""}`, checked: code === 0 });
    const label = make("label", "alw-brush");
    label.append(radio, badge(code), make("span", "", name), make("kbd", "", String(code + 1)));
    tools.append(label);
    return radio;
  });
  const spread = addSelect(tools, "brush", () => {});
  spread.append(...SPREADS.map(([name, width]) => new Option(String(name), String(width))));
  spread.selectedIndex = 1;
  const shape = addSelect(tools, "shape", () => {});
  const nPoints = addNumber(tools, "points", 200, 8, 5000);
  addButton(tools, "add shape", "Add a ready-made shape; needs no mouse", () =>
    send({ kind: "shape", shape: shape.value, n: Number(nPoints.value) }),
  );
  const undo = addButton(tools, "undo", "Undo the last stroke or shape", () => send({ kind: "undo" }));
  const clear = addButton(tools, "clear", "Remove all points", () => send({ kind: "clear" }));
  return {
    brushes,
    /** The class that is drawn. */
    code: () => brushes.findIndex((radio) => radio.checked),
    width: () => Number(spread.value),
    /** @param {boolean} empty whether there are no points */
    draw(empty) {
      undo.disabled = clear.disabled = empty;
      fill(shape, model.get("_options").shape);
    },
  };
}

/** @param {HTMLElement} root @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").RaceState & {classes: string[]}>} model @param {(name: string, value: any) => void} change */
export function makeTerms(root, model, change) {
  const terms = makeGroup(root, "race");
  const choices = {
    strategy: addSelect(terms, "strategy", (value) => change("strategy", value)),
    learner: addSelect(terms, "model", (value) => change("learner", value)),
    cold_start: addSelect(terms, "start", (value) => change("cold_start", value)),
  };
  const numbers = { batch_size: addNumber(terms, "batch", 4, 1, 100), random_state: addNumber(terms, "seed", 0, 0, 2 ** 31) };
  for (const [name, field] of Object.entries(numbers)) {
    field.addEventListener("change", () => {
      const value = Number(field.value);
      if (field.value.trim() && Number.isInteger(value)) change(name, value);
      else draw();
    });
  }

  function draw() {
    const options = model.get("_options");
    const settings = model.get("_settings");
    for (const [name, field] of Object.entries(choices)) {
      fill(field, options[name]);
      field.value = String(settings[/** @type {keyof typeof choices} */ (name)]);
    }
    for (const [name, field] of Object.entries(numbers)) if (!hasFocus(field)) field.value = String(settings[/** @type {keyof typeof numbers} */ (name)]);
  }

  return { draw };
}
