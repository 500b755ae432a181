// @ts-check
/** The line below the table: which share of the samples is answered a second time, and how the answers agree. */

import { make, makeButton } from "../common/dom.js";

/** @param {{ask: (share: number) => void, refuse: (why: string) => void, open: () => void, differing: () => void}} on */
export function makeAgainLine(on) {
  const element = make("div", "alw-second");
  const share = /** @type {HTMLInputElement} */ (make("input", ""));
  Object.assign(share, { type: "number", min: "1", max: "100", value: "10" });
  const line = make("label", "", "answer ");
  line.append(share, " % again, without seeing the first answer");
  const ask = makeButton("", "request repeats", () => {
    const value = Number(share.value);
    if (value >= 1 && value <= 100) on.ask(value / 100);
    else on.refuse(`${share.value || "Nothing"} is not a percentage. Enter a percentage from 1 to 100.`);
  });
  const goOn = makeButton("", "", on.open);
  const agreement = make("span", "alw-agreement");
  const differ = makeButton("", "show those that differ", on.differing);
  element.append(line, ask, goOn, agreement, differ);
  return {
    element, share,
    press: () => ask.click(),
    /** @param {string} agreed in words @param {number} nDiffering */
    showAgreement(agreed, nDiffering) {
      agreement.textContent = agreed;
      differ.hidden = !nDiffering;
    },
    /** @param {number} nRepeats how many wait for a second answer @param {boolean} can */
    draw(nRepeats, can) {
      goOn.hidden = !nRepeats;
      goOn.textContent = `go on: ${nRepeats} to answer again`;
      ask.disabled = !can;
    },
  };
}
