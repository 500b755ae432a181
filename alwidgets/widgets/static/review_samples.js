// @ts-check
/** The samples that a page shows: fetched when they come into sight, and forgotten when there are too many. */

import { received, released } from "./sample.js";

const MOST_KEPT = 300;
const MOST_ASKED = 16;

/**
 * @param {(items: number[]) => void} need asks the kernel
 * @param {(item: number) => void} came
 */
export function makeSamples(need, came) {
  /** @type {Map<number, any>} */ const kept = new Map();
  /** @type {Set<number>} */ const asked = new Set();
  /** @type {Map<Element, number>} */ const watched = new Map();
  const observer = new IntersectionObserver((entries) => {
    ask(entries.filter((entry) => entry.isIntersecting).map((entry) => /** @type {number} */ (watched.get(entry.target))));
  });

  /** @param {number[]} items */
  function ask(items) {
    const missing = items.filter((item) => item !== undefined && !kept.has(item) && !asked.has(item));
    missing.forEach((item) => asked.add(item));
    for (let i = 0; i < missing.length; i += MOST_ASKED) need(missing.slice(i, i + MOST_ASKED));
  }

  return {
    ask,
    /** @param {number} item */
    get: (item) => kept.get(item),
    /** @param {Element} element @param {number} item */
    watch(element, item) {
      watched.set(element, item);
      observer.observe(element);
    },
    watchNone() {
      observer.disconnect();
      watched.clear();
      asked.clear();
    },
    /** @param {any} message @param {DataView[]} buffers */
    receive({ item, payload }, buffers) {
      if (kept.has(item)) return;
      asked.delete(item);
      kept.set(item, received(payload, buffers));
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT) {
        released(kept.get(oldest));
        kept.delete(oldest);
      }
      came(item);
    },
    close() {
      observer.disconnect();
      kept.forEach(released);
      kept.clear();
    },
  };
}
