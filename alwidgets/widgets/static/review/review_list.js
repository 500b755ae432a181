// @ts-check
/** The table of answers without a page: what is on it, and in which words. */

import { itemOf } from "../common/outbox.js";

export const ROWS = 50;
/** What the table can be narrowed to: name, and in words. */
export const SHOWS = [
  ["all", "all answers"],
  ["disagrees", "model disagrees"],
  ["flagged", "flagged"],
  ["slow", "slow (over 3 times the median)"],
  ["skipped", "skipped"],
  ["unsure", "unsure"],
  ["changed", "second answer differs"],
  ["noted", "with a note"],
];
export const SORTS = [
  ["newest", "newest first"],
  ["oldest", "oldest first"],
  ["slowest", "slowest first"],
  ["suspicious", "most suspicious first"],
];

/** @param {ArrayLike<number>} order @param {number} page @returns {number[]} the items on a page */
export function itemsOf(order, page) {
  return Array.from({ length: Math.max(0, Math.min(ROWS, order.length - page * ROWS)) }, (_, i) => order[page * ROWS + i]);
}

/** @param {ArrayLike<number>} order */
export function nPages(order) {
  return Math.max(1, Math.ceil(order.length / ROWS));
}

/** @param {ArrayLike<number>} order @param {number} page */
export function rangeText(order, page) {
  if (!order.length) return "no answers";
  const last = Math.min(order.length, (page + 1) * ROWS);
  return `${(page * ROWS + 1).toLocaleString("en")} to ${last.toLocaleString("en")} of ${order.length.toLocaleString("en")}`;
}

/** @param {ArrayLike<number>} first @param {ArrayLike<number>} second */
export function sameOrder(first, second) {
  if (first.length !== second.length) return false;
  for (let i = 0; i < first.length; i += 1) if (first[i] !== second[i]) return false;
  return true;
}

/** @param {number|null|undefined} share */
export function shareText(share) {
  return share === null || share === undefined ? "" : `${Math.round(100 * share)} %`;
}

/** @param {number|null} seconds */
export function secondsText(seconds) {
  if (seconds === null) return "";
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}

/** What stands in the label column. @param {import("../common/sent.d.ts").AnswerRow} row @param {string[]} classes */
export function labelText(row, classes) {
  if (row.skipped) return row.unsure ? "unsure" : "skipped";
  return namesOf(row.label, classes);
}

/** @typedef {number|number[]|null} Value number of a class, numbers of several, null for none */

/** A label in words. @param {Value|undefined} value @param {string[]} classes */
export function namesOf(value, classes) {
  if (value === null || value === undefined) return "";
  return [value].flat().map((each) => classes[each] ?? "").join(", ") || "none of the classes";
}

/** Whether two labels are the same. @param {Value} first @param {Value} second */
export function sameValue(first, second) {
  return JSON.stringify(first) === JSON.stringify(second);
}

/** Classes with one more or one less, ascending. @param {number[]} values @param {number} number of the class */
export function toggled(values, number) {
  if (values.includes(number)) return values.filter((value) => value !== number);
  return [...values, number].sort((a, b) => a - b);
}

/** @typedef {import("../common/outbox.js").Message} Message */
/** @typedef {import("../common/sent.d.ts").AnswerRow} AnswerRow */

/**
 * An answer with the changes made to it on this page that the kernel has not acknowledged.
 * @param {import("../common/sent.d.ts").AnswerRow} row as the kernel told it last
 * @param {Message[]} changes of all rows, oldest first
 */
export function asChanged(row, changes) {
  const own = changes.filter((change) => itemOf(change) === row.item);
  return own.reduce((now, change) => ({ ...now, ...changedBy(now, change) }), row);
}

/** @param {AnswerRow} row @param {Message} change @returns {Partial<AnswerRow>} */
function changedBy(row, change) {
  if (change.kind === "label") {
    const { value } = change;
    const disagrees = row.predicted !== null && !sameValue(row.predicted, value);
    return { label: value, skipped: false, unsure: false, disagrees };
  }
  if (change.kind === "skip") return { label: null, skipped: true, unsure: change.unsure, disagrees: false };
  if (change.kind === "flag") return { flagged: true, flag: change.note };
  if (change.kind === "unflag") return { flagged: false, flag: "" };
  return change.kind === "note" ? { note: change.note } : {};
}

/** Where an answer was given, if not on the card, in words. */
const WHERE = {
  grid: "in the grid",
  alike: "in the list of near duplicates",
  map: "on the map",
  review: "in the review",
  given: "came with the data",
};

/** @param {import("../common/sent.d.ts").AnswerRow} row */
function whereText({ via, duplicate_of }) {
  if (via === "duplicate") return `copied from row ${duplicate_of}, an identical sample`;
  return WHERE[/** @type {keyof typeof WHERE} */ (via)] ?? via;
}

/** What is to be said of an answer beside its label. @param {import("../common/sent.d.ts").AnswerRow} row @returns {string[]} */
export function marksOf(row) {
  const words = [];
  if (row.changed) words.push("second differs");
  if (row.flagged) words.push(row.flag ? `flag: ${row.flag}` : "flagged");
  if (row.note) words.push(row.note);
  if (row.slow) words.push("slow");
  if (row.via) words.push(whereText(row));
  return words;
}

/** How an answer came about, in words. @param {import("../common/sent.d.ts").AnswerRow} row */
export function historyOf(row) {
  const at = new Date(1000 * row.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const who = row.annotator ? `by ${row.annotator}` : "";
  // What came with the data was not asked, and of a copy the time is that of the answer to the other sample.
  const isAsked = row.via !== "given" && row.via !== "duplicate";
  const asked = row.round ? `asked in round ${row.round}` : "asked before the first model";
  const parts = [at, who, row.via && whereText(row), isAsked && asked];
  return [...parts, row.seconds === null ? "" : `after ${secondsText(row.seconds)}`].filter(Boolean).join(", ");
}

/** The first words of a sample. @param {import("../common/sent.d.ts").Drawable} payload */
export function firstLine(payload) {
  if (payload.type === "row") {
    return payload.cells.slice(0, 6).map(([name, value]) => `${name} ${value}`).join(", ").slice(0, 200);
  }
  const text = "text" in payload ? payload.text : "alt" in payload ? payload.alt : payload.type;
  return text.trim().split("\n", 1)[0].slice(0, 200);
}
