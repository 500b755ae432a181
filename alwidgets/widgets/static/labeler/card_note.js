// @ts-check
/** The note about a sample, written over the last answers. */

import { make } from "../common/dom.js";
import { answerable, noteOf } from "./queue_state.js";

/** @param {import("./card_messages.js").CardMessages} card @param {() => void} focus gives the keys back */
export function makeCardNote(card, focus) {
  const element = /** @type {HTMLInputElement} */ (make("input", "alw-note"));
  /** What the note was when it was opened. @type {ReturnType<typeof noteOf>} */ let written = { item: 0, kind: "note", text: "" };
  element.hidden = true;
  element.addEventListener("blur", () => (element.hidden = true));
  return {
    element,
    open() {
      const { queue } = card;
      if (!answerable(queue)) return;
      const item = /** @type {number} */ (queue.current);
      written = noteOf(queue, item, card.flagged(item));
      // A field has one line.
      written.text = written.text.replace(/\s+/g, " ").trim();
      const why = written.kind === "flag";
      element.setAttribute("aria-label", why ? "Why this sample is flagged; Enter keeps it" : "Note about this sample; Enter keeps it");
      element.placeholder = why ? "why it is flagged, then Enter" : "a note about this sample, then Enter";
      element.hidden = false;
      queue.begun = true;
      element.value = written.text;
      element.focus();
    },
    save() {
      const { item, kind, text } = written;
      const now = element.value.trim();
      if (now !== text) card.tell({ kind, item, note: now, ...(kind === "flag" && { on: true }) });
      focus();
    },
  };
}
