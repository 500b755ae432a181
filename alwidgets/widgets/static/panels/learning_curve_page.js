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
  against.setAttribute("aria-label", "against");
  against.addEventListener("change", () => on.against(/** @type {import("../common/said.d.ts").Axis["against"]} */ (against.value)));
  const againstLine = make("label");
  againstLine.append("against ", against);
  const baseline = button("random baseline", "Estimate the scores that randomly drawn labels would have reached", on.baseline);
  const save = make("span", "alw-save", "save as");
  save.append(
    button("image", "Save the figure as PNG", on.image),
    button("table", "Save the rounds as CSV", () => on.save("table")),
    button("page", "Save the figure as one HTML file", () => on.save("page")),
  );
  controls.append(againstLine, baseline, save);
  return { caption: make("p"), problem, plot: make("div", "alw-plot"), controls, against, againstLine, baseline };
}

/** @param {string} text @param {string} title @param {() => void} press */
function button(text, title, press) {
  const made = /** @type {HTMLButtonElement} */ (make("button", "", text));
  made.type = "button";
  made.title = title;
  made.addEventListener("click", press);
  return made;
}

/** Hand a file to the browser to be saved. @param {{name: string, mime: string}} file @param {DataView} content */
export function download({ name, mime }, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([/** @type {any} */ (content)], { type: mime }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
