// @ts-check
/** A team at work: who is there and on what, how well, how they agree, and what they dispute. It blocks nobody. */

import { make, makeButton } from "../common/dom.js";
import { guard } from "../common/guard.js";
import { may } from "../common/may.js";
import { makeSamples } from "../common/samples.js";
import { makeSendingWidget, newId } from "../common/sending.js";
import { makeStaleLine } from "../common/stale.js";
import { heldText, statusText } from "../common/status_text.js";
import { followTheme } from "../common/theme.js";
import { makeAgreement } from "./team_agreement.js";
import { makeDisputes } from "./team_disputes.js";
import { makeLooks } from "./team_looks.js";
import { makePeople } from "./team_people.js";
import { headText } from "./team_words.js";

/** @typedef {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").TeamState>} TeamModel */

/**
 * @typedef {object} Panel
 * @property {TeamModel} model
 * @property {ReturnType<typeof import("../common/sending.js").makeSending>} sending
 * @property {string} notice what was refused, and why
 * @property {string} failed why there are no newer figures
 * @property {HTMLElement} problem
 * @property {HTMLElement} done what was changed last
 * @property {HTMLElement} without
 * @property {HTMLElement} head
 * @property {HTMLElement} consensus
 * @property {HTMLElement} all what there is of a team
 * @property {ReturnType<typeof makePeople>} people
 * @property {ReturnType<typeof makeAgreement>} agreement
 * @property {ReturnType<typeof makeDisputes>} disputes
 * @property {ReturnType<typeof makeSamples>} samples
 */

/**
 * @param {{model: TeamModel, el: HTMLElement}} context
 * @param {Panel["sending"]} sending
 * @returns {import("../common/sending.js").View}
 */
function render({ model, el: root }, sending) {
  root.classList.add("alw-root", "alw-team");
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "Team");
  const stale = makeStaleLine(model);
  const panel = makePanel(root, model, sending, stale.element);
  const looks = makeLooks(root, () => sending.send({ kind: "look" }));
  /** @param {import("../common/sent.d.ts").Sent} message @param {DataView[]} buffers */
  const receive = (message, buffers) => {
    if (message.kind === "team") {
      looks.heard();
      panel.failed = "";
      drawTrouble(panel);
      drawTeam(panel, message);
    } else if (message.kind === "payload") panel.samples.receive(message, buffers);
    else if (message.kind === "problem") {
      looks.heard();
      panel.failed = message.error;
      drawTrouble(panel);
    }
  };
  model.on("change:_changes", looks.soon);
  model.on("msg:custom", receive);
  const ends = [stale.close, looks.close, panel.samples.close, followTheme(root), guard(root, panel.disputes.onKey)];
  looks.look();
  drawTrouble(panel);
  return {
    draw: () => drawTrouble(panel),
    back: looks.again,
    settled: (sent, reply) => settle(panel, sent, reply),
    close() {
      ends.forEach((end) => end());
      model.off("change:_changes", looks.soon);
      model.off("msg:custom", receive);
    },
  };
}

/** @param {HTMLElement} root @param {TeamModel} model @param {Panel["sending"]} sending @param {HTMLElement} stale @returns {Panel} */
function makePanel(root, model, sending, stale) {
  const problem = make("p", "alw-problem");
  problem.setAttribute("role", "alert");
  const done = make("p", "alw-team-done");
  done.setAttribute("role", "status");
  const without = make("p", "alw-team-without", "Looking at the team ...");
  const [head, consensus, all] = [make("p", "alw-team-head"), make("p", "alw-team-consensus"), make("div")];
  all.hidden = true;
  /** @type {import("./team_people.js").Change} */ const change = (message) => send(panel, message);
  const isAllowed = (/** @type {string} */ kind) => may(model, kind);
  const people = makePeople(change, isAllowed);
  const agreement = makeAgreement();
  const samples = makeSamples((items) => sending.send({ kind: "need", items }), (item) => disputes.came(item));
  const disputes = makeDisputes({ samples, change, may: isAllowed });
  all.append(head, people.element, done, agreement.element, consensus, disputes.element);
  root.append(problem, stale, without, all);
  /** @type {Panel} */ const panel = { model, sending, notice: "", failed: "", problem, done, without, head, consensus, all, people, agreement, disputes, samples };
  return panel;
}

/** Send a change until it is acknowledged. @param {Panel} panel @param {import("../common/said.d.ts").NewChange} message @returns {boolean} whether it will be */
function send(panel, message) {
  const { lock_owner } = panel.model.get("_session");
  if (panel.sending.isAlive() && !lock_owner) {
    panel.sending.post({ ...message, event_id: newId() });
    drawTrouble(panel);
    return true;
  }
  say(panel, lock_owner ? `Not changed. ${heldText(lock_owner)}` : "");
  return false;
}

/** @param {Panel} panel @param {string} text */
function say(panel, text) {
  panel.notice = text;
  drawTrouble(panel);
}

/** @param {Panel} panel */
function drawTrouble({ model, sending, notice, failed, problem }) {
  const session = { ...model.get("_session"), lock_owner: "" };
  const trouble = statusText({ ...sending.standing(), session, lines: [notice, failed] });
  problem.hidden = !trouble;
  if (problem.textContent !== trouble) problem.textContent = trouble;
}

/** @param {Panel} panel @param {import("../common/sent.d.ts").TeamShown} team */
function drawTeam(panel, team) {
  panel.without.textContent = team.without;
  panel.without.hidden = !team.without;
  panel.all.hidden = Boolean(team.without);
  if (!team.agreement) return;
  panel.head.replaceChildren(...headText(team).map((line) => make("span", "", line)));
  panel.people.draw(team.people);
  panel.agreement.draw(team.agreement);
  panel.consensus.textContent = team.consensus;
  panel.disputes.draw(team);
}

/** @param {Panel} panel @param {import("../common/outbox.js").Message|undefined} sent @param {import("../common/sent.d.ts").Ack|import("../common/sent.d.ts").Refused} reply */
function settle(panel, sent, reply) {
  if (!sent) return;
  panel.done.textContent = reply.kind === "ack" ? (reply.text ?? "") : "";
  if (reply.kind === "ack" && sent.kind === "settle") panel.done.append(" ", makeUndo(panel, sent));
  say(panel, reply.kind === "refused" && !reply.retry ? `Not changed: ${reply.error}` : "");
}

/** Opens a dispute again that was just settled. @param {Panel} panel @param {any} settled the message that settled it */
function makeUndo(panel, { item, annotator }) {
  const undo = makeButton("", "undo", () => void send(panel, { kind: "reopen", item, annotator, about: item }));
  undo.hidden = !may(panel.model, "reopen");
  return undo;
}

export default () => makeSendingWidget("team", render);
