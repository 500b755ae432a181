// @ts-check
/** The line above a map: what the colors show, and ways to a sample that need no mouse. */

import { make, makeButton } from "../common/dom.js";

/** @typedef {import("../common/said.d.ts").Colors["color"]} Color */
/** @type {Color[]} */
const COLORED_BY = ["uncertainty", "label", "prediction", "part"];

/** @param {import("./map_messages.js").MapMessages} map @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").PoolMapState & {n_samples: number}>} model */
export function makeMapTools(map, model) {
  const element = make("div", "alw-map-line");
  const color = /** @type {HTMLSelectElement} */ (make("select", ""));
  color.append(...COLORED_BY.map((name) => new Option(name, name)));
  color.addEventListener("change", () => map.send({ kind: "color", color: /** @type {Color} */ (color.value) }));
  const colorLine = make("label", "", "color: ");
  colorLine.append(color);
  const uncertain = makeButton("", "next most uncertain", () => map.send({ kind: "uncertain" }));
  const search = /** @type {HTMLFormElement} */ (make("form", ""));
  const row = /** @type {HTMLInputElement} */ (make("input", ""));
  Object.assign(row, { type: "number", min: "0", required: true });
  const rowLine = make("label", "", "row ");
  rowLine.append(row);
  search.append(rowLine, make("button", "", "show"));
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    map.inspect([Number(row.value)]);
  });
  const undo = makeButton("", "undo", () => map.change({ kind: "undo", target: map.undoable() }));
  const all = makeButton("", "ask all again", () => map.change({ kind: "ask_only", rows: null }));
  all.title = "Only samples that somebody chose are asked now.";
  undo.hidden = !map.may("undo");
  element.append(colorLine, uncertain, search, all, undo);

  return {
    element,
    draw() {
      // The last is of a pool that grew.
      color.options[COLORED_BY.length - 1].hidden = model.get("_parts").length < 2 && model.get("_color") !== "part";
      color.value = model.get("_color");
      row.max = String(model.get("_n_samples") - 1);
      uncertain.disabled = !map.state.pool.uncertainty;
      const nOnly = model.get("_n_only");
      all.hidden = !nOnly || !map.may("ask_only");
      const left = `only ${nOnly.toLocaleString("en")} chosen ${nOnly === 1 ? "sample is" : "samples are"} asked: ask all again`;
      /** @type {HTMLElement} */ (all.lastChild).textContent = left;
      const { group, n } = model.get("_undoable");
      const target = map.undoable();
      undo.disabled = !target;
      const words = `undo ${n.toLocaleString("en")} label${n === 1 ? "" : "s"}`;
      undo.textContent = target && target === group ? words : "undo";
    },
  };
}
