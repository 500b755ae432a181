// @ts-check
/** The advice in one sentence, every criterion as a row, and what can be set. It advises, and locks nothing. */

import { make, makeButton, showText } from "../common/dom.js";
import { may } from "../common/may.js";
import { makePutOff, PUT_OFF_LABELS } from "../common/put_off.js";
import { makeSendingWidget, newId } from "../common/sending.js";
import { makeStaleLine } from "../common/stale.js";
import { heldText, statusText } from "../common/status_text.js";
import { followTheme } from "../common/theme.js";
import { download } from "./download.js";
import { makeDecisions, makeStoppingFields, makeStoppingSettings } from "./stopping_fields.js";
import { makeStoppingTable } from "./stopping_table.js";
import { verdictOf } from "./stopping_words.js";

/**
 * @typedef {object} Panel
 * @property {HTMLElement} root
 * @property {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").StoppingState>} model
 * @property {ReturnType<typeof import("../common/sending.js").makeSending>} sending
 * @property {string} notice what was refused, and why
 * @property {HTMLElement} verdict
 * @property {HTMLButtonElement} later puts the advice to stop off, or takes that back
 * @property {ReturnType<typeof makePutOff>} putOff
 * @property {HTMLElement} problem
 * @property {HTMLElement} spoken
 * @property {HTMLElement} facts
 * @property {HTMLElement} sentence
 * @property {HTMLElement} counted how many criteria have fired
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
  /** @param {import("../common/sent.d.ts").Sent} message @param {DataView[]} buffers */
  const receive = (message, buffers) => {
    if (message.kind === "problem") sayInPanel(panel, message.error);
    if (message.kind === "file") download(message, buffers[0]);
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
      panel.putOff.close();
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
  // Those who listen hear that they may stop, and not a new score each round.
  const spoken = make("div", "alw-spoken");
  spoken.setAttribute("aria-live", "polite");
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
  const [facts, sentence, counted] = [make("dl", "alw-facts"), make("p", "alw-sentence"), make("summary", "")];
  // Who may change nothing cannot open it either.
  const criteria = make(may(model, "adjust") ? "details" : "div", "alw-criteria");
  criteria.append(counted, sentence, rule, table.element);
  settings.element.hidden = !may(model, "adjust");
  decisions.hidden = !may(model, "decide");
  const save = makeButton("", "save labels as CSV", () => sending.send({ kind: "save_labels" }));
  save.title = 'All labels so far. session.export("folder") writes the rounds, the model and the journal too.';
  save.hidden = !may(model, "decide");
  const later = makeButton("", "", () => putOffAdvice(panel));
  const acts = make("div", "alw-acts-on-advice");
  acts.append(save, later);
  root.append(verdict, facts, acts, problem, stale, decided, criteria, settings.element, decisions, spoken);
  /** @type {Panel} */ const panel = {
    root, model, sending, notice: "", verdict, later, putOff: makePutOff(model.get("_session").id, () => drawPanel(panel)), spoken, facts, sentence, counted, problem, rule, decided, table, settings,
  };
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
function putOffAdvice({ model, putOff }) {
  const { n_labeled } = model.get("_advice");
  putOff.put(putOff.until(n_labeled) ? 0 : n_labeled + PUT_OFF_LABELS);
}

/** @param {Panel} panel @param {import("../common/sent.d.ts").AdviceShown} advice */
function drawVerdict({ verdict, spoken, later, putOff }, advice) {
  const until = putOff.until(advice.n_labeled);
  const { text, stop } = verdictOf(advice, until);
  if (verdict.textContent !== text) verdict.textContent = text;
  verdict.className = `alw-verdict${stop ? " alw-stop" : ""}`;
  const news = stop ? text : "";
  if (spoken.textContent !== news) spoken.textContent = news;
  // Its place stays: nothing moves when the advice comes.
  later.style.visibility = advice.stop ? "" : "hidden";
  const words = until ? "show the advice" : `remind me in ${PUT_OFF_LABELS}`;
  if (later.textContent !== words) later.textContent = words;
}

/** @param {Panel} panel */
function drawPanel(panel) {
  const { model, facts, sentence, counted, rule, decided, table, settings } = panel;
  const advice = model.get("_advice");
  if (!advice?.rows) return;
  drawVerdict(panel, advice);
  drawFacts(facts, advice.facts);
  sentence.textContent = advice.sentence;
  const fired = advice.rows.filter((row) => row.fired).length;
  counted.textContent = `criteria: ${fired} of ${advice.rows.length} fired`;
  rule.textContent = advice.n_criteria > 1 ? `rule: ${advice.rule}` : "";
  decided.textContent = advice.decided;
  table.draw(advice.rows);
  settings.draw(advice);
}

/** A line each, which stays where it is whatever it says. @param {HTMLElement} list @param {[string, string][]} facts */
function drawFacts(list, facts) {
  if (list.children.length !== 2 * facts.length) list.replaceChildren(...facts.flatMap(() => [make("dt"), make("dd")]));
  facts.flat().forEach((text, i) => {
    const cell = /** @type {HTMLElement} */ (list.children[i]);
    if (cell.textContent !== text) cell.textContent = text;
    cell.title = text;
  });
}

/** @param {Panel} panel @param {import("../common/outbox.js").Message|undefined} sent @param {import("../common/sent.d.ts").Ack|import("../common/sent.d.ts").Refusal} reply */
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
