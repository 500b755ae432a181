// @ts-check
/** What a team cannot agree on: the sample, all answers side by side, and the word of an expert. */

import { make, makeButton } from "./dom.js";
import { count } from "./figures.js";
import { drawn } from "./sample.js";
import { choices, disputeText, answerText } from "./disputes_words.js";

/** @typedef {import("./sent.d.ts").Dispute} Dispute */
/** @typedef {Pick<import("./sent.d.ts").DisputesShown, "classes"|"experts"|"disputes"|"n_disputed">} Shown */
/** @typedef {(message: import("./said.d.ts").NewChange) => boolean} Change sends a change; false where it cannot be sent */
/** @typedef {ReturnType<typeof import("./samples.js").makeSamples>} Samples */

/**
 * @param {object} on
 * @param {Samples} on.samples
 * @param {Change} on.change
 * @param {(kind: string) => boolean} on.may
 * @param {(item: number) => void} on.ask asks what the model makes of a sample
 */
export function makeDisputes(on) {
  const element = make("div", "alw-disputes");
  const none = make("p", "alw-team-more", "Nothing is disputed.");
  const details = make("details", "alw-team-disputes");
  const summary = make("summary");
  const more = make("p", "alw-team-more");
  details.append(summary, more);
  element.append(none, details);
  /** @type {Map<number, ReturnType<typeof makeDispute>>} */ const shown = new Map();
  return {
    element,
    /** @param {Shown} team */
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
    /** A digit is one of the labels of the dispute that has the focus. @param {KeyboardEvent} event @returns {boolean} whether the key is one of a dispute */
    onKey(event) {
      const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
      const dispute = target.closest(".alw-team-dispute[open]");
      if (!dispute || event.repeat || target.matches("input, select")) return element.contains(target);
      const keys = [...dispute.querySelectorAll(".alw-team-labels:not([hidden]) button")];
      /** @type {HTMLElement|undefined} */ (keys.find((button) => button.firstChild?.textContent === event.key))?.click();
      return true;
    },
    /** The model has said what it makes of a sample. @param {number} item @param {string} text */
    told: (item, text) => shown.get(item)?.tell(text),
    /** A sample has come. @param {number} item */
    came: (item) => shown.get(item)?.drawSample(),
  };
}

/** @param {number} item @param {Parameters<typeof makeDisputes>[0]} on */
function makeDispute(item, { samples, change, may, ask }) {
  const element = make("details", "alw-team-dispute");
  element.dataset.item = String(item);
  const summary = make("summary");
  const box = make("div", "alw-team-sample");
  box.setAttribute("role", "region");
  box.addEventListener("alw-whole", () => samples.askWhole(item));
  box.setAttribute("aria-label", `Sample of row ${item}`);
  const answers = make("table");
  const notes = make("p", "alw-team-notes");
  // Whoever settles has seen what people say; what the model says they have to ask for.
  const model = make("p", "alw-team-model");
  const asks = makeButton("", "what does the model say?", () => ask(item));
  model.append(asks);
  const settling = makeSettling(item, change);
  settling.element.hidden = !may("settle");
  element.append(summary, box, answers, notes, model, settling.element);
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
    /** @param {string} text */
    tell: (text) => model.replaceChildren(asks, " ", text),
    /** @param {Dispute} dispute @param {Shown} team */
    draw(dispute, team) {
      const now = JSON.stringify([dispute, team.classes, team.experts]);
      if (now === before) return;
      before = now;
      summary.textContent = disputeText(dispute, team.classes);
      answers.replaceChildren(...dispute.answers.map(([name, value, seconds]) => {
        const row = make("tr");
        const who = make("th", "", name);
        who.setAttribute("scope", "row");
        row.append(who, make("td", "", answerText(value, team.classes)), make("td", "alw-none", seconds === null ? "" : `${seconds.toFixed(1)} s`));
        return row;
      }));
      const words = [dispute.note && `Note: ${dispute.note}`, dispute.flag && `Flag: ${dispute.flag}`].filter(Boolean);
      notes.textContent = words.join("  ");
      notes.hidden = !words.length;
      settling.draw(dispute, team);
    },
  };
}

/** A button that opens a dispute again which was just settled. @param {any} settled the message that settled it @param {Change} change @param {(kind: string) => boolean} may */
export function makeReopen({ item, annotator }, change, may) {
  const undo = makeButton("", "undo", () => void change({ kind: "reopen", item, annotator, about: item }));
  undo.hidden = !may("reopen");
  return undo;
}

/** @param {number} item @param {Change} change */
function makeSettling(item, change) {
  const element = make("div", "alw-team-settling");
  const nobody = make("p", "alw-none", "Nobody here is an expert of this team: Team(experts=[...]) names who settles. Until then it stays open.");
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
    /** @param {Dispute} dispute @param {Shown} team */
    draw(dispute, { experts, classes }) {
      nobody.hidden = experts.length > 0;
      labels.hidden = reason.hidden = !experts.length;
      const chosen = expert.value;
      expert.hidden = experts.length < 2;
      expert.replaceChildren(...experts.map((name) => new Option(`as ${name}`, name)));
      if (experts.includes(chosen)) expert.value = chosen;
      labels.replaceChildren(...choices(dispute, classes).map((value, place) =>
        makeButton(place < 9 ? String(place + 1) : "", value === null ? "no label" : answerText(value, classes), () => {
          change({ kind: "settle", item, value, reason: reason.value, annotator: expert.value, about: item });
        })));
    },
  };
}
