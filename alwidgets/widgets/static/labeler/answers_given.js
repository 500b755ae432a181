// @ts-check
/** The answers so far, and the way back through them: plain functions on plain values, without a page. */

import { advance, revisit } from "./queue_state.js";

/**
 * @typedef {import("./queue_state.js").QueueState} QueueState
 * @typedef {{item: number, value: import("./queue_state.js").Value}} Given
 */

/**
 * What was answered, newest first, each sample once: here, and before this page was opened.
 * @param {QueueState} state
 * @param {import("../common/sent.d.ts").RecentAnswer[]} recent newest first
 * @returns {Given[]}
 */
export function givenAnswers(state, recent) {
  const here = state.past.filter(({ again }) => !again).map(({ item, value }) => ({ item, value })).reverse();
  const given = new Map();
  for (const each of [...here, ...recent.map(([, item, value]) => ({ item, value }))]) {
    if (!given.has(each.item)) given.set(each.item, each);
  }
  return [...given.values()];
}

/**
 * Walk back through the answers, or forth to the question.
 * @param {QueueState} state
 * @param {Given[]} given newest first
 * @param {1|-1} step 1 back
 * @returns {boolean} whether there was somewhere to go
 */
export function walk(state, given, step) {
  const at = state.revisited ? given.findIndex(({ item }) => item === state.current) : -1;
  const to = at + step;
  if (to < -1 || to >= given.length || state.undoing !== null) return false;
  if (to < 0) advance(state);
  else revisit(state, given[to].item, given[to].value);
  return true;
}
