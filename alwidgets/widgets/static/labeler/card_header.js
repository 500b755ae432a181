// @ts-check
/** Above the card: where the session stands, and what can be done about a fit or a cold start. */

import { make, makeButton } from "../common/dom.js";
import { headline } from "./headline.js";

/** @param {{giveUp: () => void, endColdStart: () => void, help: () => void, may: (kind: string) => boolean}} on */
export function makeCardHeader(on) {
  const element = make("div", "alw-header");
  const words = make("div", "alw-words");
  const help = makeButton("?", "keys", on.help);
  help.setAttribute("aria-expanded", "false");
  const giveUp = makeButton("", "give up this fit", on.giveUp);
  giveUp.title = "It has run for long. Labels stay, and the next batch tries again.";
  const endColdStart = makeButton("", "end cold start", on.endColdStart);
  element.append(words, giveUp, endColdStart, help);
  const progress = make("div", "alw-progress");
  const bar = document.createElement("div");
  progress.append(bar);
  progress.setAttribute("aria-hidden", "true");
  let headed = "";
  return {
    element, progress,
    /** @param {boolean} open whether the keys are shown */
    expand: (open) => help.setAttribute("aria-expanded", String(open)),
    /** @param {import("../common/sent.d.ts").Status} status @param {{alive: boolean, long: boolean}} now whether there is a kernel, and a fit that may never end */
    draw(status, { alive, long }) {
      giveUp.hidden = !alive || !long || !on.may("abandon_fit");
      const missing = status.waits_for ?? [];
      endColdStart.hidden = !alive || !missing.length || !on.may("end_cold_start");
      endColdStart.title = `Ask what the model is least sure of, though it waits for labels of ${missing.join(", ")}.`;
      const heading = headline(status);
      if (heading.join() === headed) return;
      headed = heading.join();
      words.replaceChildren(...heading.map((word, i) => make(i ? "span" : "strong", "", word)));
      bar.style.width = `${Math.min(100, (100 * status.n_labeled) / (status.budget || status.n_samples || 1))}%`;
    },
  };
}
