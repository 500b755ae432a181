// @ts-check
/** What the browser keeps over a reload. */

/** @typedef {import("./outbox.js").Message} Message */

const FORGET_MS = 7 * 24 * 3600 * 1000;

/**
 * Changes that wait for an acknowledgement, kept over a reload of the page.
 * @param {string} session
 * @param {string} [part] the kind of widget that they were made in, and are to be sent by
 */
export function makeStorage(session, part = "card") {
  const prefix = `alwidgets:${session}:`;
  /** Storage may be off or full: the answers then live as long as the page. @param {() => any} use */
  const attempt = (use) => {
    try {
      return use();
    } catch {
      return undefined;
    }
  };
  /** @returns {{key: string, at?: number, part?: string, message?: Message}[]} */
  const entries = () =>
    Object.keys(localStorage)
      .filter((key) => key.startsWith("alwidgets:"))
      .map((key) => ({ key, ...attempt(() => JSON.parse(localStorage.getItem(key) ?? "")) }));
  return {
    /** @returns {Message[]} oldest first */
    load() {
      /** @type {ReturnType<typeof entries>} */
      const all = attempt(entries) ?? [];
      // What a session that never came back left behind.
      all.filter(({ at = 0 }) => Date.now() - at > FORGET_MS).forEach(({ key }) => localStorage.removeItem(key));
      const isOurs = (/** @type {typeof all[0]} */ entry) => entry.key.startsWith(prefix) && (entry.part ?? "card") === part;
      const ours = all.filter((entry) => entry.message && isOurs(entry));
      return ours.sort((a, b) => (a.at ?? 0) - (b.at ?? 0)).map(({ message }) => /** @type {Message} */ (message));
    },
    /** @param {Message} message */
    keep(message) {
      attempt(() => localStorage.setItem(prefix + message.event_id, JSON.stringify({ at: Date.now(), part, message })));
    },
    /** Whether this was seen in this browser. @param {string} what */
    seen: (what) => Boolean(attempt(() => localStorage.getItem(`${prefix}seen ${what}`))),
    /** @param {string} what */
    see(what) {
      attempt(() => localStorage.setItem(`${prefix}seen ${what}`, JSON.stringify({ at: Date.now() })));
    },
    /** A number that this browser keeps of the session, 0 where it has none. @param {string} what */
    number: (what) => attempt(() => JSON.parse(localStorage.getItem(`${prefix}seen ${what}`) ?? "").number) ?? 0,
    /** @param {string} what @param {number} number */
    keepNumber(what, number) {
      attempt(() => localStorage.setItem(`${prefix}seen ${what}`, JSON.stringify({ at: Date.now(), number })));
    },
    /** @param {string} event_id */
    forget(event_id) {
      attempt(() => localStorage.removeItem(prefix + event_id));
    },
  };
}
