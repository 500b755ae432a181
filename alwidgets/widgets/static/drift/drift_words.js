// @ts-check
/** What the panel of drift says, without a page. What was not measured is said to be so, and never shown as 0. */

import { NONE, count, percent } from "../common/figures.js";

/** @typedef {import("../common/sent.d.ts").PartShown} Part */
/** @typedef {import("../common/sent.d.ts").DriftCheck} Check */

/** A mean, as short as it can be read. @param {number|null} value */
export function numberText(value) {
  return value === null ? NONE : String(Number(value.toPrecision(3)));
}

/** What was found of a part. @param {Part} part */
export function alarmText({ drifted }) {
  return drifted.replace("samples", "samples moved").replace("errors", "other errors");
}

/** Which columns moved. @param {Check} check */
export function columnsText({ moved, n_columns, columns }) {
  if (n_columns) return `${count(n_columns, "column")} moved${n_columns > columns.length ? `; the first ${columns.length}` : ""}`;
  return moved ? "No single column moved" : "No column moved";
}

/** How far a share went, in points of percent. @param {number} before @param {number} now */
export function stepText(before, now) {
  const step = Math.round(100 * now) - Math.round(100 * before);
  return `${percent(before)} before, ${percent(now)} now${step ? ` (${step > 0 ? "+" : "\u2212"}${Math.abs(step)})` : ""}`;
}

/** What the button does. @param {Check} check */
export function askText({ n_to_ask, part }) {
  return `ask ${count(n_to_ask, "audit question")} of ${part}`;
}
