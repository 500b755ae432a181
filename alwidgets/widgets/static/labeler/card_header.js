// @ts-check
/** Above the card: where the session stands, and what can be done about a fit or a cold start. */

import { make, makeButton } from "../common/dom.js";
import { headline, onlyInWords } from "./headline.js";

/** @param {{giveUp: () => void, endColdStart: () => void, askAll: () => void, help: () => void, alone: () => void, may: (kind: string) => boolean}} on */
export function makeCardHeader(on) {
  const element = make("div", "alw-header");
  const words = make("div", "alw-words");
  const help = makeButton("?", "keys", on.help);
  help.setAttribute("aria-expanded", "false");
  const alone = makeButton("V", "alone", on.alone);
  alone.classList.add("alw-alone");
  alone.title = "Show the sample alone, or with the curve and the advice";
  alone.setAttribute("aria-label", alone.title);
  alone.setAttribute("aria-pressed", "false");
  const light = make("strong", "alw-light");
  const lightName = make("span", "");
  const lightWords = make("span", "");
  light.append(lightName, lightWords);
  const giveUp = makeButton("", "give up this fit", on.giveUp);
  giveUp.title = "It has run for long. Labels stay, and the next batch tries again.";
  const endColdStart = makeButton("", "end cold start", on.endColdStart);
  // Short, and at its place: the panel beside the card has the whole sentence.
  const mayStop = make("span", "alw-may-stop", "you may stop");
  element.append(light, words, mayStop, giveUp, endColdStart, alone, help);
  const only = makeOnlyLine(on);
  const progress = make("div", "alw-progress");
  const bar = document.createElement("div");
  progress.append(bar);
  progress.setAttribute("aria-hidden", "true");
  let headed = "";
  return {
    element, only: only.element, progress,
    /** @param {boolean} open whether the keys are shown */
    expand: (open) => help.setAttribute("aria-expanded", String(open)),
    /** @param {boolean} on whether the sample is shown alone */
    alone: (on) => alone.setAttribute("aria-pressed", String(on)),
    /** @param {import("../common/sent.d.ts").StatusShown} status @param {{alive: boolean, long: boolean, n_flagged: number, putOff: boolean, light: {text: string, state: string}}} now whether there is a kernel, and a fit that may never end; whether all is saved */
    draw(status, { alive, long, n_flagged, putOff, light: { text, state } }) {
      const [name, ...facts] = headline(status, n_flagged);
      const saved = state === "saved" ? `saved in ${name}` : name;
      light.dataset.state = state;
      // One in the place of the other: what is beside them stays where it is.
      if (lightName.textContent !== name) lightName.textContent = name;
      if (lightWords.textContent !== text) lightWords.textContent = text;
      lightName.style.visibility = text ? "hidden" : "";
      light.title = text || saved;
      only.draw(status, alive);
      giveUp.hidden = !alive || !long || !on.may("abandon_fit");
      const missing = status.waits_for ?? [];
      endColdStart.hidden = !alive || !missing.length || !on.may("end_cold_start");
      endColdStart.title = `Ask what the model is least sure of, though it waits for labels of ${missing.join(", ")}.`;
      mayStop.hidden = !status.may_stop || putOff;
      mayStop.title = status.advice;
      if ([name, ...facts].join() === headed) return;
      headed = [name, ...facts].join();
      const line = facts.join(" \u00b7 ");
      words.title = `${name} \u00b7 ${line}`;
      words.replaceChildren(line);
      bar.style.width = `${Math.min(100, (100 * status.n_labeled) / (status.budget || status.n_samples || 1))}%`;
    },
  };
}

/**
 * Make the line that says that only some samples are asked: beside all else it would be cut where the card is narrow.
 * @param {{askAll: () => void, may: (kind: string) => boolean}} on
 */
function makeOnlyLine(on) {
  const element = make("div", "alw-only");
  const words = make("span", "");
  const askAll = makeButton("", "ask all again", on.askAll);
  element.append(words, askAll);
  return {
    element,
    /** @param {import("../common/sent.d.ts").StatusShown} status @param {boolean} alive whether there is a kernel */
    draw(status, alive) {
      element.hidden = !status.n_only;
      words.textContent = onlyInWords(status);
      askAll.hidden = !alive || !on.may("ask_only");
    },
  };
}
