// @ts-check
/** What is said of items that a team disputes, without a page. */

/** @typedef {number|number[]|null} Value number of a class, numbers of several, null for none */

/** A label in words. @param {Value} value @param {string[]} classes */
export function answerText(value, classes) {
  if (value === null) return "could not tell";
  return [value].flat().map((each) => classes[each] ?? "").join(", ") || "none of the classes";
}

/** Who said what, in one line. @param {import("./sent.d.ts").Dispute} dispute @param {string[]} classes */
export function disputeText({ item, answers }, classes) {
  return `row ${item}: ${answers.map(([name, value]) => `${name} ${answerText(value, classes)}`).join(" · ")}`;
}

/** More classes than this are not all offered: of others there is the card. */
const MOST_CLASSES = 10;

/**
 * The labels by which a dispute can be settled: those that were given first.
 * @param {import("./sent.d.ts").Dispute} dispute
 * @param {string[]} classes
 * @returns {Value[]}
 */
export function choices({ answers }, classes) {
  const given = answers.map(([, value]) => value).filter((value) => value !== null);
  const isMulti = given.some(Array.isArray);
  const every = isMulti || classes.length > MOST_CLASSES ? [] : classes.map((_, value) => value);
  const distinct = new Map([...given, ...every].map((value) => [JSON.stringify(value), value]));
  return [...distinct.values(), null];
}
