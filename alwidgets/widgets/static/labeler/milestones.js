// @ts-check
/** Quiet words on the way: so many labels, every class seen. */

import { make } from "../common/dom.js";

const EVERY = 50;
/** For so many answers they stay. */
const ANSWERS = 5;

/** @typedef {Pick<import("../common/sent.d.ts").StatusShown, "n_labeled"|"counts"|"labels_per_minute">} Now */

/**
 * What was reached from one moment to the next, empty when nothing was.
 * @param {Now} before
 * @param {Now} now
 */
export function milestone(before, now) {
  const isSeen = (/** @type {Now} */ { counts }) => counts.length > 1 && counts.every((count) => count > 0);
  if (!isSeen(before) && isSeen(now) && before.counts.length === now.counts.length) return "every class has a label now";
  const reached = Math.floor(now.n_labeled / EVERY) * EVERY;
  if (before.n_labeled >= reached) return "";
  return `${reached} labels${now.labels_per_minute ? `, ${now.labels_per_minute} a minute` : ""}`;
}

export function makeMilestones() {
  const element = make("span", "alw-milestone");
  /** @type {Now|null} */ let before = null;
  let until = 0;
  return {
    element,
    /** @param {Now} now */
    draw(now) {
      const words = before && now.n_labeled > before.n_labeled ? milestone(before, now) : "";
      if (words) {
        element.textContent = words;
        until = now.n_labeled + ANSWERS;
      } else if (now.n_labeled >= until) element.textContent = "";
      before = { n_labeled: now.n_labeled, counts: [...now.counts], labels_per_minute: now.labels_per_minute };
    },
  };
}
