// @ts-check
/** Shares and counts in words. */

export const NONE = "not measured";

/** A share; what was not measured is said to be so. @param {number|null} share */
export function percent(share) {
  return share === null ? NONE : `${Math.round(100 * share)}\u00a0%`;
}

/** @param {number} n @param {string} one @param {string} [many] */
export function count(n, one, many = `${one}s`) {
  return `${n.toLocaleString("en")} ${n === 1 ? one : many}`;
}
