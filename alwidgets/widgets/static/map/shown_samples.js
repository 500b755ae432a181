// @ts-check
/** The samples beside a map: one with its answers, or many small ones. */

import { makeAnswers } from "../common/answers.js";
import { make, makeButton } from "../common/dom.js";
import { drawn } from "../common/sample.js";
import { beside } from "./points.js";

const HINT =
  "Point at a sample to glance at it, click to keep it here; lasso points to select them. Or go to the map with Tab, " +
  "on with the arrow keys, and press Enter.";
const LABELS =
  " Keys of classes then label the one sample that is shown. B goes from the map to the bar of the selection, where " +
  "they label all of it.";

/** @typedef {ReturnType<typeof makeShownSamples>} ShownSamples */

/**
 * @typedef {import("./selection_bar.js").Around & {model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>}} Around
 *
 * @typedef {object} One
 * @property {Around} around
 * @property {ReturnType<typeof makeOnePage>} page
 * @property {HTMLElement} back where keys go on after a class was looked for
 * @property {any} onScreen what the sample's box holds: its payload, or its row while that is not there
 * @property {number|null} named
 */

/** @param {Around} around */
export function makeShownSamples(around) {
  const { map, model, classes, drawAnswers: drawMapAnswers } = around;
  const element = make("div", "alw-map-aside");
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", "Samples");
  const goBack = () => shown.back.focus({ preventScroll: true });
  const page = makeOnePage({
    press(value) {
      labelShown(shown, value);
      goBack();
    },
    leave: goBack,
    close: () => map.inspect([]),
    step: (way) => stepOn(map, way),
  });
  const { one, answers, close } = page;
  /** @type {One} */ const shown = { around, page, back: one, onScreen: null, named: null };
  const many = makeManySamples(map);
  const hint = make("p", "alw-map-hint", HINT + (map.may("label") ? LABELS : ""));
  page.sample.addEventListener("alw-whole", map.askWhole);
  element.append(hint, one, many.element);
  return {
    element, one, close, answers, goBack,
    /** Only what can be seen is labeled. @param {number} value */
    label: (value) => labelShown(shown, value),
    /** @param {number} way */
    step: (way) => stepOn(map, way),
    /** Keys go on from there after a class was looked for. @param {HTMLElement} from */
    comeFrom: (from) => (shown.back = from),
    draw() {
      const facts = model.get("_shown");
      const isOne = facts.length === 1;
      hint.hidden = facts.length > 0;
      one.hidden = !isOne;
      many.element.hidden = facts.length < 2;
      if (isOne) drawOne(shown, facts[0]);
      drawMapAnswers(answers, isOne, isOne ? (facts[0].label ?? -1) : null);
      if (facts.length > 1) many.draw(facts, classes());
    },
  };
}

/** @param {{press: (value: number) => void, leave: () => void, close: () => void, step: (way: number) => void}} on */
function makeOnePage(on) {
  const one = make("div", "alw-map-one");
  one.tabIndex = -1;
  one.setAttribute("role", "group");
  const title = make("strong", "");
  const facts = make("p", "");
  const sample = make("div", "alw-map-sample");
  sample.setAttribute("aria-live", "polite");
  const answers = makeAnswers({ press: on.press, leave: on.leave });
  const walk = make("div", "alw-map-line alw-map-walk");
  const place = make("span", "alw-map-place");
  const close = makeButton("", "close", on.close);
  const steps = [makeButton("\u2190", "previous", () => on.step(-1)), makeButton("\u2192", "next", () => on.step(1))];
  walk.append(...steps, place, close);
  one.append(title, sample, facts, answers.element, walk);
  return { one, title, facts, sample, answers, place, close, steps };
}

/** @param {Around["map"]} map @param {number} way */
function stepOn(map, way) {
  const next = beside(map.state.selected, map.shownRow(), way);
  if (next !== null) map.inspect([next]);
}

/** @param {One} shown @param {number} value */
function labelShown({ around: { map, say }, onScreen }, value) {
  const { coming, payloads } = map.state;
  const row = map.shownRow();
  if (row === null) return say("no sample is shown");
  const seen = coming === null && onScreen === payloads.get(row);
  if (!seen) return say(`row ${coming ?? row} is not on screen yet`);
  map.change({ kind: "label", value, relabel: true, rows: [row] });
}

/** @param {One} shown @param {import("../common/sent.d.ts").Fact} fact */
function drawOne(shown, fact) {
  const { around: { map, classes }, page } = shown;
  const { selected, payloads } = map.state;
  page.title.textContent = `row ${fact.row}`;
  page.one.setAttribute("aria-label", `row ${fact.row}`);
  // What was looked for was for the sample before.
  if (shown.named !== fact.row) page.answers.close();
  shown.named = fact.row;
  page.facts.textContent = factText(fact, classes());
  const payload = payloads.get(fact.row);
  if (shown.onScreen !== (payload ?? fact.row)) page.sample.replaceChildren(payload ? drawn(payload) : "Loading ...");
  shown.onScreen = payload ?? fact.row;
  const at = selected.indexOf(fact.row);
  page.place.textContent = at < 0 ? "" : `${at + 1} of ${selected.length.toLocaleString("en")}`;
  for (const button of page.steps) button.disabled = !selected.length;
}

/** What is known of a sample, in words. @param {import("../common/sent.d.ts").Fact} fact @param {string[]} classes */
export function factText({ label, prediction, confidence }, classes) {
  const given = label === null ? "no label" : `label: ${classes[label]}`;
  if (prediction === null) return `${given} \u00b7 no model yet`;
  const sureness = confidence === null ? "" : `, ${Math.round(100 * confidence)}% sure`;
  return `${given} \u00b7 model: ${classes[prediction]}${sureness}`;
}

/** @param {import("./map_messages.js").MapMessages} map */
function makeManySamples(map) {
  const element = make("div", "alw-map-many");
  /** @type {Map<number, {cell: HTMLElement, box: HTMLElement, words: HTMLElement, payload: import("../common/sent.d.ts").Drawable|null|undefined}>} */
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
    /** @param {import("../common/sent.d.ts").Fact[]} shown @param {string[]} classes */
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
