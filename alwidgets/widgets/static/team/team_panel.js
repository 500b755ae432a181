// @ts-check
/** A team at work: who is there and on what, how well, how they agree, and what they dispute. It blocks nobody. */

import { makeDisputes, makeReopen } from "../common/disputes.js";
import { make, showText } from "../common/dom.js";
import { makeFiguresPanel, sendFromPanel, showFigures } from "../common/figures_panel.js";
import { may } from "../common/may.js";
import { makeSamples } from "../common/samples.js";
import { makeSendingWidget } from "../common/sending.js";
import { makeAgreement } from "./team_agreement.js";
import { makePeople } from "./team_people.js";
import { headText } from "./team_words.js";

/** @typedef {ReturnType<typeof makeTeamParts>} TeamParts */

/**
 * @param {import("../common/figures_panel.js").Context} context
 * @param {import("../common/figures_panel.js").FiguresPanel["sending"]} sending
 */
function render(context, sending) {
  const options = { name: "team", label: "Team", looking: "Looking at the team ..." };
  const panel = makeFiguresPanel(context, sending, { ...options, look: () => ({ kind: "look" }) });
  const change = (/** @type {import("../common/said.d.ts").NewChange} */ message) => sendFromPanel(panel, message);
  const isAllowed = (/** @type {string} */ kind) => may(panel.model, kind);
  const parts = makeTeamParts(panel, change, isAllowed);
  return showFigures(panel, {
    kind: "team",
    draw: (team) => drawTeam(panel, parts, team),
    hear(message, buffers) {
      if (message.kind === "payload") parts.samples.receive(message, buffers);
      else if (message.kind === "suggest") parts.disputes.told(message.item, message.text);
    },
    settled(sent, reply) {
      if (reply.kind === "ack" && sent.kind === "settle") panel.done.append(" ", makeReopen(sent, change, isAllowed));
    },
    onKey: (event) => void parts.disputes.onKey(event),
    close: parts.samples.close,
  });
}

/** @param {import("../common/figures_panel.js").FiguresPanel} panel @param {(message: import("../common/said.d.ts").NewChange) => boolean} change @param {(kind: string) => boolean} isAllowed */
function makeTeamParts({ sending, all, done }, change, isAllowed) {
  const [head, consensus, second] = ["head", "consensus", "second"].map((name) => make("p", `alw-team-${name}`));
  const people = makePeople(change, isAllowed);
  const agreement = makeAgreement();
  const samples = makeSamples((message) => void sending.send(message), (item) => disputes.came(item));
  const disputes = makeDisputes({
    samples, change, may: isAllowed, ask: (item) => void sending.send({ kind: "suggest", item }),
  });
  all.append(head, people.element, done, agreement.element, consensus, second, disputes.element);
  return { head, consensus, second, people, agreement, samples, disputes };
}

/** @param {import("../common/figures_panel.js").FiguresPanel} panel @param {TeamParts} parts @param {import("../common/sent.d.ts").TeamShown} team */
function drawTeam({ without, all }, { head, consensus, second, people, agreement, disputes }, team) {
  showText(without, team.without);
  all.hidden = Boolean(team.without);
  if (!team.agreement) return;
  head.replaceChildren(...headText(team).map((line) => make("span", "", line)));
  people.draw(team.people);
  agreement.draw(team.agreement);
  consensus.textContent = team.consensus;
  showText(second, team.second_answers);
  disputes.draw(team);
}

export default () => makeSendingWidget("team", render);
