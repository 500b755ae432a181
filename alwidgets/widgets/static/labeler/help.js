// @ts-check
/** The list of all keys, in which each can be changed. */

import { make, makeButton } from "../common/dom.js";
import { keyName } from "../common/keys.js";

/** What each action does, in the order of the list. */
const ACTIONS = {
  skip: "skip: cannot tell, not asked again",
  unsure: "unsure: not asked again, listed in the review",
  undo: "undo the last answer",
  flag: "flag this sample for review, or take the flag away",
  note: "write a note about this sample",
  suggest: "show what the model would answer",
  why: "show why this sample is asked",
  alike: "answer this sample and its near duplicates together",
  grid: "answer several samples at once",
  find: "find a class by its name",
  instructions: "show the instructions",
  zoom: "zoom an image",
  play: "play a sound; with one on screen, this key and that of skip change places",
  help: "show or hide this list",
};

/** @typedef {{classes: string[], keys: import("../common/keys.js").Keys, saved: boolean}} Shown saved: whether there is a journal */

/** Where answers are, in words. @param {boolean} saved */
export function keptText(saved) {
  if (saved) return "Every answer is saved at once.";
  return "Answers are kept in this kernel only, and end with it: a session with journal= saves them.";
}

/**
 * @param {{remap: (what: "class"|"action", name: string, key: string) => void, leave: () => void}} on leave: give the focus back
 */
export function makeHelp(on) {
  const element = make("div", "alw-help");
  element.hidden = true;
  /** Whose key is being changed. @type {{what: "class"|"action", name: string}|null} */ let changing = null;
  let drawn = "";
  /** @type {Shown} */ let state = { classes: [], keys: { classes: [], actions: {} }, saved: false };

  /** @param {"class"|"action"} what @param {string} name @param {string} key @param {string} text */
  function line(what, name, key, text) {
    const term = make("dt", "");
    const chosen = changing?.what === what && changing.name === name;
    const shown = chosen ? "press a key" : keyName(key);
    const button = makeButton(shown, shown, () => {
      changing = chosen ? null : { what, name };
      drawn = "";
      draw(state);
      /** @type {HTMLElement} */ (element.querySelector("[aria-pressed=true]"))?.focus();
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

  /** @param {Shown} now */
  function draw(now) {
    state = now;
    if (element.hidden) return;
    const wanted = JSON.stringify([now.classes.slice(0, now.keys.classes.length), now.keys, now.saved, changing]);
    if (wanted === drawn) return;
    drawn = wanted;
    const list = make("dl", "");
    now.classes.forEach((name, value) => {
      if (now.keys.classes[value]) list.append(line("class", name, now.keys.classes[value], name));
    });
    for (const [action, text] of Object.entries(ACTIONS)) {
      if (now.keys.actions[action]) list.append(line("action", action, now.keys.actions[action], text));
    }
    const fixed = [["Tab, Esc", "leave the labeler"], ["PgUp, PgDn", "turn the pages of more than ten classes"]];
    for (const [key, text] of fixed) {
      const term = make("dt", "");
      term.append(make("kbd", "", key));
      list.append(pair(term, text));
    }
    const hint = `Click the card once, then keep your hands on the keys. ${keptText(now.saved)} A key is changed by a click on it.`;
    element.replaceChildren(make("div", "", hint), list);
  }

  return {
    element,
    draw,
    /** @param {KeyboardEvent} event @returns {boolean} whether it was the new key that was waited for */
    onKey(event) {
      if (changing === null || element.hidden || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return false;
      event.preventDefault();
      if (event.key !== "Escape") on.remap(changing.what, changing.name, event.key);
      changing = null;
      draw(state);
      on.leave();
      return true;
    },
  };
}
