// @ts-check
/** What can be set in a stopping panel: prices, limits and the rule, and decisions to record. */

import { hasFocus, make } from "../common/dom.js";

const PRICES = [
  ["cost_per_label", "cost per label", "number"],
  ["cost_per_hour", "cost per hour", "number"],
  ["currency", "currency", "text"],
  ["n_predictions", "predictions in production", "number"],
  ["cost_per_error", "cost per error", "number"],
  ["labels", "most labels", "number"],
  ["cost", "most money", "number"],
  ["minutes", "most minutes", "number"],
];

/** @typedef {ReturnType<typeof makeStoppingFields>} StoppingFields */

/**
 * @param {object} on
 * @param {(settings: any) => boolean} on.adjust sends settings; false when they cannot be changed
 * @param {() => boolean} on.isChanging whether settings were changed that the kernel has not acknowledged
 * @param {(text: string) => void} on.say
 * @param {() => void} on.redraw
 * @param {boolean} [on.isFixed] whether whoever looks may change nothing
 */
export function makeStoppingFields({ adjust, isChanging, say, redraw, isFixed = false }) {
  /**
   * A field that sends what is typed once it is left or Enter is pressed, and keeps what is being typed.
   * @param {string} type @param {string} label @param {(value: any) => any} settings
   */
  function field(type, label, settings) {
    const input = /** @type {HTMLInputElement} */ (make("input", ""));
    input.type = type;
    if (type === "number") input.step = "any";
    input.readOnly = isFixed;
    input.setAttribute("aria-label", label);
    input.addEventListener("change", () => {
      if (input.validity.badInput) {
        say("Not changed: that is not a number.");
        redraw();
        return;
      }
      const typed = input.value.trim();
      const value = type === "text" ? typed : typed === "" ? null : Number(typed);
      if (!adjust(settings(value))) redraw();
    });
    // What was refused while the field had the focus goes back when it is left.
    input.addEventListener("blur", redraw);
    return input;
  }

  /** Settings stay as they are on the page while they wait for the kernel. @param {HTMLInputElement|HTMLSelectElement} input @param {any} value */
  function fill(input, value) {
    if (!hasFocus(input) && !isChanging()) input.value = value === null || value === undefined ? "" : String(value);
  }

  return { field, fill, adjust, redraw };
}

/** @param {StoppingFields} fields */
export function makeStoppingSettings({ field, fill, adjust, redraw }) {
  const element = make("details", "");
  const place = make("div", "alw-fields");
  element.append(make("summary", "", "prices, limits and rule"), place);
  /** @type {Map<string, HTMLInputElement>} */ const prices = new Map();
  for (const [name, label, type] of PRICES) {
    // No price is a price of 0; no limit is none.
    const empty = name.startsWith("cost_per") ? 0 : null;
    const input = field(type, label, (value) => ({ [name]: value ?? empty }));
    const line = make("label", "", label);
    line.append(input);
    place.append(line);
    prices.set(name, input);
  }
  const needs = /** @type {HTMLSelectElement} */ (make("select", ""));
  needs.addEventListener("change", () => {
    const value = needs.value === "any" || needs.value === "all" ? needs.value : Number(needs.value);
    if (!adjust({ needs: value })) redraw();
  });
  const needsLine = make("label", "", "stop when this fires");
  needsLine.append(needs);
  place.append(needsLine);
  return {
    element,
    /** @param {import("../common/sent.d.ts").AdviceShown} advice */
    draw(advice) {
      for (const [name, input] of prices) fill(input, advice.prices[name]);
      needsLine.hidden = advice.n_criteria < 2;
      const several = Array.from({ length: Math.max(0, advice.n_criteria - 2) }, (_, i) => String(i + 2));
      const options = ["any", ...several, "all"];
      if (needs.options.length !== options.length) needs.replaceChildren(...options.map((value) => new Option(needsText(value), value)));
      fill(needs, advice.needs === 1 ? "any" : advice.needs === advice.n_criteria ? "all" : advice.needs);
    },
  };
}

/** @param {string} needs how many criteria have to fire */
function needsText(needs) {
  return needs === "any" ? "any criterion" : `${needs} criteria`;
}

/** @param {(message: Pick<import("../common/said.d.ts").Decide, "decision"|"reason">) => boolean} decide false when it cannot be recorded */
export function makeDecisions(decide) {
  const element = make("details", "");
  const reason = /** @type {HTMLInputElement} */ (make("input", "alw-reason"));
  Object.assign(reason, { type: "text", maxLength: 500, placeholder: "why (goes into the journal)" });
  reason.setAttribute("aria-label", "reason of the decision");
  const choices = make("div", "alw-choices");
  for (const decision of /** @type {const} */ (["stop", "go on"])) {
    const button = /** @type {HTMLButtonElement} */ (make("button", "", decision));
    button.type = "button";
    button.addEventListener("click", () => {
      if (decide({ decision, reason: reason.value })) reason.value = "";
    });
    choices.append(button);
  }
  element.append(make("summary", "", "record decision"), reason, choices);
  return element;
}
