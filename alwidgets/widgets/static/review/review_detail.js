// @ts-check
/** One answer beside the table: the sample as the labeling card shows it, what is known of it, what can be done. */

import { makeAnswers } from "../common/answers.js";
import { hasFocus, make, makeButton } from "../common/dom.js";
import { keyName } from "../common/keys.js";
import { drawn } from "../common/sample.js";
import { makeVisibility } from "../common/visibility.js";
import { factsOf } from "./review_facts.js";

/**
 * @typedef {(done: {action: string, value?: number, text?: string}) => void} Act
 *
 * @typedef {object} Detail
 * @property {ReturnType<typeof import("../common/samples.js").makeSamples>} samples
 * @property {Act} act
 * @property {ReturnType<typeof makeDetailPage>} page
 * @property {Record<string, HTMLButtonElement>} acts the buttons, by what they do
 * @property {string} known the keys that the buttons name
 * @property {boolean} enabled
 * @property {number|null} item
 * @property {import("../common/sent.d.ts").AnswerRow|null} row
 * @property {import("../common/sent.d.ts").ReviewStatus|null} status
 * @property {number[]|null} chosen in a multilabel task, the classes chosen and not saved
 * @property {any} onCard
 */

/** @param {{samples: ReturnType<typeof import("../common/samples.js").makeSamples>, act: Act, say: (text: string) => void}} options */
export function makeDetail({ samples, act, say }) {
  const page = makeDetailPage(act, () => visibility.hold(), () => saveNote(detail));
  const { element, answers, card, note } = page;
  card.addEventListener("alw-whole", () => samples.askWhole(detail.item));
  const visibility = makeVisibility(element, [card], say);
  /** @type {Detail} */ const detail = {
    samples, act, page, acts: {}, known: "", enabled: true, item: null, row: null, status: null, chosen: null, onCard: null,
  };
  return {
    element, answers, card, visibility,
    saveNote: () => saveNote(detail),
    focusNote: () => note.focus({ preventScroll: true }),
    /** @param {boolean} on */
    enable(on) {
      detail.enabled = on;
      drawDetailControls(detail);
    },
    /** @param {number|null} at @param {import("../common/sent.d.ts").AnswerRow|null} answer @param {number[]|null} draft what is chosen and not saved @param {import("../common/sent.d.ts").ReviewStatus} now */
    draw: (at, answer, draft, now) => drawAnswer(detail, at, answer, draft, now),
  };
}

/** @param {Act} act @param {() => boolean} hold @param {() => void} saving */
function makeDetailPage(act, hold, saving) {
  const element = make("div", "alw-detail");
  element.tabIndex = -1;
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", "Chosen answer");
  const card = make("div", "alw-review-card");
  const facts = make("div", "alw-facts");
  // The keys stay here: of several classes, Enter is to save them and not to press a button again.
  const focus = () => element.focus({ preventScroll: true });
  const answers = makeAnswers({
    press(value) {
      act({ action: "answer", value });
      focus();
    },
    submit: () => act({ action: "submit" }),
    leave: focus,
    hold,
  });
  const actions = make("div", "alw-acts");
  const note = /** @type {HTMLInputElement} */ (make("input", "alw-note"));
  note.type = "text";
  note.maxLength = 2000;
  note.setAttribute("aria-label", "note");
  const noteLine = make("div", "alw-note-line");
  const save = makeButton("", "save note", saving);
  noteLine.append(note, save);
  element.append(card, facts, answers.element, actions, noteLine);
  return { element, card, facts, answers, actions, note, save };
}

/** @param {Detail} detail */
function saveNote({ act, page: { note } }) {
  act({ action: "note", text: note.value.trim() });
  act({ action: "back" });
}

/** @param {Detail} detail @param {number|null} at @param {import("../common/sent.d.ts").AnswerRow|null} answer @param {number[]|null} draft @param {import("../common/sent.d.ts").ReviewStatus} now */
function drawAnswer(detail, at, answer, draft, now) {
  const { item, row, page: { element, note, answers, facts } } = detail;
  detail.status = now;
  makeActs(detail);
  const saved = row?.note ?? "";
  if (at !== item || (!hasFocus(note) && note.value === saved)) note.value = answer?.note ?? "";
  // What was looked for was for the answer before.
  if (at !== item) answers.close();
  Object.assign(detail, { item: at, chosen: draft, row: answer });
  element.hidden = at === null;
  drawOnCard(detail);
  facts.replaceChildren(...factsOf(answer, now.classes));
  drawDetailControls(detail);
}

/** @param {Detail} detail */
function makeActs(detail) {
  const { status, act, page: { note, actions } } = detail;
  if (!status) return;
  const { keys } = status;
  const now = JSON.stringify(keys);
  if (now === detail.known) return;
  detail.known = now;
  const key = (/** @type {string} */ name) => keyName(keys.actions[name] ?? "");
  note.placeholder = `note (${key("note")})`;
  // What is being typed is why.
  const why = () => (note.value.trim() === detail.row?.note ? "" : note.value.trim());
  detail.acts = {
    skip: makeButton(key("skip"), "skip", () => act({ action: "skip" })),
    unsure: makeButton(key("unsure"), "unsure", () => act({ action: "unsure" })),
    flag: makeButton(key("flag"), "flag", () => act({ action: "flag", text: why() })),
    undo: makeButton(key("undo"), "undo", () => act({ action: "undo" })),
  };
  actions.replaceChildren(...Object.values(detail.acts));
}

/** @param {Detail} detail */
function drawOnCard(detail) {
  const { item, samples, page: { card } } = detail;
  const payload = item === null ? null : samples.get(item);
  if (item !== null && !payload) samples.ask([item]);
  const shown = payload ?? item;
  if (shown === detail.onCard) return;
  detail.onCard = shown;
  card.replaceChildren(payload ? drawn(payload) : make("p", "alw-message", "Loading ..."));
  card.scrollTop = 0;
}

/** @param {Detail} detail */
function drawDetailControls({ status, row, chosen, enabled, acts, page: { answers, note, save } }) {
  if (status) {
    const label = chosen ?? row?.label ?? [];
    answers.draw({
      classes: status.classes, keys: status.keys, kind: status.multilabel ? "multi" : "single", counts: null,
      can: enabled && Boolean(row), chosen: new Set([label].flat()), suggested: null,
    });
  }
  for (const [name, button] of Object.entries(acts)) button.disabled = !enabled || (!row && name !== "undo");
  if (acts.flag) /** @type {HTMLElement} */ (acts.flag.lastChild).textContent = row?.flagged ? "unflag" : "flag";
  note.disabled = save.disabled = !enabled || !row;
}
