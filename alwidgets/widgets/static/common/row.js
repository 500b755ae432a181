// @ts-check
/** Names and values as tables: one, or, when they are many and short, several side by side. */

import { make } from "./dom.js";
import { marked } from "./marks.js";

const MISSING = "\u2014";
const LONG = 80;
/** More rows than these are put side by side, in as many tables as there are numbers below. */
const FULL = [12, 36];

/** @typedef {[string, string]} Cell */

/** @param {import("./sent.d.ts").RowSample} payload @param {readonly string[]} words */
export function drawnRow(payload, words) {
  const row = make("div", "alw-row");
  row.append(tables(payload.cells, words));
  if (payload.context?.length) {
    const context = make("div", "alw-context");
    context.append(make("div", "alw-context-name", "context"), tables(payload.context, words));
    row.append(context);
  }
  return row;
}

/** Cells in as many parts as there are tables. @param {readonly Cell[]} cells @returns {Cell[][]} */
export function columnsOf(cells) {
  const long = cells.some(([, value]) => value.length > LONG);
  const n = long ? 1 : 1 + FULL.filter((full) => cells.length > full).length;
  const each = Math.ceil(cells.length / n);
  return Array.from({ length: n }, (_, i) => cells.slice(i * each, (i + 1) * each));
}

/** @param {readonly Cell[]} cells @param {readonly string[]} words */
function tables(cells, words) {
  const side = make("div", "alw-tables");
  for (const part of columnsOf(cells)) {
    const table = document.createElement("table");
    for (const [name, value] of part) {
      const line = table.insertRow();
      const head = make("th", "", name);
      head.setAttribute("scope", "row");
      head.dir = "auto";
      line.append(head);
      const cell = line.insertCell();
      cell.dir = "auto";
      cell.append(...marked(value, words));
      if (value === MISSING) cell.setAttribute("aria-label", "missing");
    }
    side.append(table);
  }
  return side;
}
