// @ts-check
/** The list of all keys, in which each can be changed. */

import { make, makeButton } from "../common/dom.js";
import { keyName, PAGE } from "../common/keys.js";

/** What each action does, in the order of the list. */
const ACTIONS = {
  skip: "skip: cannot tell, not asked again",
  unsure: "unsure: not asked again, listed in the review",
  undo: "undo the last answer",
  flag: "flag this sample for review, or remove the flag",
  note: "write a note about this sample",
  suggest: "show what the model would answer",
  why: "show why this sample is asked",
  near_duplicates: "answer this sample and its near duplicates together",
  grid: "answer several samples at once",
  find: "find a class by its name",
  instructions: "show the instructions",
  zoom: "zoom an image",
  play: "play a sound; with one on screen, this key and that of skip change places",
  help: "show or hide this list",
};

/** @typedef {{classes: string[], keys: import("../common/keys.js").Keys, saved: boolean, lacks?: string[]}} Shown saved: whether there is a journal; lacks: actions that there are none of */

/** The actions that a task has not. @param {import("../common/sent.d.ts").TaskShown} task @param {number} n_classes */
export function lacking({ kind, suggest, instructions }, n_classes) {
  const plain = ["single", "ordinal", "yes_no"].includes(kind);
  return [
    ...(suggest === "never" ? ["suggest"] : []), ...(instructions ? [] : ["instructions"]),
    ...(plain ? [] : ["near_duplicates", "grid"]), ...(n_classes > PAGE ? [] : ["find"]),
  ];
}

/** Where answers are, in words. @param {boolean} saved */
export function keptText(saved) {
  if (saved) return "Every answer is saved at once.";
  return "Answers are kept in this kernel only, and end with it: a session with journal= saves them.";
}

/** Keys that stay as they are. */
const FIXED = [
  ["\u2190, \u2192", "back through the answers, and forth"],
  ["V", "show the sample alone, or with the curve and the advice"],
  ["PgUp, PgDn", "turn the pages of more than ten classes"],
  ["Shift+1 to 0", "answer with one of the next ten classes"],
  ["Tab", "on to the next group of buttons, in which arrows go from one to the next"],
  ["Esc", "leave the labeler"],
];

/**
 * @typedef {object} Help
 * @property {HTMLElement} element
 * @property {{what: "class"|"action", name: string}|null} changing whose key is being changed
 * @property {string} drawn
 * @property {Shown} state
 * @property {boolean} mayRemap
 */

/**
 * @param {{remap: (what: "class"|"action", name: string, key: string) => void, mayRemap: boolean, leave: () => void}} on leave: give the focus back
 */
export function makeHelp(on) {
  const element = make("div", "alw-help");
  element.hidden = true;
  /** @type {Help} */ const help = {
    element, mayRemap: on.mayRemap, changing: null, drawn: "", state: { classes: [], keys: { classes: [], actions: {} }, saved: false },
  };
  return {
    element,
    /** @param {Shown} now */
    draw: (now) => drawHelp(help, now),
    /** @param {KeyboardEvent} event @returns {boolean} whether it was the new key that was waited for */
    onKey(event) {
      const { changing } = help;
      if (changing === null || element.hidden || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return false;
      event.preventDefault();
      if (event.key !== "Escape") on.remap(changing.what, changing.name, event.key);
      help.changing = null;
      drawHelp(help, help.state);
      on.leave();
      return true;
    },
  };
}

/** @param {Help} help @param {Shown} now */
function drawHelp(help, now) {
  const { element, changing } = help;
  const { classes, keys, saved, lacks } = now;
  help.state = now;
  if (element.hidden) return;
  const wanted = JSON.stringify([classes.slice(0, keys.classes.length), keys, saved, lacks, changing]);
  if (wanted === help.drawn) return;
  help.drawn = wanted;
  const list = make("dl", "");
  classes.forEach((name, value) => {
    if (keys.classes[value]) list.append(helpLine(help, "class", name, keys.classes[value], name));
  });
  for (const [action, text] of Object.entries(ACTIONS)) {
    if (keys.actions[action] && !now.lacks?.includes(action)) list.append(helpLine(help, "action", action, keys.actions[action], text));
  }
  for (const [key, text] of FIXED) {
    const term = make("dt", "");
    term.append(make("kbd", "", key));
    list.append(pair(term, text));
  }
  const changed = help.mayRemap ? " A key is changed by a click on it." : "";
  const hint = `Click the card once, then keep your hands on the keys. ${keptText(saved)}${changed}`;
  element.replaceChildren(make("div", "", hint), list);
}

/** @param {Help} help @param {"class"|"action"} what @param {string} name @param {string} key @param {string} text */
function helpLine(help, what, name, key, text) {
  const term = make("dt", "");
  if (!help.mayRemap) {
    term.append(make("kbd", "", keyName(key)));
    return pair(term, text);
  }
  const chosen = help.changing?.what === what && help.changing.name === name;
  const shown = chosen ? "press a key" : keyName(key);
  const button = makeButton(shown, shown, () => {
    help.changing = chosen ? null : { what, name };
    help.drawn = "";
    drawHelp(help, help.state);
    /** @type {HTMLElement} */ (help.element.querySelector("[aria-pressed=true]"))?.focus();
  });
  button.setAttribute("aria-label", `Key of ${name}: ${keyName(key)}. Press to change it.`);
  button.setAttribute("aria-pressed", String(chosen));
  term.append(button);
  return pair(term, text);
}

/** @param {HTMLElement} term @param {string} text */
function pair(term, text) {
  const element = make("div", "");
  element.append(term, make("dd", "", text));
  return element;
}
