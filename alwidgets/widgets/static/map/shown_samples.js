// @ts-check
/** The samples beside a map: one with its answers, or many small ones. */

import { makeAnswers } from "../common/answers.js";
import { make, makeButton } from "../common/dom.js";
import { drawn } from "../common/sample.js";
import { beside } from "./points.js";

const HINT =
  "Click a point to see its sample; lasso points to select them. Or go to the map with Tab, on with the arrow keys, " +
  "and press Enter. Keys of classes then label the one sample that is shown. B goes from the map to the bar of the " +
  "selection, where they label all of it.";

/** @typedef {ReturnType<typeof makeShownSamples>} ShownSamples */

/** @param {import("./selection_bar.js").Around & {model: any}} around */
export function makeShownSamples({ map, model, classes, drawAnswers, say }) {
  const { payloads } = map.state;
  const element = make("div", "alw-map-aside");
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", "Samples");
  const one = make("div", "alw-map-one");
  one.tabIndex = -1;
  one.setAttribute("role", "group");
  const title = make("strong", "");
  const facts = make("p", "");
  const sample = make("div", "alw-map-sample");
  sample.setAttribute("aria-live", "polite");
  /** Where keys go on after a class was looked for. @type {HTMLElement} */ let back = one;
  const goBack = () => back.focus({ preventScroll: true });
  const answers = makeAnswers({
    press(value) {
      label(value);
      goBack();
    },
    leave: goBack,
  });
  const walk = make("div", "alw-map-line alw-map-walk");
  const place = make("span", "alw-map-place");
  const close = makeButton("", "close", () => map.inspect([]));
  const steps = [makeButton("\u2190", "previous", () => step(-1)), makeButton("\u2192", "next", () => step(1))];
  walk.append(...steps, place, close);
  one.append(title, sample, facts, answers.element, walk);
  const many = makeManySamples(map);
  const hint = make("p", "alw-map-hint", HINT);
  element.append(hint, one, many.element);
  /** What the one sample's box holds: its payload, or its row while that is not there. @type {any} */ let onScreen = null;
  /** @type {number|null} */ let named = null;

  /** @param {number} way */
  function step(way) {
    const next = beside(map.state.selected, map.shownRow(), way);
    if (next !== null) map.inspect([next]);
  }

  /** Only what can be seen is labeled. @param {number} value */
  function label(value) {
    const { coming } = map.state;
    const shown = map.shownRow();
    if (shown === null) return say("no sample is shown");
    const seen = coming === null && onScreen === payloads.get(shown);
    if (!seen) return say(`row ${coming ?? shown} is not on screen yet`);
    map.change({ kind: "label", value, relabel: true, rows: [shown] });
  }

  /** @param {any} fact */
  function drawOne(fact) {
    title.textContent = `row ${fact.row}`;
    one.setAttribute("aria-label", `row ${fact.row}`);
    // What was looked for was for the sample before.
    if (named !== fact.row) answers.close();
    named = fact.row;
    facts.textContent = factText(fact, classes());
    const payload = payloads.get(fact.row);
    if (onScreen !== (payload ?? fact.row)) sample.replaceChildren(payload ? drawn(payload) : "Loading ...");
    onScreen = payload ?? fact.row;
    const { selected } = map.state;
    const at = selected.indexOf(fact.row);
    place.textContent = at < 0 ? "" : `${at + 1} of ${selected.length.toLocaleString("en")}`;
    for (const button of steps) button.disabled = !selected.length;
  }

  return {
    element, one, close, answers, label, step, goBack,
    /** Keys go on from there after a class was looked for. @param {HTMLElement} from */
    comeFrom: (from) => (back = from),
    draw() {
      const shown = /** @type {any[]} */ (model.get("_shown"));
      hint.hidden = shown.length > 0;
      one.hidden = shown.length !== 1;
      many.element.hidden = shown.length < 2;
      if (shown.length === 1) drawOne(shown[0]);
      drawAnswers(answers, shown.length === 1, shown.length === 1 ? (shown[0].label ?? -1) : null);
      if (shown.length > 1) many.draw(shown, classes());
    },
  };
}

/** What is known of a sample, in words. @param {any} fact @param {string[]} classes */
export function factText({ label, prediction, confidence }, classes) {
  const given = label === null ? "no label" : `label: ${classes[label]}`;
  if (prediction === null) return `${given} \u00b7 no model yet`;
  const sureness = confidence === null ? "" : `, ${Math.round(100 * confidence)}% sure`;
  return `${given} \u00b7 model: ${classes[prediction]}${sureness}`;
}

/** @param {import("./map_messages.js").MapMessages} map */
function makeManySamples(map) {
  const element = make("div", "alw-map-many");
  /** @type {Map<number, {cell: HTMLElement, box: HTMLElement, words: HTMLElement, payload: any}>} */
  let cells = new Map();

  /** @param {number} row */
  function makeCell(row) {
    const cell = make("div", "alw-map-cell");
    const box = make("div", "alw-map-sample");
    const words = make("span", "");
    cell.append(box, makeButton("", `row ${row}`, () => map.inspect([row])), words);
    return { cell, box, words, payload: null };
  }

  return {
    element,
    /** @param {any[]} shown @param {string[]} classes */
    draw(shown, classes) {
      const rows = shown.map((fact) => fact.row);
      if (rows.join() !== [...cells.keys()].join()) {
        cells = new Map(rows.map((row) => [row, makeCell(row)]));
        element.replaceChildren(...[...cells.values()].map(({ cell }) => cell));
      }
      for (const fact of shown) {
        const parts = /** @type {any} */ (cells.get(fact.row));
        parts.words.textContent = fact.label === null ? "no label" : classes[fact.label];
        const payload = map.state.payloads.get(fact.row);
        if (payload && parts.payload !== payload) parts.box.replaceChildren(drawn(payload));
        parts.payload = payload;
      }
    },
  };
}
