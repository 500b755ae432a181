// @ts-check
/** The buttons under the answers: what else can be done with a sample. */

import { make, makeButton } from "../common/dom.js";
import { keyName } from "../common/keys.js";

const BUTTONS = ["skip", "unsure", "flag", "note", "undo", "why", "suggest", "instructions", "zoom", "near_duplicates", "grid"];

/**
 * @typedef {object} Shown
 * @property {import("../common/keys.js").Keys} keys
 * @property {boolean} can whether a sample can be answered
 * @property {boolean} undoable
 * @property {boolean} flagged
 * @property {string} note that is there
 * @property {boolean} revisited whether the sample was answered before
 * @property {boolean} wantsWhy
 * @property {boolean|null} isImage null while there is no sample
 * @property {number} nNearDuplicates samples that are known to be nearly the same
 */

/** @param {import("../common/sent.d.ts").TaskShown} task @param {boolean} plain whether one key is an answer @param {(action: string) => void} press */
export function makeCardActions(task, plain, press) {
  const element = make("div", "alw-actions");
  /** @type {Record<string, HTMLButtonElement>} */ const buttons = {};
  for (const action of BUTTONS) {
    buttons[action] = makeButton("", action, () => press(action));
    buttons[action].dataset.action = action;
    buttons[action].prepend(make("kbd", ""));
    element.append(buttons[action]);
  }
  buttons.suggest.hidden = task.suggest === "never";
  buttons.instructions.hidden = !task.instructions;
  buttons.grid.hidden = !plain;
  name("suggest", "ask the model");

  /** @param {string} action @param {string} text */
  function name(action, text) {
    /** @type {HTMLElement} */ (buttons[action].lastChild).textContent = text;
  }

  /** @param {string} action @param {boolean} on */
  function setPressed(action, on) {
    buttons[action].setAttribute("aria-pressed", String(on));
  }

  return {
    element,
    /** @param {Shown} now */
    draw({ keys, can, undoable, flagged, note, revisited, wantsWhy, isImage, nNearDuplicates }) {
      for (const [action, button] of Object.entries(buttons)) {
        const key = keyName(keys.actions[action]);
        const shown = /** @type {HTMLElement} */ (button.firstChild);
        if (shown.textContent !== key) shown.textContent = key;
        button.disabled = !can && action !== "instructions";
      }
      setPressed("flag", flagged);
      name("flag", flagged ? "flagged" : "flag");
      setPressed("note", Boolean(note));
      name("note", note ? "noted" : "note");
      buttons.note.title = note;
      setPressed("why", wantsWhy);
      if (isImage !== null) buttons.zoom.hidden = !isImage;
      buttons.near_duplicates.hidden = !plain || (!nNearDuplicates && task.near_duplicates);
      name("near_duplicates", nNearDuplicates ? `${nNearDuplicates + 1} near duplicates` : "near duplicates");
      buttons.undo.disabled = !undoable;
      name("undo", revisited ? "back" : "undo");
    },
  };
}
