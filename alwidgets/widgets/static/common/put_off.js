// @ts-check
/** Advice to stop that was put off for some labels, in this browser: the panel offers it, and the card keeps to it. */

import { makeStorage } from "./storage.js";

/** For so many labels it is not said again. */
export const PUT_OFF_LABELS = 50;
const WHAT = "advice put off until";

/** @param {string} session @param {() => void} draw it was put off, or is wanted again */
export function makePutOff(session, draw) {
  const storage = makeStorage(session);
  let until = storage.number(WHAT);
  const hear = (/** @type {Event} */ event) => {
    const { detail } = /** @type {CustomEvent<{session: string, until: number}>} */ (event);
    if (detail.session !== session) return;
    until = detail.until;
    draw();
  };
  window.addEventListener("alw-put-off", hear);
  return {
    /** The number of labels at which it is said again, 0 where it is said now. @param {number} n_labeled */
    until: (n_labeled) => (n_labeled < until ? until : 0),
    /** @param {number} labels number of labels until which it is put off, 0 to have it said */
    put(labels) {
      storage.keepNumber(WHAT, labels);
      window.dispatchEvent(new CustomEvent("alw-put-off", { detail: { session, until: labels } }));
    },
    close: () => window.removeEventListener("alw-put-off", hear),
  };
}
