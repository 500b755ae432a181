// @ts-check
/** What the panel of Label Studio says. */

/** @param {number} n @param {string} one */
function several(n, one) {
  return `${n} ${one}${n === 1 ? "" : "s"}`;
}

/** @param {{n_open: number, n_answers: number, n_labeled: number, n_samples: number, round: number}} shown */
export function countsText({ n_open, n_answers, n_labeled, n_samples, round }) {
  const there = `${several(n_open, "task")} open, ${several(n_answers, "answer")} there`;
  const model = round ? `, model of round ${round}` : ", no model yet";
  return `${there}; ${n_labeled} of ${several(n_samples, "sample")} labeled${model}.`;
}

/** @param {{problem: string}} shown */
export function connectionText({ problem }) {
  return problem ? "The last call failed." : "Connected.";
}

/** Where a task is looked at and put right. @param {string} url @param {number} task */
export function taskAddress(url, task) {
  return `${url}?task=${task}`;
}

/** @param {{n_quarantined: number, quarantined: unknown[]}} shown */
export function quarantineText({ n_quarantined, quarantined }) {
  const some = quarantined.length < n_quarantined ? `, of which ${quarantined.length} are shown` : "";
  return n_quarantined === 1 ? "1 answer does not fit" : `${n_quarantined} answers do not fit${some}`;
}
