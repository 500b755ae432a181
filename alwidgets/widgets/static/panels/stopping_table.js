// @ts-check
/** The criteria of a stopping panel, a row each. */

import { make } from "../common/dom.js";
import { SPARK, fieldsOf, readingText, shown, sparkline, stateOf, toGoText } from "./stopping_words.js";

/** @param {import("../common/sent.d.ts").Criterion} row */
function drawnSpark(row) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${SPARK.width} ${SPARK.height}`);
  svg.setAttribute("width", String(SPARK.width));
  svg.setAttribute("height", String(SPARK.height));
  svg.setAttribute("aria-hidden", "true");
  const line = sparkline(row.values, row.threshold);
  if (!line) return svg;
  if (line.threshold !== null) {
    const limit = document.createElementNS("http://www.w3.org/2000/svg", "line");
    const ends = { x1: 0, x2: SPARK.width, y1: line.threshold, y2: line.threshold };
    for (const [name, value] of Object.entries(ends)) limit.setAttribute(name, String(value));
    svg.append(limit);
  }
  const path = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  path.setAttribute("points", line.points);
  svg.append(path);
  return svg;
}

/** Rows of the same key have the same fields. @param {import("../common/sent.d.ts").Criterion} criterion */
function keyOf(criterion) {
  return [criterion.name, ...fieldsOf(criterion).map(({ label }) => label)].join("\n");
}

/** @param {import("./stopping_fields.js").StoppingFields} fields */
export function makeStoppingTable({ field, fill }) {
  const element = document.createElement("table");
  /** @type {Map<string, {row: HTMLElement, note: HTMLElement, value: HTMLElement, inputs: HTMLInputElement[]}>} */
  let rows = new Map();

  /** @param {import("../common/sent.d.ts").Criterion} criterion */
  function makeRow(criterion) {
    const row = make("tr", "");
    const note = make("tr", "alw-note");
    const name = make("th", "", criterion.name.replaceAll("_", " "));
    name.setAttribute("scope", "row");
    const value = make("td", "alw-value");
    const inputs = fieldsOf(criterion).map(({ label, settings }) => field("number", label, settings));
    for (const input of inputs) {
      const line = make("div", "");
      line.append("", input, "");
      value.append(line);
    }
    row.append(name, make("td", "alw-spark"), value);
    element.append(row, note);
    return { row, note, value, inputs };
  }

  /** @param {import("../common/sent.d.ts").Criterion} criterion */
  function drawRow(criterion) {
    const parts = rows.get(keyOf(criterion));
    if (!parts) return;
    const { row, note, value, inputs } = parts;
    row.children[1].replaceChildren(drawnSpark(criterion));
    fieldsOf(criterion).forEach(({ before, value: known, after }, i) => {
      const [first, , last] = /** @type {any} */ (value.children[i].childNodes);
      first.data = before;
      last.data = after;
      fill(inputs[i], known);
    });
    if (!inputs.length) value.textContent = readingText(criterion) + (criterion.threshold === null ? "" : shown(criterion.threshold));
    row.className = criterion.fired ? "alw-fired" : "";
    note.replaceChildren(noteOf(criterion));
  }

  return {
    element,
    /** Rows stay while they are the same criteria: a field that is being typed in is not removed. @param {import("../common/sent.d.ts").Criterion[]} criteria */
    draw(criteria) {
      const keys = criteria.map(keyOf);
      if (keys.join("\n\n") !== [...rows.keys()].join("\n\n")) {
        element.replaceChildren();
        rows = new Map(criteria.map((criterion) => [keyOf(criterion), makeRow(criterion)]));
      }
      criteria.forEach(drawRow);
    },
  };
}

/** What a criterion says, under its numbers. @param {import("../common/sent.d.ts").Criterion} criterion */
function noteOf(criterion) {
  const cell = /** @type {HTMLTableCellElement} */ (make("td", ""));
  cell.colSpan = 3;
  // One limit says in its row what is spent of it.
  const why = criterion.limits?.length === 1 && criterion.value !== null ? "" : criterion.why;
  const words = [stateOf(criterion), why, toGoText(criterion.to_go)].filter(Boolean);
  cell.append(make("b", "", words[0]), words.length > 1 ? ` \u00b7 ${words.slice(1).join(" \u00b7 ")}` : "");
  return cell;
}
