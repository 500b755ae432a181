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
 * @typedef {object} Options
 * @property {import("./sent.d.ts").Model<any>} model
 * @property {import("./outbox.js").Outbox} outbox with what was not acknowledged before a reload
 * @property {{keep: (message: Message) => void, forget: (event_id: string) => void}} storage
 * @property {() => void} draw what is said of the connection, or of what waits, may be another
 * @property {() => void} [back] the connection came or went: what was asked for before is not coming
 * @property {() => boolean} [isRestless] whether to draw again each second
 *
 * @typedef {object} Connection
 * @property {Required<Options>} on
 * @property {boolean} alive
 * @property {boolean} heard whether this page ever had word from the kernel
 * @property {import("./link.js").Link} link what is known of the connection
 * @property {boolean} known
 * @property {number} seenAt
 */

/** @param {Options} options */
export function makeSending({ model, outbox, storage, draw, back = () => {}, isRestless = () => false }) {
  /** @type {Connection} */ const connection = {
    on: { model, outbox, storage, draw, back, isRestless },
    alive: true, heard: false, link: linkTo(model), known: false, seenAt: performance.now(),
  };
  const stop = watch(connection);
  deliver(connection);
  return {
    /**
     * Say something that is meant for the moment.
     * @param {import("./said.d.ts").Said} message
     * @param {ArrayBuffer[]} [buffers]
     * @returns {boolean} whether there is a kernel
     */
    send: (message, buffers) => sendNow(connection, message, buffers),
    /**
     * Send a change until it is acknowledged.
     * @param {Message} message
     * @param {boolean} [kept] whether also after a reload
     */
    post(message, kept = true) {
      if (!outbox.has(message.event_id)) put(outbox, message);
      if (kept) storage.keep(message);
      deliver(connection);
    },
    /**
     * Take the kernel's reply to a change.
     * @param {{kind: string, event_id: string, retry?: boolean, error?: string}} reply
     * @returns {Message|undefined} the change, if it waited here
     */
    settled(reply) {
      const sent = takeReply(outbox, reply);
      if (!reply.retry) storage.forget(reply.event_id);
      // Another may have waited for it.
      deliver(connection);
      return sent;
    },
    isAlive: () => connection.alive,
    /** Changes that are not acknowledged, oldest first. @returns {Message[]} */
    waiting: () => messagesIn(outbox),
    /** What is said of it in `statusText`. */
    standing: () => ({ alive: connection.alive, link: connection.link, waiting: standing(outbox, performance.now()) }),
    close: stop,
  };
}

/** @param {Connection} connection @param {import("./said.d.ts").Said} message @param {ArrayBuffer[]} [buffers] @returns {boolean} whether there is a kernel */
function sendNow(connection, message, buffers = []) {
  try {
    connection.on.model.send(message, undefined, buffers);
    return true;
  } catch {
    // Whoever sends need not draw, and nothing else may notice.
    if (connection.alive) queueMicrotask(connection.on.draw);
    connection.alive = false;
    return false;
  }
}

/** Send what is due, while there is somebody to send it to. @param {Connection} connection */
function deliver(connection) {
  if (!connection.alive || connection.link === "lost") return;
  takeDue(connection.on.outbox, performance.now()).every((message) => sendNow(connection, message));
}

/** The connection came or went, and it is not said which: a message that asks for nothing tells. @param {Connection} connection */
function reconnected(connection) {
  const { outbox, back, draw } = connection.on;
  connection.alive = sendNow(connection, { kind: "there" });
  sendAgain(outbox);
  deliver(connection);
  back();
  draw();
}

/**
 * A kernel that was shut down says nothing; the page can see that there is none any more, and has not been for a
 * while, because there is none for a moment when a connection is made anew. Hosts other than Jupyter do not show it.
 * @param {Connection} connection
 */
function look(connection) {
  const { model, outbox, draw, isRestless } = connection.on;
  const now = performance.now();
  const before = connection.link;
  connection.link = linkTo(model);
  connection.known ||= connection.heard || connection.link !== "gone";
  if (connection.link !== "gone" || !connection.known) connection.seenAt = now;
  else if (connection.alive && now - connection.seenAt >= GONE_MS) {
    connection.alive = false;
    draw();
  }
  if (connection.link !== before && (before === "lost" || before === "gone")) reconnected(connection);
  if (connection.link === before && !outbox.size && !isRestless()) return;
  deliver(connection);
  draw();
}

/** @param {Connection} connection @returns {() => void} ends it */
function watch(connection) {
  const { model, outbox } = connection.on;
  /** @param {import("./sent.d.ts").Sent} message */
  const hear = ({ kind }) => {
    connection.heard = true;
    // Of a kernel whose session is elsewhere.
    if (kind === "again") reconnected(connection);
    else if (kind === "beat") sendNow(connection, { kind: "there" });
  };
  const again = () => reconnected(connection);
  /** Asked on leaving the page: the browser words the question. @param {BeforeUnloadEvent} event */
  const leaving = (event) => {
    if (outbox.size) event.preventDefault();
  };
  model.on("msg:custom", hear);
  model.on("comm_live_update", again);
  const looking = setInterval(() => look(connection), CHECK_MS);
  window.addEventListener("beforeunload", leaving);
  return () => {
    model.off("msg:custom", hear);
    model.off("comm_live_update", again);
    clearInterval(looking);
    window.removeEventListener("beforeunload", leaving);
  };
}

/**
 * @typedef {object} View
 * @property {() => void} draw draws what is said of the connection
 * @property {() => void} back asks again for what is not coming
 * @property {(sent: Message|undefined, reply: import("./sent.d.ts").Ack|import("./sent.d.ts").Refusal) => void} settled takes the reply to a change, and the change if it
 *   was made on this page
 * @property {() => void} close
 */

/**
 * A widget whose views send by one outbox.
 * @param {string} part the kind of widget, by which it finds its changes after a reload
 * @param {(context: {model: import("./sent.d.ts").Model<any>, el: HTMLElement}, sending: ReturnType<typeof makeSending>) => View} render
 */
export function makeSendingWidget(part, render) {
  /** @type {ReturnType<typeof makeSending>} */ let sending;
  /** @type {Set<View>} */ const views = new Set();
  return {
    /** @param {{model: import("./sent.d.ts").Model<any>}} context */
    initialize({ model }) {
      const storage = makeStorage(model.get("_session").id, part);
      sending = makeSending({
        model, storage,
        outbox: makeOutbox(storage.load()),
        draw: () => views.forEach((view) => view.draw()),
        back: () => views.forEach((view) => view.back()),
      });
      const receive = (/** @type {import("./sent.d.ts").Sent} */ message) => {
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
    /** @param {{model: import("./sent.d.ts").Model<any>, el: HTMLElement}} context */
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
