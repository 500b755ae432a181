// @ts-check
/** Keys that bounce, and doubled clicks. */

/** The same answer again so soon is a key that bounced: nobody has seen the next sample yet. */
export const DEBOUNCE_MS = 200;

/** @typedef {{again: (what: string) => boolean, isFresh: () => boolean}} Debounce */

/** @returns {Debounce} */
export function makeDebounce() {
  let last = { what: "", at: -Infinity };
  return {
    /** Whether it is what was last done, too soon to be meant. */
    again(what) {
      const now = performance.now();
      if (what === last.what && now - last.at < DEBOUNCE_MS) return true;
      last = { what, at: now };
      return false;
    },
    isFresh: () => performance.now() - last.at < DEBOUNCE_MS,
  };
}
