// @ts-check
/** The last answers, each to be changed by a click. */

import { make, makeButton, makeSwatch } from "../common/dom.js";

const MOST_SHOWN = 10;

/** @param {(item: number) => void} revisit */
export function makeRecentAnswers(revisit) {
  const element = make("div", "alw-last");
  let drawn = "";

  /** @param {import("../common/sent.d.ts").RecentAnswer} answer @param {string[]} classes */
  function button([, item, value, unsure], classes) {
    const labels = value === null ? (unsure ? "unsure" : "skipped") : [value].flat().map((each) => classes[each]).join(", ");
    const made = makeButton("", labels || "none", () => revisit(item));
    made.title = `Row ${item}: show it again, to change the answer`;
    made.setAttribute("aria-label", `${labels || "none"}, row ${item}: show it again, to change the answer`);
    if (typeof value === "number") made.prepend(makeSwatch(value));
    return made;
  }

  return {
    element,
    /**
     * @param {import("../common/sent.d.ts").RecentAnswer[]} answers event id, item, value, whether unsure; newest first
     * @param {string[]} classes
     * @param {string} agreement of second answers with the first, in words
     */
    draw(answers, classes, agreement) {
      const recent = answers.slice(0, MOST_SHOWN);
      const wanted = JSON.stringify([recent, classes.length, agreement]);
      if (wanted === drawn) return;
      drawn = wanted;
      const buttons = recent.map((answer) => button(answer, classes));
      element.replaceChildren(
        ...(buttons.length ? [make("span", "", "last:"), ...buttons] : []),
        ...(agreement ? [make("span", "alw-agreement", agreement)] : []),
      );
    },
  };
}
