// @ts-check
/** The elements of a learning curve: its caption, the place of its figure, and what can be done with it. */

import { make } from "../common/dom.js";

/** @typedef {ReturnType<typeof makeCurvePage>} CurvePage */

/** @param {{against: (axis: import("../common/said.d.ts").Axis["against"]) => void, baseline: () => void, image: () => void, save: (what: string) => void}} on */
export function makeCurvePage(on) {
  const problem = make("p", "alw-problem");
  problem.setAttribute("role", "alert");
  problem.hidden = true;
  const controls = make("div", "alw-controls");
  const against = /** @type {HTMLSelectElement} */ (make("select"));
  against.setAttribute("aria-label", "x axis");
  against.addEventListener("change", () => on.against(/** @type {import("../common/said.d.ts").Axis["against"]} */ (against.value)));
  const againstLine = make("label");
  againstLine.append("x axis ", against);
  const baseline = button("random baseline", "Estimate the scores that randomly drawn labels would have reached", on.baseline);
  const save = make("span", "alw-save", "save as");
  const image = button("image", "Save the figure as PNG", on.image);
  save.append(
    image,
    button("table", "Save the rounds as CSV", () => on.save("table")),
    button("HTML", "Save the figure as one HTML file", () => on.save("page")),
  );
  controls.append(againstLine, baseline, save);
  return { caption: make("p"), problem, plot: make("div", "alw-plot"), controls, against, baseline, image };
}

/** @param {string} text @param {string} title @param {() => void} press */
function button(text, title, press) {
  const made = /** @type {HTMLButtonElement} */ (make("button", "", text));
  made.type = "button";
  made.title = title;
  made.addEventListener("click", press);
  return made;
}
