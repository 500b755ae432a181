// @ts-check
/**
 * What a page says to its kernel. A change waits in the outbox until it is acknowledged: it is sent when there is
 * somebody to send it to, again when the connection is back or no acknowledgement comes, and once more after a reload.
 * All else is meant for the moment.
 */

import { linkTo } from "./link.js";
import { makeOutbox, messagesIn, put, sendAgain, standing, takeDue, takeReply } from "./outbox.js";
import { makeStorage } from "./storage.js";

/** How often it is looked whether there is a kernel, and what waits for it; so long without one, it is gone. */
const CHECK_MS = 1000;
const GONE_MS = 3000;

/** @typedef {import("./outbox.js").Message} Message */

/** An id that no other event has. */
export function newId() {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
}

/**
 * @param {object} options
 * @param {any} options.model
 * @param {import("./outbox.js").Outbox} options.outbox with what was not acknowledged before a reload
 * @param {{keep: (message: Message) => void, forget: (event_id: string) => void}} options.storage
 * @param {() => void} options.draw what is said of the connection, or of what waits, may be another
 * @param {() => void} [options.back] the connection came or went: what was asked for before is not coming
 * @param {() => boolean} [options.isRestless] whether to draw again each second
 */
export function makeSending({ model, outbox, storage, draw, back = () => {}, isRestless = () => false }) {
  let alive = true;
  /** Whether this page ever had word from the kernel. */
  let heard = false;
  /** What is known of the connection. */
  let link = linkTo(model);
  let known = false;
  let seenAt = performance.now();

  /**
   * Say something that is meant for the moment.
   * @param {any} message
   * @param {ArrayBuffer[]} [buffers]
   * @returns {boolean} whether there is a kernel
   */
  function send(message, buffers = []) {
    try {
      model.send(message, undefined, buffers);
      return true;
    } catch {
      // Whoever sends need not draw, and nothing else may notice.
      if (alive) queueMicrotask(draw);
      alive = false;
      return false;
    }
  }

  /** Send what is due, while there is somebody to send it to. */
  function deliver() {
    if (alive && link !== "lost") takeDue(outbox, performance.now()).every((message) => send(message));
  }

  /**
   * Send a change until it is acknowledged.
   * @param {Message} message
   * @param {boolean} [kept] whether also after a reload
   */
  function post(message, kept = true) {
    if (!outbox.has(message.event_id)) put(outbox, message);
    if (kept) storage.keep(message);
    deliver();
  }

  /**
   * Take the kernel's reply to a change.
   * @param {{kind: string, event_id: string, retry?: boolean, error?: string}} reply
   * @returns {Message|undefined} the change, if it waited here
   */
  function settled(reply) {
    const sent = takeReply(outbox, reply);
    if (!reply.retry) storage.forget(reply.event_id);
    // Another may have waited for it.
    deliver();
    return sent;
  }

  /** The connection came or went, and it is not said which: a message that asks for nothing tells. */
  function reconnected() {
    alive = send({ kind: "there" });
    sendAgain(outbox);
    deliver();
    back();
    draw();
  }

  function hear() {
    heard = true;
  }

  /**
   * A kernel that was shut down says nothing; the page can see that there is none any more, and has not been for a
   * while, because there is none for a moment when a connection is made anew. Hosts other than Jupyter do not show it.
   */
  function look() {
    const now = performance.now();
    const before = link;
    link = linkTo(model);
    known ||= heard || link !== "gone";
    if (link !== "gone" || !known) seenAt = now;
    else if (alive && now - seenAt >= GONE_MS) {
      alive = false;
      draw();
    }
    if (link !== before && (before === "lost" || before === "gone")) reconnected();
    if (link === before && !outbox.size && !isRestless()) return;
    deliver();
    draw();
  }

  /** Asked on leaving the page: the browser words the question. @param {BeforeUnloadEvent} event */
  function leaving(event) {
    if (outbox.size) event.preventDefault();
  }

  model.on("msg:custom", hear);
  model.on("comm_live_update", reconnected);
  const looking = setInterval(look, CHECK_MS);
  window.addEventListener("beforeunload", leaving);
  deliver();
  return {
    send,
    post,
    settled,
    isAlive: () => alive,
    /** Changes that are not acknowledged, oldest first. @returns {Message[]} */
    waiting: () => messagesIn(outbox),
    /** What is said of it in `statusText`. */
    standing: () => ({ alive, link, waiting: standing(outbox, performance.now()) }),
    close() {
      model.off("msg:custom", hear);
      model.off("comm_live_update", reconnected);
      clearInterval(looking);
      window.removeEventListener("beforeunload", leaving);
    },
  };
}

/**
 * @typedef {object} View
 * @property {() => void} draw draws what is said of the connection
 * @property {() => void} back asks again for what is not coming
 * @property {(sent: Message|undefined, reply: any) => void} settled takes the reply to a change, and the change if it
 *   was made on this page
 * @property {() => void} close
 */

/**
 * A widget whose views send by one outbox.
 * @param {string} part the kind of widget, by which it finds its changes after a reload
 * @param {(context: {model: any, el: HTMLElement}, sending: ReturnType<typeof makeSending>) => View} render
 */
export function makeSendingWidget(part, render) {
  /** @type {ReturnType<typeof makeSending>} */ let sending;
  /** @type {Set<View>} */ const views = new Set();
  return {
    /** @param {{model: any}} context */
    initialize({ model }) {
      const storage = makeStorage(model.get("_session").id, part);
      sending = makeSending({
        model, storage,
        outbox: makeOutbox(storage.load()),
        draw: () => views.forEach((view) => view.draw()),
        back: () => views.forEach((view) => view.back()),
      });
      const receive = (/** @type {any} */ message) => {
        if (message.kind !== "ack" && message.kind !== "refused") return;
        const sent = sending.settled(message);
        views.forEach((view) => view.settled(sent, message));
      };
      model.on("msg:custom", receive);
      return () => {
        sending.close();
        model.off("msg:custom", receive);
      };
    },
    /** @param {{model: any, el: HTMLElement}} context */
    render(context) {
      const view = render(context, sending);
      views.add(view);
      return () => {
        views.delete(view);
        view.close();
      };
    },
  };
}
