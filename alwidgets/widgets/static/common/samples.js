// @ts-check
/** The samples that a page shows: fetched when they come into view, and forgotten when there are too many. */

import { askWholeOf, keep, released } from "./sample.js";
import { sideBeside } from "./sizes.js";

const MOST_KEPT = 300;
const MOST_ASKED = 16;
/** A reply that has not come after so long may be lost; each time it is waited for twice as long. */
const LOST_MS = 5000;
const LONGEST_LOST_MS = 60_000;

/**
 * @param {(message: import("./said.d.ts").SaidRequest) => void} send says something to the kernel
 * @param {(item: number) => void} came
 */
export function makeSamples(send, came) {
  /** @type {Map<number, import("./sent.d.ts").Drawable>} */ const kept = new Map();
  /** @type {Set<number>} */ const asked = new Set();
  /** @type {Map<Element, number>} */ const watched = new Map();
  const observer = new IntersectionObserver((entries) => {
    ask(entries.filter((entry) => entry.isIntersecting).map((entry) => /** @type {number} */ (watched.get(entry.target))));
  });

  /** @param {number[]} items @param {number} [wait] in milliseconds */
  function ask(items, wait = LOST_MS) {
    const missing = items.filter((item) => item !== undefined && !kept.has(item) && !asked.has(item));
    missing.forEach((item) => asked.add(item));
    for (let i = 0; i < missing.length; i += MOST_ASKED) {
      send({ kind: "need", items: missing.slice(i, i + MOST_ASKED), side: sideBeside() });
    }
    if (missing.length) setTimeout(() => askAgain(missing, wait), wait);
  }

  /** @param {number[]} items @param {number} waited */
  function askAgain(items, waited) {
    const lost = items.filter((item) => asked.delete(item));
    ask(lost, Math.min(LONGEST_LOST_MS, 2 * waited));
  }

  return {
    /** @param {number[]} items */
    ask: (items) => ask(items),
    /** @param {number} item */
    get: (item) => kept.get(item),
    /** Ask for the whole of an image that is looked at closely. @param {number|null} item */
    askWhole: (item) => askWholeOf(kept, item, send),
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
    /** @param {import("./sent.d.ts").Payload} message @param {DataView[]} buffers */
    receive(message, buffers) {
      const { item } = message;
      const known = kept.has(item);
      asked.delete(item);
      keep(kept, message, buffers, came);
      if (known) return;
      const [[oldest, payload]] = kept;
      if (kept.size > MOST_KEPT) {
        released(payload);
        kept.delete(oldest);
      }
      came(item);
    },
    close() {
      observer.disconnect();
      asked.clear();
      kept.forEach(released);
      kept.clear();
    },
  };
}
