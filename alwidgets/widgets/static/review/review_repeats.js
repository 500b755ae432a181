// @ts-check
/** Repeats: samples that have a label, shown without it. */

import { makeAnswers } from "../common/answers.js";
import { makeDebounce } from "../common/debounce.js";
import { make, makeButton } from "../common/dom.js";
import { makeVisibility, scrollWithin } from "../common/visibility.js";
import { answerBlind, chooseBlind, drawBlind, focusBlind, settleBlind, undoBlind } from "./review_blind.js";

/** @typedef {import("./review_blind.js").Blind} Blind */

/** What is answered of a sample that is seen. */
const ANSWERING = ["answer", "submit", "skip", "unsure"];

/**
 * @param {{samples: ReturnType<typeof import("../common/samples.js").makeSamples>, send: Blind["send"], leave: () => void, differing: () => void, say: (text: string) => void}} options
 */
export function makeRepeats({ samples, send, leave, differing, say }) {
  const blind = makeBlind({ samples, send, leave, differing, hold: () => visibility.hold() });
  const { element, answers, card } = blind;
  const visibility = makeVisibility(element, [card], say);
  /** @param {Partial<Blind>} change */
  const take = (change) => {
    Object.assign(blind, change);
    drawBlind(blind);
  };
  return {
    element,
    answers,
    /** @param {boolean} on @param {import("../common/sent.d.ts").ReviewStatus} status */
    open: (on, status) => take({ on, status }),
    /** @param {import("../common/sent.d.ts").ReviewStatus} status */
    follow: (status) => take({ status }),
    /** @param {boolean} enabled */
    enable: (enabled) => take({ enabled }),
    /** @param {string} agreement @param {number} nDiffering how many are still to be decided */
    showAgreement: (agreement, nDiffering) => take({ agreement, nDiffering }),
    /** @param {number} came */
    drawSample(came) {
      if (came === blind.item) drawBlind(blind);
    },
    /** @param {any} sent @param {import("../common/sent.d.ts").Ack|import("../common/sent.d.ts").Refusal} reply */
    settle: (sent, reply) => settleBlind(blind, sent, reply),
    close: visibility.close,
    /** @param {import("../common/keys.js").Action|null} pressed @param {KeyboardEvent} event */
    press: (pressed, event) => pressBlind(blind, visibility.hold, pressed, event),
  };
}

/**
 * @param {{samples: ReturnType<typeof import("../common/samples.js").makeSamples>, send: Blind["send"], leave: () => void, differing: () => void, hold: () => boolean}} options
 * @returns {Blind}
 */
function makeBlind({ samples, send, leave, differing, hold }) {
  const element = make("div", "alw-blind");
  element.tabIndex = 0;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Repeats. Your first answer is not shown; class keys answer, of several Enter saves them.");
  const title = make("p", "");
  const card = make("div", "alw-review-card");
  card.addEventListener("alw-whole", () => samples.askWhole(blind.item));
  const focus = () => focusBlind(blind);
  const answers = makeAnswers({
    hold,
    leave: focus,
    press(value) {
      chooseBlind(blind, value);
      focus();
    },
    submit() {
      answerBlind(blind, blind.chosen);
      focus();
    },
  });
  const actions = make("div", "alw-acts");
  element.append(title, card, answers.element, actions);
  /** @type {Blind} */ const blind = {
    element, title, card, actions, answers, samples, send, leave,
    // Made anew, with their keys, when these are known.
    skip: makeButton("", "cannot tell", () => {}),
    undo: makeButton("", "undo", () => {}),
    differ: makeButton("", "show those that differ", differing),
    debounce: makeDebounce(),
    status: { repeats: [], n_repeats: 0, classes: [], multilabel: false, keys: { classes: [], actions: {} }, changes: 0, checking: false, how: "", nobodys: "", parts: [], },
    on: false, enabled: true, known: "", item: null, onCard: undefined, shownAt: 0,
    chosen: [], agreement: "", nDiffering: 0, answered: new Set(), given: [],
  };
  return blind;
}

/**
 * @param {Blind} blind
 * @param {() => boolean} hold brings the sample back into view, where it was out of it
 * @param {import("../common/keys.js").Action|null} pressed
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key was ours
 */
function pressBlind(blind, hold, pressed, event) {
  const action = pressed?.action;
  if (action === undefined) return scrollWithin(blind.card, event);
  if (event.repeat && action !== "undo") return true;
  if (ANSWERING.includes(action) && hold()) return true;
  if (action === "answer") chooseBlind(blind, /** @type {number} */ (pressed?.value));
  else if (action === "submit") answerBlind(blind, blind.chosen);
  else if (action === "skip" || action === "unsure") answerBlind(blind, null);
  else if (action === "undo") undoBlind(blind);
  return true;
}
