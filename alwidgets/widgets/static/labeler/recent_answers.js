// @ts-check
/** The last answers, each to be changed by a click. */

import { make, makeButton, makeSwatch } from "../common/dom.js";

export const MOST_SHOWN = 10;
const MOST_LETTERS = 16;

/** The first words of a sample, empty where it has none. @param {import("../common/sent.d.ts").Drawable|undefined} payload */
export function firstWords(payload) {
  const text = payload?.type === "text" ? payload.text : payload?.type === "row" ? (payload.cells[0]?.[1] ?? "") : "";
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS).trimEnd()}\u2026` : line;
}

/** A sample in little. @param {import("../common/sent.d.ts").Drawable|undefined} payload @returns {HTMLElement|null} */
function inLittle(payload) {
  if (payload?.type === "image" && payload.url) {
    const image = /** @type {HTMLImageElement} */ (make("img", ""));
    image.alt = "";
    image.src = payload.url;
    return image;
  }
  const words = firstWords(payload);
  if (!words) return null;
  const element = make("span", "alw-first-words", words);
  element.dir = "auto";
  return element;
}

/** What was answered, in words. @param {import("../common/sent.d.ts").RecentAnswer} answer @param {string[]} classes */
export function answerText([, , value, unsure], classes) {
  if (value === null) return unsure ? "unsure" : "skipped";
  return [value].flat().map((each) => classes[each]).join(", ") || "none";
}

/** @param {(item: number, value: number|number[]|null) => void} revisit @param {(item: number) => import("../common/sent.d.ts").Drawable|undefined} payloadOf */
export function makeRecentAnswers(revisit, payloadOf) {
  const element = make("div", "alw-last");
  let drawn = "";

  /** @param {import("../common/sent.d.ts").RecentAnswer} answer @param {string[]} classes */
  function button(answer, classes) {
    const [, item, value] = answer;
    const labels = answerText(answer, classes);
    const made = makeButton("", labels, () => revisit(item, value));
    made.title = `Row ${item}: show it again, to change the answer`;
    made.setAttribute("aria-label", `${labels}, row ${item}: show it again, to change the answer`);
    if (typeof value === "number") made.prepend(makeSwatch(value));
    const sample = inLittle(payloadOf(item));
    if (sample) made.prepend(sample);
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
      const wanted = JSON.stringify([recent, recent.map(([, item]) => payloadOf(item) !== undefined), classes.length, agreement]);
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
