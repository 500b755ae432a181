// @ts-check
/** When a panel asks for its figures: soon after a change, and now and then, since some change without one. */

const SOON_MS = 400;
const NOW_AND_THEN_MS = 3000;
const UNHEARD_MS = 15_000;

/**
 * @param {HTMLElement} root out of view nothing is asked for
 * @param {() => boolean} send asks; false where there is nobody to ask
 */
export function makeLooks(root, send) {
  let [askedAt, took, waiting, seen] = [-Infinity, 0, false, true];
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let timer;

  function look() {
    timer = undefined;
    const isLost = waiting && performance.now() - askedAt > UNHEARD_MS;
    if (!seen || document.hidden || (waiting && !isLost)) return;
    waiting = send();
    askedAt = performance.now();
  }

  /** A slow kernel is not kept busy with it. */
  function soon() {
    const pause = Math.max(SOON_MS, 5 * took) - (performance.now() - askedAt);
    timer ??= setTimeout(look, Math.max(0, pause));
  }

  const observer = new IntersectionObserver((entries) => {
    const before = seen;
    seen = entries.some((entry) => entry.isIntersecting);
    if (seen && !before) soon();
  });
  observer.observe(root);
  const beat = setInterval(soon, NOW_AND_THEN_MS);
  return {
    look, soon,
    /** The connection was lost: what was asked for is not coming. */
    again() {
      waiting = false;
      soon();
    },
    heard() {
      waiting = false;
      took = performance.now() - askedAt;
    },
    close() {
      observer.disconnect();
      clearInterval(beat);
      clearTimeout(timer);
    },
  };
}
