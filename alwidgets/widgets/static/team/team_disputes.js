// @ts-check
/** What a team cannot agree on: the sample, all answers side by side, and the word of an expert. */

import { make, makeButton } from "../common/dom.js";
import { drawn } from "../common/sample.js";
import { choices, count, disputeText, labelText } from "./team_words.js";

/** @typedef {import("../common/sent.d.ts").Dispute} Dispute */
/** @typedef {import("../common/sent.d.ts").TeamShown} TeamShown */
/** @typedef {ReturnType<typeof import("../common/samples.js").makeSamples>} Samples */

/**
 * @param {object} on
 * @param {Samples} on.samples
 * @param {import("./team_people.js").Change} on.change
 * @param {(kind: string) => boolean} on.may
 */
export function makeDisputes(on) {
  const element = make("div");
  const none = make("p", "alw-team-more", "Nothing is disputed.");
  const details = make("details", "alw-team-disputes");
  const summary = make("summary");
  const more = make("p", "alw-team-more");
  details.append(summary, more);
  element.append(none, details);
  /** @type {Map<number, ReturnType<typeof makeDispute>>} */ const shown = new Map();
  return {
    element,
    /** @param {TeamShown} team */
    draw(team) {
      const { disputes, n_disputed } = team;
      none.hidden = n_disputed > 0;
      details.hidden = !n_disputed;
      summary.textContent = `${count(n_disputed, "item")} disputed: review ${n_disputed === 1 ? "it" : "them"}`;
      const items = new Set(disputes.map(({ item }) => item));
      for (const [item, dispute] of shown) {
        if (items.has(item)) continue;
        dispute.element.remove();
        shown.delete(item);
      }
      for (const dispute of disputes) {
        const known = shown.get(dispute.item) ?? makeDispute(dispute.item, on);
        if (!shown.has(dispute.item)) more.before(known.element);
        shown.set(dispute.item, known);
        known.draw(dispute, team);
      }
      more.hidden = n_disputed <= disputes.length;
      more.textContent = `The first ${disputes.length}; session.disputed() has all of them.`;
    },
    /** A digit is one of the labels of the dispute that has the focus. @param {KeyboardEvent} event */
    onKey(event) {
      const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
      const dispute = target.closest(".alw-team-dispute[open]");
      if (!dispute || event.repeat || target.matches("input, select")) return;
      const keys = [...dispute.querySelectorAll(".alw-team-labels:not([hidden]) button")];
      /** @type {HTMLElement|undefined} */ (keys.find((button) => button.firstChild?.textContent === event.key))?.click();
    },
    /** A sample has come. @param {number} item */
    came: (item) => shown.get(item)?.drawSample(),
  };
}

/** @param {number} item @param {Parameters<typeof makeDisputes>[0]} on */
function makeDispute(item, { samples, change, may }) {
  const element = make("details", "alw-team-dispute");
  element.dataset.item = String(item);
  const summary = make("summary");
  const box = make("div", "alw-team-sample");
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", `Sample of row ${item}`);
  const answers = make("table");
  const notes = make("p", "alw-team-notes");
  const settling = makeSettling(item, change);
  settling.element.hidden = !may("settle");
  element.append(summary, box, answers, notes, settling.element);
  const drawSample = () => {
    const payload = samples.get(item);
    box.replaceChildren(payload ? drawn(payload) : make("p", "alw-message", "Loading the sample ..."));
  };
  element.addEventListener("toggle", () => {
    if (!(/** @type {HTMLDetailsElement} */ (element).open)) return;
    samples.ask([item]);
    drawSample();
  });
  let before = "";
  return {
    element, drawSample,
    /** @param {Dispute} dispute @param {TeamShown} team */
    draw(dispute, team) {
      const now = JSON.stringify([dispute, team.classes, team.experts]);
      if (now === before) return;
      before = now;
      summary.textContent = disputeText(dispute, team.classes);
      answers.replaceChildren(...dispute.answers.map(([name, value, seconds]) => {
        const row = make("tr");
        const who = make("th", "", name);
        who.setAttribute("scope", "row");
        row.append(who, make("td", "", labelText(value, team.classes)), make("td", "alw-team-none", seconds === null ? "" : `${seconds.toFixed(1)} s`));
        return row;
      }));
      const words = [dispute.note && `Note: ${dispute.note}`, dispute.flag && `Flag: ${dispute.flag}`].filter(Boolean);
      notes.textContent = words.join("  ");
      notes.hidden = !words.length;
      settling.draw(dispute, team);
    },
  };
}

/** @param {number} item @param {import("./team_people.js").Change} change */
function makeSettling(item, change) {
  const element = make("div", "alw-team-settling");
  const nobody = make("p", "alw-team-none", "Nobody here is an expert of this team: Team(experts=[...]) names who settles.");
  const expert = /** @type {HTMLSelectElement} */ (make("select"));
  expert.setAttribute("aria-label", `Who settles row ${item}`);
  const reason = /** @type {HTMLInputElement} */ (make("input"));
  Object.assign(reason, { type: "text", maxLength: 500, placeholder: "why (goes into the journal)" });
  reason.setAttribute("aria-label", `Reason of the label of row ${item}`);
  const labels = make("div", "alw-team-labels");
  labels.setAttribute("role", "group");
  labels.setAttribute("aria-label", `Label of row ${item}`);
  element.append(nobody, expert, reason, labels);
  return {
    element,
    /** @param {Dispute} dispute @param {TeamShown} team */
    draw(dispute, { experts, classes }) {
      nobody.hidden = experts.length > 0;
      labels.hidden = reason.hidden = !experts.length;
      const chosen = expert.value;
      expert.hidden = experts.length < 2;
      expert.replaceChildren(...experts.map((name) => new Option(`as ${name}`, name)));
      if (experts.includes(chosen)) expert.value = chosen;
      labels.replaceChildren(...choices(dispute, classes).map((value, place) =>
        makeButton(place < 9 ? String(place + 1) : "", value === null ? "no label" : labelText(value, classes), () => {
          change({ kind: "settle", item, value, reason: reason.value, annotator: expert.value, about: item });
        })));
    },
  };
}
