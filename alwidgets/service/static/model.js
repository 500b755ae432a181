// @ts-check
/** What a part of the page knows of its session, and how it speaks to it: as a widget's model in a notebook. */

/**
 * @param {string} part
 * @param {{isOpen: () => boolean, mostBytes: () => number, say: (message: any, buffers?: readonly any[]) => void}} talk
 */
export function makeModel(part, talk) {
  /** @type {Record<string, any>} */ const state = {};
  /** @type {Map<string, Set<(...given: any[]) => void>>} */ const listeners = new Map();
  /** @param {string} event @param {any[]} given */
  const tell = (event, ...given) => [...(listeners.get(event) ?? [])].forEach((listener) => listener(...given));
  return {
    /** @param {string} name */
    get: (name) => state[name],
    /** @param {string} name @param {any} value */
    set(name, value) {
      state[name] = value;
    },
    /** What is set here stays here: the session has the say of all that is shown. */
    save_changes() {},
    /** @param {string} events @param {(...given: any[]) => void} listener */
    on(events, listener) {
      for (const event of events.split(" ")) listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
    },
    /** @param {string} events @param {(...given: any[]) => void} listener */
    off(events, listener) {
      for (const event of events.split(" ")) listeners.get(event)?.delete(listener);
    },
    /** @param {any} content @param {any} [_callbacks] @param {readonly any[]} [buffers] */
    send(content, _callbacks, buffers) {
      if (!talk.isOpen()) return;
      const most = talk.mostBytes();
      // It would end the connection, and again after each reconnection. No letter has more than three bytes.
      const n = 3 * JSON.stringify(content).length + (buffers ?? []).reduce((sum, { byteLength }) => sum + byteLength, 0);
      if (n <= most) return talk.say({ part, message: content }, buffers);
      const error = `This is too long to be sent: at most ${most / 1024} KiB.`;
      const reply = content.event_id ? { kind: "refused", event_id: content.event_id, retry: false, error } : { kind: "problem", error };
      queueMicrotask(() => tell("msg:custom", reply, []));
    },
    // Where a page looks whether there is a kernel.
    widget_manager: {
      kernel: {
        isDisposed: false,
        status: "idle",
        get connectionStatus() {
          return talk.isOpen() ? "connected" : "connecting";
        },
      },
    },
    /** Take what is new. @param {Record<string, any>} changed */
    take(changed) {
      Object.assign(state, changed);
      for (const name of Object.keys(changed)) tell(`change:${name}`);
      tell("change");
    },
    /** @param {any} message @param {DataView[]} buffers */
    hear: (message, buffers) => tell("msg:custom", message, buffers),
    /** The connection is there again: what was said over the one before may be lost. */
    again: () => tell("comm_live_update"),
  };
}
