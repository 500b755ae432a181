// @ts-check
/** Words marked in a text. */

import { make } from "./dom.js";

/**
 * A text in pieces, every other one of which is to be marked.
 * @param {string} text
 * @param {readonly string[]} words whatever their case, and also within longer ones
 * @returns {string[]}
 */
export function pieces(text, words) {
  const known = words.filter(Boolean).sort((a, b) => b.length - a.length);
  if (!known.length) return [text];
  const escaped = known.map((word) => word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  return text.split(new RegExp(`(${escaped.join("|")})`, "giu"));
}

/** @param {string} text @param {readonly string[]} words @returns {(string|HTMLElement)[]} */
export function marked(text, words) {
  return pieces(text, words).map((piece, i) => (i % 2 ? make("mark", "", piece) : piece));
}
