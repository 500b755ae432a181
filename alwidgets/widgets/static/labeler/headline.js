// @ts-check
/** Where a session stands, in words. */

/**
 * The header, as words; the first is the strongest.
 * @param {import("../common/sent.d.ts").Status} status
 * @returns {string[]}
 */
export function headline(status) {
  const goal = status.budget ? `${status.n_labeled} of ${status.budget} labels` : `${status.n_labeled} labels`;
  const behind = status.n_behind ? `, ${status.n_behind} new` : "";
  const changed = status.n_changed ? `, ${status.n_changed} changed since` : "";
  const model = status.round ? `model: trained on ${status.n_learned} label${status.n_learned === 1 ? "" : "s"}${behind}${changed}` : "no model yet";
  return [
    status.saved_as ?? "kept in this kernel only",
    `round ${status.round}`,
    goal,
    status.n_skipped ? `${status.n_skipped} skipped` : "",
    status.cost,
    status.labels_per_minute ? `${status.labels_per_minute} labels/min` : "",
    status.minutes_left ? `about ${minutes(status.minutes_left)} left` : "",
    model + (status.busy ? ", training" : ""),
    phaseInWords(status),
  ].filter(Boolean);
}

/** @param {number} count */
function minutes(count) {
  if (count < 1) return "a minute";
  return count < 90 ? `${Math.round(count)} min` : `${(count / 60).toFixed(1)} h`;
}

/** @param {import("../common/sent.d.ts").Status} status */
function phaseInWords(status) {
  if (status.phase !== "cold start") return `strategy: ${status.phase}`;
  const seen = status.counts.filter((/** @type {number} */ count) => count > 0).length;
  return `cold start: diverse samples until every class has a label (${seen} of ${status.counts.length})`;
}
