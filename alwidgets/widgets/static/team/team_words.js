// @ts-check
/** What the panel of a team says, without a page. What was not measured is said to be so, and never shown as 0. */

import { NONE, count, percent } from "../common/figures.js";

/** @typedef {import("../common/sent.d.ts").PersonShown} Person */
/** @typedef {import("../common/sent.d.ts").TeamShown} TeamShown */

/** @param {[number, number]|null} interval */
function rangeText(interval) {
  return interval === null ? "" : ` (${Math.round(100 * interval[0])}\u00a0to\u00a0${percent(interval[1])})`;
}

/** @param {string[]} names */
function inWords(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Who has a page open, and how much was answered. @param {TeamShown} team @returns {string[]} */
export function headText({ people, others, agreement }) {
  const open = [...people.filter(({ n_pages }) => n_pages).map(({ name }) => name), ...others.map((name) => `${name} (looks on)`)];
  const there = open.length ? `${inWords(open)} ${open.length === 1 ? "has" : "have"} a page open.` : "Nobody has a page open.";
  if (!agreement?.n_answers) return [there, "No answers yet."];
  const { n_answers, n_items, n_doubled } = agreement;
  return [there, `${count(n_answers, "label")} for ${count(n_items, "item")}, ${n_doubled.toLocaleString("en")} of them by two people or more.`];
}

/** What somebody works on. @param {Person} person */
export function workText({ items }) {
  if (!items.length) return "nothing";
  const ahead = items.length > 1 ? `, then ${items.length - 1} more` : "";
  return `row ${items[0]}${ahead}`;
}

/** Whether somebody is there. @param {Person} person @param {(seconds: number) => string} clock a moment in words */
export function presenceText({ n_pages, since, last_active }, clock) {
  if (n_pages && since !== null) return `here since ${clock(since)}`;
  return last_active === null ? "not here yet" : `last answer ${clock(last_active)}`;
}

/** @param {Person} person */
export function answersText({ n_answers, n_skipped }) {
  return n_skipped ? `${n_answers}, ${n_skipped} skipped` : String(n_answers);
}

/** @param {Person} person */
export function paceText({ seconds, pace }) {
  if (seconds === null && pace === null) return NONE;
  const each = seconds === null ? [] : [`${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s each`];
  return [...each, ...(pace === null ? [] : [`${pace < 10 ? pace.toFixed(1) : Math.round(pace)} a minute`])].join(", ");
}

/** @param {Person} person */
export function qualityText({ quality, quality_interval }) {
  return quality === null ? NONE : `${percent(quality)}${rangeText(quality_interval)}`;
}

/** @param {Person} person */
export function goldText({ gold, gold_interval, n_gold, n_right }) {
  return gold === null ? NONE : `${n_right} of ${n_gold}${rangeText(gold_interval)}`;
}

/** @param {Person} person */
export function weightText({ weight, n_asked_again }) {
  const counts = weight === 1 ? "as usual" : weight === 0 ? "not at all" : String(weight);
  return n_asked_again ? `${counts}; ${n_asked_again} asked again` : counts;
}
