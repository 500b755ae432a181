// @ts-check
/** What a grid shows: the next questions, or only samples that the model takes for a class, or that have some words. */

import { make, makeButton } from "../common/dom.js";

/** @typedef {ReturnType<typeof makeOnly>} OnlyRow */
/** @typedef {{value: number|null, words: string}} Only neither: the next questions */

/** How many of them a grid shows; what they are stands beside it. @param {{items: number[], n: number, text: string}} found */
export function onlyTitle({ items, n, text }) {
  return text || (n > items.length ? `${items.length} of ${n.toLocaleString("en-US")}` : String(n));
}

/**
 * @param {{classes: string[], now: Only, ask: (only: Only) => void, askOnly: (() => void)|null, leave: () => void}} options
 *   askOnly: have these samples asked alone, null where that cannot be
 */
export function makeOnly({ classes, now, ask, askOnly, leave }) {
  const element = make("div", "alw-grid-only");
  const select = /** @type {HTMLSelectElement} */ (make("select", ""));
  select.setAttribute("aria-label", "What to show");
  select.append(new Option("the next questions", ""), ...classes.map((name, value) => new Option(`the model thinks: ${name}`, String(value))));
  select.value = now.value === null ? "" : String(now.value);
  const words = /** @type {HTMLInputElement} */ (make("input", "alw-grid-words"));
  words.type = "search";
  words.placeholder = "only with these words";
  words.setAttribute("aria-label", "Only samples with these words; Enter looks for them");
  words.value = now.words;
  const changed = () => ask({ value: select.value === "" ? null : Number(select.value), words: words.value.trim() });
  select.addEventListener("change", changed);
  element.append(select, words);
  if (askOnly) {
    const button = makeButton("", "ask only these", askOnly);
    button.title = "The strategy chooses among all of these, one by one, until none is left or all are asked again";
    element.append(button);
  }
  return {
    element,
    /** @param {KeyboardEvent} event @returns {boolean} whether it was meant for one of the fields */
    onKey(event) {
      const target = event.composedPath()[0] ?? event.target;
      if (target !== select && target !== words) return false;
      event.stopPropagation();
      const enters = event.key === "Enter" && target === words && !event.isComposing;
      if (event.key === "Escape") leave();
      else if (enters) changed();
      if (event.key === "Escape" || enters) event.preventDefault();
      return true;
    },
  };
}
