// @ts-check
/** The whole of a sample that is longer than its tile, in a place of its own below the tiles. */

import { make } from "../common/dom.js";

/** Whoever crosses a tile on the way to another does not mean it. */
const DWELL_MS = 120;
/** Share of its height that one step goes on, and what is left below at the end of a sample. */
const READING_STEP = 0.85;
const END_PX = 8;

/** @typedef {ReturnType<typeof makeReading>} Reading */

/** @param {{draw: (item: number) => HTMLElement|null, isLong: (item: number) => boolean, read: (item: number) => void}} on read: it was seen to its end */
export function makeReading({ draw, isLong, read }) {
  const element = make("div", "alw-grid-reading");
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", "The whole of one sample");
  element.hidden = true;
  /** @type {number|null} */ let shown = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let dwelling;

  const rest = () => element.scrollHeight - element.scrollTop - element.clientHeight;
  const look = () => {
    if (shown !== null && element.clientHeight && rest() <= END_PX) read(shown);
  };
  element.addEventListener("scroll", look, { passive: true });

  /** @param {number} item */
  function show(item) {
    clearTimeout(dwelling);
    if (item === shown || !isLong(item)) return;
    const sample = draw(item);
    if (!sample) return;
    shown = item;
    element.replaceChildren(sample);
    element.scrollTop = 0;
    look();
  }

  return {
    element,
    show,
    /** The pointer is on a tile, or on none. @param {number|null} item */
    dwell(item) {
      clearTimeout(dwelling);
      if (item !== null) dwelling = setTimeout(() => show(item), DWELL_MS);
    },
    /** Go on with what is shown. @param {number} [by] in pixels @returns {boolean} whether there was more of it */
    onward(by = READING_STEP * element.clientHeight) {
      if (shown === null || (by > 0 ? rest() <= END_PX : element.scrollTop <= 0)) return false;
      element.scrollTop += by;
      look();
      return true;
    },
    item: () => shown,
    /** Show nothing of samples that are gone. @param {number[]} items that are left */
    keep(items) {
      if (shown === null || items.includes(shown)) return;
      shown = null;
      element.replaceChildren();
    },
  };
}
