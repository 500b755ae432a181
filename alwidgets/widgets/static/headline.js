// @ts-check
/** Where a session stands, in words. */

/**
 * The header, as words; the first is the strongest.
 * @param {any} status
 * @returns {string[]}
 */
export function headline(status) {
  const goal = status.budget ? `${status.n_labelled} of ${status.budget} labels` : `${status.n_labelled} labels`;
  const behind = status.n_behind ? `, ${status.n_behind} behind` : "";
  const model = status.round ? `model: ${status.n_learnt} learnt${behind}` : "no model yet";
  return [
    status.saved_as ?? "not saved to disk",
    `round ${status.round}`,
    goal,
    status.n_skipped ? `${status.n_skipped} skipped` : "",
    status.cost,
    status.labels_per_minute ? `${status.labels_per_minute} labels/min` : "",
    model + (status.busy ? ", training" : ""),
    phaseInWords(status),
  ].filter(Boolean);
}

/** @param {any} status */
function phaseInWords(status) {
  if (status.phase !== "cold start") return `asking by ${status.phase}`;
  const seen = status.counts.filter((/** @type {number} */ count) => count > 0).length;
  return `cold start: varied samples until every class has a label (${seen} of ${status.counts.length})`;
}
