// @ts-check
/** When a page asks how the answers stand: at once after a choice, else soon, and never more than a kernel can bear. */

const LOOK_MS = 400;

/**
 * @param {object} options
 * @param {(message: import("../common/said.d.ts").Said) => void} options.send
 * @param {() => any} options.query what the list is narrowed to, and in which order
 * @param {() => number[]} options.page the items on the page
 */
export function makeAsking({ send, query, page }) {
  /** Each view has numbers of its own. */
  const first = Math.floor(Math.random() * 2 ** 30);
  let newest = first;
  /** Requests whose order is to be shown whatever someone is doing. @type {Set<number>} */
  const wanted = new Set();
  let asked = { at: 0, request: 0, took: 0 };
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let timer;

  /** Ask how the answers stand now. @param {boolean} apply whether what comes is shown in any case */
  function look(apply) {
    clearTimeout(timer);
    timer = undefined;
    newest += 1;
    if (apply) wanted.add(newest);
    asked = { at: Date.now(), request: newest, took: asked.took };
    send({ kind: "look", request: newest, query: query(), items: apply ? null : page() });
  }

  return {
    look,
    /** While someone is typing. */
    lookLater() {
      clearTimeout(timer);
      timer = setTimeout(() => look(true), LOOK_MS);
    },
    /** A newer state is asked for soon, but a slow kernel is not kept busy with it. */
    lookSoon() {
      if (timer !== undefined) return;
      const pause = Math.max(LOOK_MS, 5 * asked.took) - (Date.now() - asked.at);
      timer = setTimeout(() => look(false), Math.max(0, pause));
    },
    lookAtRows() {
      const items = page();
      if (items.length) send({ kind: "look", request: first, items });
    },
    /** Take a reply. @param {number} request @returns {boolean} whether it is to one of this view's requests */
    heard(request) {
      if (request === asked.request) asked.took = Date.now() - asked.at;
      return request >= first && request <= newest;
    },
    /** Whether the order that came is to be shown in any case. @param {number} request */
    isWanted: (request) => wanted.delete(request),
    close: () => clearTimeout(timer),
  };
}
