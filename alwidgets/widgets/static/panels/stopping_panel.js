// @ts-check
/** The advice in one sentence, every criterion as a row, and what can be set. It advises, and locks nothing. */

import { make, showText } from "../common/dom.js";
import { may } from "../common/may.js";
import { makeSendingWidget, newId } from "../common/sending.js";
import { makeStaleLine } from "../common/stale.js";
import { heldText, statusText } from "../common/status_text.js";
import { followTheme } from "../common/theme.js";
import { makeDecisions, makeStoppingFields, makeStoppingSettings } from "./stopping_fields.js";
import { makeStoppingTable } from "./stopping_table.js";

/**
 * @typedef {object} Panel
 * @property {HTMLElement} root
 * @property {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").StoppingState>} model
 * @property {ReturnType<typeof import("../common/sending.js").makeSending>} sending
 * @property {string} notice what was refused, and why
 * @property {HTMLElement} verdict
 * @property {HTMLElement} problem
 * @property {HTMLElement} rule
 * @property {HTMLElement} decided
 * @property {ReturnType<typeof makeStoppingTable>} table
 * @property {ReturnType<typeof makeStoppingSettings>} settings
 */

/**
 * @param {{model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").StoppingState>, el: HTMLElement}} context
 * @param {Panel["sending"]} sending
 * @returns {import("../common/sending.js").View}
 */
function render({ model, el: root }, sending) {
  root.classList.add("alw-root", "alw-stopping");
  const stale = makeStaleLine(model);
  const panel = makePanel(root, model, sending, stale.element);
  const onKey = (/** @type {KeyboardEvent} */ event) => onPanelKey(root, event);
  const draw = () => drawPanel(panel);
  /** @param {import("../common/sent.d.ts").Sent} message */
  const receive = (message) => {
    if (message.kind === "problem") sayInPanel(panel, message.error);
  };
  window.addEventListener("keydown", onKey, true);
  const unfollow = followTheme(root);
  model.on("change:_advice", draw);
  model.on("msg:custom", receive);
  draw();
  drawBanner(panel);
  return {
    draw: () => drawBanner(panel),
    back() {},
    settled: (sent, reply) => settlePanel(panel, sent, reply),
    close() {
      stale.close();
      unfollow();
      window.removeEventListener("keydown", onKey, true);
      model.off("change:_advice", draw);
      model.off("msg:custom", receive);
    },
  };
}

/** @param {HTMLElement} root @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").StoppingState>} model @param {Panel["sending"]} sending @param {HTMLElement} stale @returns {Panel} */
function makePanel(root, model, sending, stale) {
  const verdict = make("p", "alw-verdict");
  verdict.setAttribute("aria-live", "polite");
  const problem = make("p", "alw-problem");
  problem.setAttribute("role", "alert");
  const [rule, decided] = [make("p", "alw-rule"), make("p", "alw-rule")];
  const fields = makeStoppingFields({
    adjust: (settings) => sendFromPanel(panel, { kind: "adjust", settings }),
    isChanging: () => sending.waiting().some(({ kind }) => kind === "adjust"),
    say: (text) => sayInPanel(panel, text),
    redraw: () => drawPanel(panel),
    isFixed: !may(model, "adjust"),
  });
  const table = makeStoppingTable(fields);
  const settings = makeStoppingSettings(fields);
  const decisions = makeDecisions((decision) => sendFromPanel(panel, { kind: "decide", ...decision }));
  settings.element.hidden = !may(model, "adjust");
  decisions.hidden = !may(model, "decide");
  root.append(verdict, problem, stale, rule, table.element, decided, settings.element, decisions);
  /** @type {Panel} */ const panel = { root, model, sending, notice: "", verdict, problem, rule, decided, table, settings };
  return panel;
}

/** Send a change until it is acknowledged. @param {Panel} panel @param {import("../common/said.d.ts").NewChange} message @returns {boolean} whether it will be */
function sendFromPanel(panel, message) {
  const { model, sending } = panel;
  const { lock_owner } = model.get("_session");
  if (sending.isAlive() && !lock_owner) {
    sending.post({ about: message.kind, ...message, event_id: newId() });
    drawBanner(panel);
    return true;
  }
  sayInPanel(panel, lock_owner ? `Not changed. ${heldText(lock_owner)}` : "");
  return false;
}

/** @param {Panel} panel @param {string} text */
function sayInPanel(panel, text) {
  panel.notice = text;
  drawBanner(panel);
}

/** @param {Panel} panel */
function drawBanner({ model, sending, notice, problem }) {
  // Beside the labeling card that says it, who holds the session is said of what was tried.
  const session = { ...model.get("_session"), lock_owner: "" };
  showText(problem, statusText({ ...sending.standing(), session, lines: [notice] }));
}

/** @param {Panel} panel */
function drawPanel({ model, verdict, rule, decided, table, settings }) {
  const advice = model.get("_advice");
  if (!advice?.rows) return;
  if (verdict.textContent !== advice.sentence) verdict.textContent = advice.sentence;
  verdict.className = `alw-verdict${advice.stop ? " alw-stop" : ""}`;
  rule.textContent = advice.n_criteria > 1 ? `rule: ${advice.rule}` : "";
  decided.textContent = advice.decided;
  table.draw(advice.rows);
  settings.draw(advice);
}

/** @param {Panel} panel @param {import("../common/outbox.js").Message|undefined} sent @param {import("../common/sent.d.ts").Ack|import("../common/sent.d.ts").Refused} reply */
function settlePanel(panel, sent, reply) {
  if (!sent) return;
  sayInPanel(panel, reply.kind === "refused" && !reply.retry ? `Not changed: ${reply.error}` : "");
  drawPanel(panel);
}

/**
 * What is typed here is nobody else's: Jupyter listens on the document, in Notebook 7 on the way down. Enter sends what
 * was typed, with Control too.
 * @param {HTMLElement} root
 * @param {KeyboardEvent} event
 */
function onPanelKey(root, event) {
  // In a host that shows each output in a shadow root, the event's own target is that root's host.
  const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
  if (!root.contains(target) || event.key === "Tab" || event.key === "Escape") return;
  if ((event.ctrlKey || event.metaKey || event.altKey) && event.key !== "Enter") return;
  event.stopPropagation();
  if (event.key === "Enter" && target instanceof HTMLInputElement) target.blur();
}

export default () => makeSendingWidget("panel", render);
