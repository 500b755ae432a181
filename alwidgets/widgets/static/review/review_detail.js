// @ts-check
/** One answer beside the table: the sample as the labeling card shows it, what is known of it, what can be done. */

import { makeAnswers } from "../common/answers.js";
import { hasFocus, make, makeButton } from "../common/dom.js";
import { keyName } from "../common/keys.js";
import { historyOf, labelText, namesOf, percent } from "./review_list.js";
import { drawn } from "../common/sample.js";
import { makeVisibility } from "../common/visibility.js";

/**
 * @param {{samples: any, act: (done: {action: string, value?: number, text?: string}) => void, say: (text: string) => void}} options
 */
export function makeDetail({ samples, act, say }) {
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
    hold: () => visibility.hold(),
  });
  const actions = make("div", "alw-acts");
  const note = /** @type {HTMLInputElement} */ (make("input", "alw-note"));
  note.type = "text";
  note.maxLength = 2000;
  note.setAttribute("aria-label", "note");
  const noteLine = make("div", "alw-note-line");
  const save = makeButton("", "save note", saveNote);
  noteLine.append(note, save);
  element.append(card, facts, answers.element, actions, noteLine);
  const visibility = makeVisibility(element, [card], say);

  /** @type {Record<string, HTMLButtonElement>} */ let acts = {};
  let known = "";
  let enabled = true;
  /** @type {number|null} */ let item = null;
  /** @type {any} */ let row = null;
  /** @type {any} */ let status = null;
  /** Of many labels, the classes chosen and not saved. @type {number[]|null} */ let chosen = null;
  /** @type {any} */ let onCard = null;

  function saveNote() {
    act({ action: "note", text: note.value.trim() });
    act({ action: "back" });
  }

  function makeButtons() {
    const now = JSON.stringify(status.keys);
    if (now === known) return;
    known = now;
    const key = (/** @type {string} */ name) => keyName(status.keys.actions[name] ?? "");
    note.placeholder = `note (${key("note")})`;
    acts = {
      skip: makeButton(key("skip"), "skip", () => act({ action: "skip" })),
      unsure: makeButton(key("unsure"), "unsure", () => act({ action: "unsure" })),
      // What is being typed is why.
      flag: makeButton(key("flag"), "flag", () => act({ action: "flag", text: note.value.trim() === row?.note ? "" : note.value.trim() })),
      undo: makeButton(key("undo"), "undo", () => act({ action: "undo" })),
    };
    actions.replaceChildren(...Object.values(acts));
  }

  function drawFacts() {
    const names = status.classes;
    const lines = [];
    if (row) {
      const line = make("p", "");
      line.append(make("b", "", labelText(row, names)), ` ${historyOf(row)}`);
      lines.push(line);
    }
    if (row?.predicted !== null && row?.predicted !== undefined) {
      const model = make("p", row.disagrees ? "alw-doubt" : "");
      const sure = row.confidence === null ? "" : `, ${percent(row.confidence)} sure`;
      model.append("model: ", make("b", "", namesOf(row.predicted, names)), `${sure}${row.disagrees ? " \u2260 the label" : ""}`);
      lines.push(model);
    }
    if (row?.second !== null && row?.second !== undefined) {
      const ask = row.changed ? ". Which one stays?" : "";
      lines.push(make("p", row.changed ? "alw-doubt" : "", `second answer: ${namesOf(row.second, names)}${ask}`));
    }
    if (row?.flagged) lines.push(make("p", "", row.flag ? `flagged: ${row.flag}` : "flagged"));
    facts.replaceChildren(...lines);
  }

  function drawControls() {
    if (status) {
      const label = chosen ?? row?.label ?? [];
      answers.draw({
        classes: status.classes, keys: status.keys, kind: status.many ? "multi" : "single", counts: null,
        can: enabled && Boolean(row), chosen: new Set([label].flat()), suggested: null,
      });
    }
    for (const [name, button] of Object.entries(acts)) button.disabled = !enabled || (!row && name !== "undo");
    if (acts.flag) /** @type {HTMLElement} */ (acts.flag.lastChild).textContent = row?.flagged ? "unflag" : "flag";
    note.disabled = save.disabled = !enabled || !row;
  }

  return {
    element,
    answers,
    card,
    visibility,
    saveNote,
    focusNote() {
      note.focus({ preventScroll: true });
    },
    /** @param {boolean} on */
    enable(on) {
      enabled = on;
      drawControls();
    },
    /** @param {number|null} at @param {any} answer @param {number[]|null} draft what is chosen and not saved @param {any} now */
    draw(at, answer, draft, now) {
      status = now;
      makeButtons();
      const saved = row?.note ?? "";
      if (at !== item || (!hasFocus(note) && note.value === saved)) note.value = answer?.note ?? "";
      // What was looked for was for the answer before.
      if (at !== item) answers.close();
      item = at;
      chosen = draft;
      row = answer;
      element.hidden = item === null;
      const payload = item === null ? null : samples.get(item);
      if (item !== null && !payload) samples.ask([item]);
      const shown = payload ?? item;
      if (shown !== onCard) {
        onCard = shown;
        card.replaceChildren(payload ? drawn(payload) : make("p", "alw-message", "Loading ..."));
        card.scrollTop = 0;
      }
      drawFacts();
      drawControls();
    },
  };
}
