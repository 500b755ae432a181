// @ts-check
/** One answer beside the table: the sample as the labeling card shows it, what is known of it, what can be done. */

import { make, makeButton } from "./dom.js";
import { buttonWidth, historyOf, keyName, labelText, percent } from "./review_list.js";
import { drawn } from "./sample.js";

/**
 * @param {{samples: any, act: (done: {action: string, value?: number, text?: string}) => void}} options
 */
export function makeDetail({ samples, act }) {
  const element = make("div", "alw-detail");
  element.tabIndex = -1;
  element.setAttribute("role", "region");
  element.setAttribute("aria-label", "Chosen answer");
  const card = make("div", "alw-review-card");
  const facts = make("div", "alw-facts");
  const classes = make("div", "alw-classes");
  const actions = make("div", "alw-acts");
  const note = /** @type {HTMLInputElement} */ (make("input", "alw-note"));
  note.type = "text";
  note.maxLength = 2000;
  note.setAttribute("aria-label", "note");
  const noteLine = make("div", "alw-note-line");
  const save = makeButton("", "save note", saveNote);
  noteLine.append(note, save);
  element.append(card, facts, classes, actions, noteLine);

  /** @type {HTMLButtonElement[]} */ let buttons = [];
  /** @type {Record<string, HTMLButtonElement>} */ let acts = {};
  let known = "";
  let enabled = true;
  /** @type {number|null} */ let item = null;
  /** @type {any} */ let row = null;
  /** @type {any} */ let onCard = null;

  function saveNote() {
    act({ action: "note", text: note.value.trim() });
    act({ action: "back" });
  }

  /** @param {any} status */
  function makeButtons(status) {
    const now = JSON.stringify([status.classes, status.keys, status.actions]);
    if (now === known) return;
    known = now;
    buttons = status.classes.map((/** @type {string} */ name, /** @type {number} */ value) =>
      makeButton(keyName(status.keys[value] ?? ""), name, () => act({ action: "label", value })),
    );
    classes.replaceChildren(...buttons);
    classes.style.setProperty("--alw-answer", buttonWidth(status.classes));
    note.placeholder = `note (${keyName(status.actions.note ?? "")})`;
    const key = (/** @type {string} */ name) => keyName(status.actions[name] ?? "");
    acts = {
      skip: makeButton(key("skip"), "skip", () => act({ action: "skip" })),
      unsure: makeButton(key("unsure"), "unsure", () => act({ action: "unsure" })),
      // What is being typed is why.
      flag: makeButton(key("flag"), "flag", () => act({ action: "flag", text: note.value.trim() === row?.note ? "" : note.value.trim() })),
      undo: makeButton(key("undo"), "undo", () => act({ action: "undo" })),
    };
    actions.replaceChildren(...Object.values(acts));
  }

  /** @param {any} status */
  function drawFacts(status) {
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
      model.append("model: ", make("b", "", names[row.predicted]), `${sure}${row.disagrees ? " \u2260 the label" : ""}`);
      lines.push(model);
    }
    if (row?.second !== null && row?.second !== undefined) {
      const ask = row.changed ? ". Which one stays?" : "";
      lines.push(make("p", row.changed ? "alw-doubt" : "", `second answer: ${names[row.second]}${ask}`));
    }
    if (row?.flagged) lines.push(make("p", "", row.flag ? `flagged: ${row.flag}` : "flagged"));
    facts.replaceChildren(...lines);
  }

  function drawControls() {
    buttons.forEach((button, value) => {
      button.disabled = !enabled || !row;
      button.setAttribute("aria-pressed", String(Boolean(row) && row.label === value));
    });
    for (const [name, button] of Object.entries(acts)) button.disabled = !enabled || (!row && name !== "undo");
    if (acts.flag) /** @type {HTMLElement} */ (acts.flag.lastChild).textContent = row?.flagged ? "unflag" : "flag";
    note.disabled = save.disabled = !enabled || !row;
  }

  return {
    element,
    saveNote,
    focusNote() {
      note.focus({ preventScroll: true });
    },
    /** @param {boolean} on */
    enable(on) {
      enabled = on;
      drawControls();
    },
    /** @param {number|null} chosen @param {any} answer @param {any} status */
    draw(chosen, answer, status) {
      makeButtons(status);
      const saved = row?.note ?? "";
      if (chosen !== item || (document.activeElement !== note && note.value === saved)) note.value = answer?.note ?? "";
      item = chosen;
      row = answer;
      element.hidden = item === null;
      const payload = item === null ? null : samples.get(item);
      if (item !== null && !payload) samples.ask([item]);
      const now = payload ?? item;
      if (now !== onCard) {
        onCard = now;
        card.replaceChildren(payload ? drawn(payload) : make("p", "alw-message", "Loading ..."));
        card.scrollTop = 0;
      }
      drawFacts(status);
      drawControls();
    },
  };
}
