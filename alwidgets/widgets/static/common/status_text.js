// @ts-check
/** What stands in the way of labeling, in words. */

/**
 * @typedef {{alive: boolean, link: import("./link.js").Link, waiting: ReturnType<typeof import("./outbox.js").standing>,
 *            session: {saved: boolean, lock_owner: string}, lines: string[]}} Standing
 * whether there is a kernel, and what is known of the connection; what was not acknowledged; whether that will be on
 * disk, and who keeps this kernel from writing; what else is wrong, in words
 */

/** What is wrong, a line each; empty when nothing is. @param {Standing} now */
export function statusText({ alive, link, waiting, session, lines }) {
  const count = countOf(waiting);
  if (!alive) return `The kernel is gone. ${goneText(session, count)}`;
  const unsaved = waiting.error
    ? `${waiting.error} (${count.text} ${count.one ? "waits" : "wait"} in this browser)`
    : unsavedText(link, waiting.late, count, session);
  return [heldText(session.lock_owner), ...lines, unsaved].filter(Boolean).join("\n");
}

/**
 * Whether all that was answered is safe; in words, where it is not yet.
 * @param {Pick<Standing, "alive"|"link"|"waiting">} now
 * @param {Standing["session"]} session
 * @returns {{text: string, state: "saved"|"sending"|"unsaved"}}
 */
export function lightText({ alive, link, waiting }, session) {
  const n = waiting.nAnswers + waiting.nOthers;
  const unsafe = n > 0 && (!alive || link === "lost" || waiting.late || Boolean(waiting.error));
  if (unsafe) return { text: `${n} not saved`, state: "unsaved" };
  // One is on its way at every key: the light tells, and no word flickers.
  if (n > 1) return { text: `${n} sending`, state: "sending" };
  return { text: "", state: n ? "sending" : session.saved ? "saved" : "unsaved" };
}

/** Who keeps this kernel from writing, and what to do; empty when nobody does. @param {string} owner */
export function heldText(owner) {
  if (!owner) return "";
  return (
    `Another kernel has this session open (${owner}), so here it can only be read. ` +
    "If the other kernel is yours, or is done, take the session over to go on here: it can write no more to this folder " +
    "then. If this folder is a copy, the other kernel has the original open: take the copy over, both go on, and " +
    "alw.merge joins what both write."
  );
}

/** @param {Standing["waiting"]} waiting */
function countOf({ nAnswers, nOthers }) {
  const of = (/** @type {number} */ n, /** @type {string} */ what) => (n ? [`${n} ${what}${n === 1 ? "" : "s"}`] : []);
  return { text: [...of(nAnswers, "answer"), ...of(nOthers, "change")].join(" and "), one: nAnswers + nOthers === 1 };
}

const WHY = { lost: "Connection lost.", idle: "Connection lost.", busy: "The kernel is busy, or out of reach." };

/**
 * @param {Standing["link"]} link
 * @param {boolean} late
 * @param {ReturnType<typeof countOf>} count
 * @param {Standing["session"]} session
 */
function unsavedText(link, late, { text, one }, session) {
  if (!text || (link !== "lost" && !late)) return "";
  const why = WHY[/** @type {keyof typeof WHY} */ (link)] ?? "The kernel does not answer.";
  const saved = `${one ? "is" : "are"} not saved yet`;
  const what = session.saved ? saved : `${one ? "has" : "have"} not reached the kernel yet`;
  return `${why} ${text} ${what}.`;
}

/** @param {Standing["session"]} session @param {ReturnType<typeof countOf>} count */
function goneText(session, { text, one }) {
  if (!session.saved) return "This session had no journal: its labels were in memory only.";
  const kept = text ? `${text} ${one ? "waits" : "wait"} in this browser, and will be sent then.` : "";
  return `Nothing that was saved is lost: run the cell again to go on. ${kept}`.trim();
}

/** What there is at the end. @param {import("./sent.d.ts").StatusShown} status */
function endText({ n_labeled, n_skipped, n_behind, busy, agreement, cost }) {
  const given = [`${n_labeled} labels`, n_skipped ? `${n_skipped} skipped` : "", cost].filter(Boolean).join(", ");
  const learned = n_behind || busy ? "The last answers are being learned." : "The model has learned all of them.";
  return ["Every sample has an answer.", `${given}. ${learned}`, agreement].filter(Boolean).join("\n");
}

/** Why there is no sample on the card. @param {import("./sent.d.ts").StatusShown} status @param {boolean} chosen whether it is known which one comes */
export function waitingText(status, chosen) {
  if (status.exhausted) return endText(status);
  if (chosen) return "Loading the next sample ...";
  if (status.waits) return status.waits;
  if (status.error) return "There is no question to show; see above.";
  return "Choosing what to ask next ...";
}
