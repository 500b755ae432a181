// @ts-check
/** Where a session stands, in words. */

/** Strategies whose next question is the least certain one. */
const UNCERTAIN = ["margin", "entropy", "least_confidence", "ratio"];

/**
 * The header, as words; the first is the strongest.
 * @param {import("../common/sent.d.ts").StatusShown} status
 * @param {number} [n_flagged] samples that are to be looked at again, answered or not
 * @returns {string[]}
 */
export function headline(status, n_flagged = 0) {
  const goal = status.budget ? `${status.n_labeled} of ${status.budget} labels` : `${status.n_labeled} labels`;
  const behind = status.n_behind ? `, ${status.n_behind} new` : "";
  const changed = status.n_changed ? `, ${status.n_changed} changed since` : "";
  const model = status.round ? `model trained on ${status.n_learned}${behind}${changed}` : "no model yet";
  return [
    status.saved_as ?? "kept in this kernel only",
    goal,
    // What is found so far, where a class is sought; that one may stop has its own place.
    status.may_stop ? "" : status.advice,
    status.n_skipped ? `${status.n_skipped} skipped` : "",
    n_flagged ? `${n_flagged} flagged` : "",
    status.cost,
    status.labels_per_minute ? `${status.labels_per_minute} labels/min` : "",
    status.minutes_left ? `about ${minutes(status.minutes_left)} left` : "",
    model + (status.busy ? ", training" : ""),
    phaseInWords(status),
    `round ${status.round}`,
  ].filter(Boolean);
}

/** @param {number} count */
function minutes(count) {
  if (count < 1) return "a minute";
  return count < 90 ? `${Math.round(count)} min` : `${(count / 60).toFixed(1)} h`;
}

/** What is left of the samples that alone are asked; empty where all may be. @param {import("../common/sent.d.ts").StatusShown} status */
export function onlyInWords({ n_only }) {
  return n_only ? `asking only among ${n_only.toLocaleString("en")} chosen` : "";
}

/** Empty on the card of one of several people. @param {import("../common/sent.d.ts").StatusShown} status */
function phaseInWords(status) {
  if (!status.phase) return "";
  if (UNCERTAIN.includes(status.phase)) return "asking the most uncertain";
  if (status.phase !== "cold start") return `strategy: ${status.phase}`;
  const seen = status.counts.filter((/** @type {number} */ count) => count > 0).length;
  return `exploring: ${seen} of ${status.counts.length} classes seen`;
}
