// @ts-check
/** Keys that bounce, and doubled clicks. */

/** The same click again so soon is a double click: nobody has seen the next sample yet. */
export const DEBOUNCE_MS = 200;
/** The same key again so soon is a switch that bounced: no finger is as quick. */
export const BOUNCE_MS = 50;

/** @typedef {{again: (what: string, within?: number) => boolean, isFresh: () => boolean}} Debounce */

/** @returns {Debounce} */
export function makeDebounce() {
  let last = { what: "", at: -Infinity, within: 0 };
  return {
    /** Whether it is what was last done, too soon to be meant. */
    again(what, within = DEBOUNCE_MS) {
      const now = performance.now();
      if (what === last.what && now - last.at < within) return true;
      last = { what, at: now, within };
      return false;
    },
    isFresh: () => performance.now() - last.at < last.within,
  };
}
