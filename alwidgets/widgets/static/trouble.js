// @ts-check
/** What stands in the way of labeling, in words. */

/**
 * @typedef {{alive: boolean, waiting: number, unsaved: string, notice: string, slow: boolean, status: any}} Standing
 * whether there is a kernel; answers that were not acknowledged; why the last of them could not be saved; what was
 * refused; whether the kernel takes long
 */

/** What is wrong, a line each; empty when nothing is. @param {Standing} now */
export function troubleText({ alive, waiting, unsaved, notice, slow, status }) {
  const answersWait = `${waiting} answer${waiting === 1 ? " waits" : "s wait"} in this browser`;
  if (!alive) return `The kernel is gone. ${goneText(status, waiting, answersWait)}`;
  const held = status.held_by
    ? `This session is held by ${status.held_by}; here it can only be read. Take it over to label here: the other kernel can write no more then.`
    : "";
  const busy = slow && waiting ? `The kernel is busy; ${answersWait}.` : "";
  return [held, unsaved && `${unsaved} (${answersWait})`, notice, status.error, status.report, busy].filter(Boolean).join("\n");
}

/** @param {any} status @param {number} waiting @param {string} answersWait */
function goneText(status, waiting, answersWait) {
  if (!status.saved_as) return "This session had no journal: its labels were in memory only.";
  const kept = waiting ? `${answersWait}, and will be sent then.` : "";
  return `Nothing that was saved is lost: run the cell again to go on. ${kept}`;
}

/** Why there is no sample on the card. @param {any} status @param {boolean} chosen whether it is known which one comes */
export function waitingText(status, chosen) {
  if (status.exhausted) return "Every sample has an answer.";
  if (chosen) return "Loading the next sample ...";
  if (status.error) return "There is no question to show; see above.";
  return "Choosing what to ask next ...";
}
