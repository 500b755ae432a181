// @ts-check
/** A panel whose figures are asked for while somebody looks at it: its lines, and what it says and hears. */

import { make, showText } from "./dom.js";
import { guard } from "./guard.js";
import { makeLooks } from "./looks.js";
import { newId } from "./sending.js";
import { makeStaleLine } from "./stale.js";
import { heldText, statusText } from "./status_text.js";
import { followTheme } from "./theme.js";

/**
 * @typedef {{model: import("./sent.d.ts").Model<import("./sent.d.ts").FiguresState>, el: HTMLElement}} Context
 *
 * @typedef {object} FiguresPanel
 * @property {Context["model"]} model
 * @property {ReturnType<typeof import("./sending.js").makeSending>} sending
 * @property {HTMLElement} root
 * @property {string} notice what was refused, and why
 * @property {string} failed why there are no newer figures
 * @property {HTMLElement} problem
 * @property {HTMLElement} done what was changed last
 * @property {HTMLElement} without in the place of figures, why there are none
 * @property {HTMLElement} all the figures
 * @property {ReturnType<typeof makeLooks>} looks
 *
 * @typedef {object} Figures
 * @property {"team"|"drift"} kind of the message that has them
 * @property {(message: any) => void} draw
 * @property {(message: import("./sent.d.ts").Sent, buffers: DataView[]) => void} [hear] all else that comes
 * @property {(sent: import("./outbox.js").Message, reply: import("./sent.d.ts").Ack|import("./sent.d.ts").Refusal) => void} [settled] a change of this page is made, or is not
 * @property {(event: KeyboardEvent) => void} [onKey]
 * @property {() => void} [close]
 */

/**
 * @param {Context} context
 * @param {FiguresPanel["sending"]} sending
 * @param {{name: string, label: string, looking: string, look: () => import("./said.d.ts").SaidRequest}} options looking: what it says until there is something
 * @returns {FiguresPanel}
 */
export function makeFiguresPanel({ model, el: root }, sending, { name, label, looking, look }) {
  root.classList.add("alw-root", "alw-figures", `alw-${name}`);
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", label);
  const problem = make("p", "alw-problem");
  problem.setAttribute("role", "alert");
  const done = make("p", "alw-figures-done");
  done.setAttribute("role", "status");
  const [without, all] = [make("p", "", looking), make("div")];
  all.hidden = true;
  return {
    model, sending, root, problem, done, without, all, notice: "", failed: "",
    looks: makeLooks(root, () => sending.send(look())),
  };
}

/**
 * Show a panel, ask for its figures, and follow them.
 * @param {FiguresPanel} panel
 * @param {Figures} figures
 * @returns {import("./sending.js").View}
 */
export function showFigures(panel, { kind, draw, hear = () => {}, settled = () => {}, onKey = () => {}, close = () => {} }) {
  const { model, root, problem, without, all, looks } = panel;
  const stale = makeStaleLine(model);
  root.append(problem, stale.element, without, all);
  /** @param {import("./sent.d.ts").Sent} message @param {DataView[]} buffers */
  const receive = (message, buffers) => {
    if (message.kind !== kind && message.kind !== "problem") return hear(message, buffers);
    looks.heard();
    panel.failed = message.kind === "problem" ? message.error : "";
    drawPanelProblem(panel);
    if (message.kind === kind) draw(message);
  };
  model.on("change:_changes", looks.soon);
  model.on("msg:custom", receive);
  const ends = [stale.close, looks.close, followTheme(root), guard(root, onKey), close];
  looks.look();
  drawPanelProblem(panel);
  return {
    draw: () => drawPanelProblem(panel),
    back: looks.again,
    settled(sent, reply) {
      if (!sent) return;
      showText(panel.done, reply.kind === "ack" ? (reply.text ?? "") : "");
      settled(sent, reply);
      sayOnPanel(panel, reply.kind === "refused" && !reply.retry ? `Not changed: ${reply.error}` : "");
    },
    close() {
      ends.forEach((end) => end());
      model.off("change:_changes", looks.soon);
      model.off("msg:custom", receive);
    },
  };
}

/** Send a change until it is acknowledged. @param {FiguresPanel} panel @param {import("./said.d.ts").NewChange} message @returns {boolean} whether it will be */
export function sendFromPanel(panel, message) {
  const { lock_owner } = panel.model.get("_session");
  const can = panel.sending.isAlive() && !lock_owner;
  if (can) panel.sending.post({ ...message, event_id: newId() });
  sayOnPanel(panel, lock_owner ? `Not changed. ${heldText(lock_owner)}` : "");
  return can;
}

/** @param {FiguresPanel} panel @param {string} text */
function sayOnPanel(panel, text) {
  panel.notice = text;
  drawPanelProblem(panel);
}

/** @param {FiguresPanel} panel */
function drawPanelProblem({ model, sending, notice, failed, problem }) {
  // Who holds the journal is said where somebody wants to change something.
  const session = { ...model.get("_session"), lock_owner: "" };
  showText(problem, statusText({ ...sending.standing(), session, lines: [notice, failed] }));
}
