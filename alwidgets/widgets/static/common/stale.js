// @ts-check
/** Why what a widget shows may be out of date. */

import { make } from "./dom.js";

/**
 * A line that says why the kernel could not bring a widget up to date, while that is so.
 * @param {import("./sent.d.ts").Model<any>} model
 * @returns {{element: HTMLElement, close: () => void}}
 */
export function makeStaleLine(model) {
  const element = make("div", "alw-banner");
  element.setAttribute("role", "alert");
  const draw = () => {
    element.textContent = model.get("_stale") ?? "";
    element.hidden = !element.textContent;
  };
  model.on("change:_stale", draw);
  draw();
  return { element, close: () => model.off("change:_stale", draw) };
}
