// @ts-check
/** The advice in one sentence, every criterion as a row, and what can be set. It advises, and locks nothing. */

import { make } from "../common/dom.js";
import { makeSendingWidget, newId } from "../common/sending.js";
import { makeStaleLine } from "../common/stale.js";
import { heldText, statusText } from "../common/status_text.js";
import { followTheme } from "../common/theme.js";
import { makeDecisions, makeStoppingFields, makeStoppingSettings } from "./stopping_fields.js";
import { makeStoppingTable } from "./stopping_table.js";

/**
 * @param {{model: any, el: HTMLElement}} context
 * @param {ReturnType<import("../common/sending.js").makeSending>} sending
 * @returns {import("../common/sending.js").View}
 */
function render({ model, el: root }, sending) {
  root.classList.add("alw-root", "alw-stopping");
  /** What was refused, and why. */
  let notice = "";
  const verdict = make("p", "alw-verdict");
  verdict.setAttribute("aria-live", "polite");
  const problem = make("p", "alw-problem");
  problem.setAttribute("role", "alert");
  const rule = make("p", "alw-rule");
  const decided = make("p", "alw-rule");
  const fields = makeStoppingFields({
    adjust: (settings) => change({ kind: "adjust", settings }),
    isChanging: () => sending.waiting().some(({ kind }) => kind === "adjust"),
    say,
    redraw: draw,
  });
  const table = makeStoppingTable(fields);
  const settings = makeStoppingSettings(fields);
  const decisions = makeDecisions((decision) => change({ kind: "decide", ...decision }));
  const stale = makeStaleLine(model);
  root.append(verdict, problem, stale.element, rule, table.element, decided, settings.element, decisions);

  /** Send a change until it is acknowledged. @param {any} message @returns {boolean} whether it will be */
  function change(message) {
    const { lock_owner } = model.get("_session");
    if (sending.isAlive() && !lock_owner) {
      sending.post({ about: message.kind, ...message, event_id: newId() });
      drawTrouble();
      return true;
    }
    say(lock_owner ? `Not changed. ${heldText(lock_owner)}` : "");
    return false;
  }

  /** @param {string} text */
  function say(text) {
    notice = text;
    drawTrouble();
  }

  function drawTrouble() {
    // Beside the labeling card that says it, who holds the session is said of what was tried.
    const session = { ...model.get("_session"), lock_owner: "" };
    const trouble = statusText({ ...sending.standing(), session, lines: [notice] });
    problem.hidden = !trouble;
    if (problem.textContent !== trouble) problem.textContent = trouble;
  }

  function draw() {
    const advice = model.get("_advice");
    if (!advice?.rows) return;
    if (verdict.textContent !== advice.sentence) verdict.textContent = advice.sentence;
    verdict.className = `alw-verdict${advice.stop ? " alw-stop" : ""}`;
    rule.textContent = advice.n_criteria > 1 ? `rule: ${advice.rule}` : "";
    decided.textContent = advice.decided;
    table.draw(advice.rows);
    settings.draw(advice);
  }

  /** @param {any} message */
  function receive(message) {
    if (message.kind === "problem") say(message.error);
  }

  /** @param {import("../common/outbox.js").Message|undefined} sent @param {any} message */
  function settled(sent, message) {
    if (!sent) return;
    say(message.kind === "refused" && !message.retry ? `Not changed: ${message.error}` : "");
    draw();
  }

  /**
   * What is typed here is nobody else's: Jupyter listens on the document, in Notebook 7 on the way down. Enter sends what
   * was typed, with Control too.
   * @param {KeyboardEvent} event
   */
  function onKey(event) {
    // In a host that shows each output in a shadow root, the event's own target is that root's host.
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (!root.contains(target) || event.key === "Tab" || event.key === "Escape") return;
    if ((event.ctrlKey || event.metaKey || event.altKey) && event.key !== "Enter") return;
    event.stopPropagation();
    if (event.key === "Enter" && target instanceof HTMLInputElement) target.blur();
  }

  window.addEventListener("keydown", onKey, true);
  const unfollow = followTheme(root);
  model.on("change:_advice", draw);
  model.on("msg:custom", receive);
  draw();
  drawTrouble();
  function close() {
    stale.close();
    unfollow();
    window.removeEventListener("keydown", onKey, true);
    model.off("change:_advice", draw);
    model.off("msg:custom", receive);
  }
  return { draw: drawTrouble, back() {}, settled, close };
}

export default () => makeSendingWidget("panel", render);
