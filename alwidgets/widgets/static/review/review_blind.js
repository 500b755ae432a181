// @ts-check
/** A repeated sample, drawn, and what is done with it. */

import { DEBOUNCE_MS } from "../common/debounce.js";
import { make, makeButton } from "../common/dom.js";
import { keyName } from "../common/keys.js";
import { drawn } from "../common/sample.js";
import { toggled } from "./review_list.js";

const AHEAD = 3;
/** Timers may be early. */
const EARLY_MS = 5;

/**
 * @typedef {object} Blind
 * @property {HTMLElement} element
 * @property {HTMLElement} title
 * @property {HTMLElement} card
 * @property {HTMLElement} actions
 * @property {HTMLButtonElement} skip
 * @property {HTMLButtonElement} undo
 * @property {HTMLButtonElement} differ
 * @property {ReturnType<typeof import("../common/answers.js").makeAnswers>} answers
 * @property {import("../common/debounce.js").Debounce} debounce
 * @property {ReturnType<typeof import("../common/samples.js").makeSamples>} samples
 * @property {(message: import("../common/said.d.ts").NewChange) => string|null} send sends a change, and gives its id; null where none can be made
 * @property {() => void} leave
 * @property {import("../common/sent.d.ts").ReviewStatus} status
 * @property {boolean} on
 * @property {boolean} enabled
 * @property {string} known the keys that the buttons name
 * @property {number|null} item
 * @property {any} onCard what is drawn
 * @property {number} shownAt
 * @property {number[]} chosen in a multilabel task, the classes chosen for what is on the card
 * @property {string} agreement
 * @property {number} nDiffering
 * @property {Set<number>} answered answered here and not yet acknowledged
 * @property {{id: string, item: number}[]} given
 */

/**
 * The first sample that waits and was not answered on this page, null when there is none.
 * @param {number[]} repeats
 * @param {Set<number>} answered
 */
export function nextRepeat(repeats, answered) {
  return repeats.find((item) => !answered.has(item)) ?? null;
}

/** @param {Blind} blind */
export function focusBlind({ element }) {
  element.focus({ preventScroll: true });
}

/** Whether a class can be told: of what cannot be shown it cannot. @param {Blind} blind */
function isTellable({ samples, item, enabled }) {
  const payload = item === null ? undefined : samples.get(item);
  return enabled && payload !== undefined && payload.type !== "error";
}

/** A class answers, or in a multilabel task is chosen. @param {Blind} blind @param {number} number */
export function chooseBlind(blind, number) {
  if (!blind.status.multilabel) answerBlind(blind, number);
  else if (isTellable(blind)) {
    blind.chosen = toggled(blind.chosen, number);
    drawBlind(blind);
  }
}

/** @param {Blind} blind @param {import("./review_list.js").Value} value */
export function answerBlind(blind, value) {
  const { enabled, item, samples, debounce, shownAt } = blind;
  if (!enabled || item === null || !samples.get(item) || (value !== null && !isTellable(blind))) return;
  if (debounce.again(JSON.stringify(value))) return;
  const id = blind.send({ kind: "repeat", item, value, seconds: (Date.now() - shownAt) / 1000, shown_at: shownAt / 1000 });
  if (id === null) return;
  blind.answered.add(item);
  blind.given.push({ id, item });
  drawBlind(blind);
  setTimeout(() => drawBlind(blind), DEBOUNCE_MS + EARLY_MS);
}

/** @param {Blind} blind */
export function undoBlind({ enabled, given, send }) {
  const last = enabled && given.pop();
  if (last) send({ kind: "undo", target: last.id, about: last.item });
}

/** The kernel has said what became of a message. @param {Blind} blind @param {any} sent @param {import("../common/sent.d.ts").Ack|import("../common/sent.d.ts").Refusal} reply */
export function settleBlind(blind, sent, reply) {
  if (sent.kind !== "repeat") return;
  const { answered, given } = blind;
  answered.delete(sent.item);
  const place = given.findIndex(({ id }) => id === sent.event_id);
  if (reply.kind === "refused" && place >= 0) given.splice(place, 1);
  drawBlind(blind);
}

/** @param {Blind} blind */
export function drawBlind(blind) {
  const { element, status, answered, debounce, samples } = blind;
  element.hidden = !blind.on;
  if (!blind.on) return;
  makeButtons(blind);
  const next = nextRepeat(status.repeats, answered);
  if (next !== blind.item) {
    blind.chosen = [];
    blind.answers.close();
  }
  blind.item = next;
  samples.ask(status.repeats.filter((/** @type {number} */ item) => !answered.has(item)).slice(0, AHEAD));
  const left = Math.max(0, status.n_repeats - answered.size);
  blind.title.textContent = left ? `Repeats: ${left} to answer, without seeing what you said first` : "Repeats: all are answered.";
  const payload = next === null ? null : (samples.get(next) ?? null);
  drawLooked(blind, payload);
  element.dataset.item = payload ? String(next) : "";
  // While it is set, the same answer again does not count.
  element.toggleAttribute("data-fresh", debounce.isFresh());
  drawBlindAnswers(blind, Boolean(payload));
  blind.differ.hidden = left > 0 || !blind.nDiffering;
}

/** @param {Blind} blind */
function makeButtons(blind) {
  const { keys } = blind.status;
  const now = JSON.stringify(keys);
  if (now === blind.known) return;
  blind.known = now;
  const key = (/** @type {string} */ name) => keyName(keys.actions[name] ?? "");
  /** Do what a button says, and take the keys back. @param {() => void} done */
  const pressed = (done) => () => {
    done();
    focusBlind(blind);
  };
  blind.skip = makeButton(key("skip"), "cannot tell", pressed(() => answerBlind(blind, null)));
  blind.undo = makeButton(key("undo"), "undo", pressed(() => undoBlind(blind)));
  blind.actions.replaceChildren(blind.skip, blind.undo, makeButton("Esc", "back to the table", blind.leave), blind.differ);
}

/** The sample, or in the end how the answers agree. @param {Blind} blind @param {import("../common/sent.d.ts").Drawable|null} payload */
function drawLooked(blind, payload) {
  const { item, agreement, card } = blind;
  const now = payload ?? item ?? agreement;
  if (now === blind.onCard) return;
  blind.onCard = now;
  blind.shownAt = Date.now();
  const text = item === null ? agreement : "Loading ...";
  card.replaceChildren(payload ? drawn(payload) : make("p", "alw-message", text));
  card.scrollTop = 0;
}

/** @param {Blind} blind @param {boolean} hasCome whether the sample can be seen */
function drawBlindAnswers(blind, hasCome) {
  const { status: { classes, keys, multilabel }, enabled, chosen } = blind;
  blind.skip.disabled = !enabled || !hasCome;
  blind.answers.draw({
    classes, keys, kind: multilabel ? "multi" : "single", counts: null, can: isTellable(blind),
    chosen: multilabel ? new Set(chosen) : null, suggested: null,
  });
  blind.undo.disabled = !enabled || !blind.given.length;
}
