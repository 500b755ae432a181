// @ts-check
/** What stands in the way of labeling, in words. */

/**
 * @typedef {{alive: boolean, link: import("./link.js").Link, waiting: ReturnType<typeof import("./outbox.js").standing>,
 *            notice: string, status: any}} Standing
 * whether there is a kernel, and what is known of the connection; what was not acknowledged; what was refused
 */

/** What is wrong, a line each; empty when nothing is. @param {Standing} now */
export function troubleText({ alive, link, waiting, notice, status }) {
  if (!alive) return `The kernel is gone. ${goneText(status, countOf(waiting))}`;
  const held = status.held_by
    ? `This session is held by ${status.held_by}; here it can only be read. Take it over to label here: the other kernel can write no more then.`
    : "";
  const count = countOf(waiting);
  const unsaved = waiting.error
    ? `${waiting.error} (${count.text} ${count.one ? "waits" : "wait"} in this browser)`
    : unsavedText(link, waiting.late, count, status);
  return [held, notice, status.error, status.report, unsaved].filter(Boolean).join("\n");
}

/** @param {Standing["waiting"]} waiting */
function countOf({ nAnswers, nOthers }) {
  const of = (/** @type {number} */ n, /** @type {string} */ what) => (n ? [`${n} ${what}${n === 1 ? "" : "s"}`] : []);
  return { text: [...of(nAnswers, "answer"), ...of(nOthers, "change")].join(" and "), one: nAnswers + nOthers === 1 };
}

const WHY = { lost: "Connection lost.", idle: "Connection lost.", busy: "The kernel is busy, or out of reach." };

/** @param {Standing["link"]} link @param {boolean} late @param {ReturnType<typeof countOf>} count @param {any} status */
function unsavedText(link, late, { text, one }, status) {
  if (!text || (link !== "lost" && !late)) return "";
  const why = WHY[/** @type {keyof typeof WHY} */ (link)] ?? "The kernel does not answer.";
  const what = status.saved_as ? `${one ? "is" : "are"} not saved yet` : `${one ? "has" : "have"} not reached the kernel yet`;
  return `${why} ${text} ${what}.`;
}

/** @param {any} status @param {ReturnType<typeof countOf>} count */
function goneText(status, { text, one }) {
  if (!status.saved_as) return "This session had no journal: its labels were in memory only.";
  const kept = text ? `${text} ${one ? "waits" : "wait"} in this browser, and will be sent then.` : "";
  return `Nothing that was saved is lost: run the cell again to go on. ${kept}`.trim();
}

/** Why there is no sample on the card. @param {any} status @param {boolean} chosen whether it is known which one comes */
export function waitingText(status, chosen) {
  if (status.exhausted) return "Every sample has an answer.";
  if (chosen) return "Loading the next sample ...";
  if (status.error) return "There is no question to show; see above.";
  return "Choosing what to ask next ...";
}
