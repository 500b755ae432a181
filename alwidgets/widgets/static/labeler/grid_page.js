// @ts-check
/** The elements of a grid, as they are before anything is drawn in them. */

import { make, makeButton } from "../common/dom.js";
import { GRID_SIZES } from "./grid_state.js";

const LIST_NAME = "All tiles. A class key is for all, arrow keys go to one tile, Space leaves it out, Enter labels.";

/** @typedef {ReturnType<typeof makeGridPage>} GridPage */

/**
 * @param {string} title
 * @param {HTMLElement} answers the buttons of the classes
 * @param {HTMLElement} reading the whole of one sample
 * @param {HTMLElement|null} only what is shown, to be changed
 * @param {{resize: (n: number) => void, label: () => void, close: () => void}} on
 */
export function makeGridPage(title, answers, reading, only, on) {
  const element = make("div", "alw-grid");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", title);
  const { sizes, sizeButtons } = makeSizes(on.resize);
  const closeButton = makeButton("Esc", "close", on.close);
  const head = make("div", "alw-grid-head");
  const name = make("strong", "", title);
  name.title = title;
  head.append(name, sizes, closeButton);
  const line = make("div", "alw-grid-line");
  const list = makeTileList();
  const scope = make("div", "alw-grid-scope");
  const named = make("span", "");
  scope.append(named, "arrows: one tile, Space or a click: leave out, Backspace: undo");
  const labelButton = makeButton("Enter", "label", on.label);
  labelButton.classList.add("alw-grid-label");
  const foot = make("div", "alw-grid-foot");
  foot.append(line, labelButton);
  const body = make("div", "alw-grid-body");
  body.append(list, reading);
  element.append(head, ...(only ? [only] : []), foot, body, scope, answers);
  return { element, sizeButtons, closeButton, line, list, scope: named, labelButton };
}

/** @param {(n: number) => void} resize */
function makeSizes(resize) {
  const sizes = make("div", "alw-grid-sizes");
  sizes.setAttribute("role", "group");
  sizes.setAttribute("aria-label", "Number of tiles");
  const sizeButtons = GRID_SIZES.map((size) => makeButton("", String(size), () => resize(size)));
  sizes.append(make("kbd", "", "-"), ...sizeButtons, make("kbd", "", "+"));
  return { sizes, sizeButtons };
}

function makeTileList() {
  const list = make("div", "alw-tiles");
  list.tabIndex = 0;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-multiselectable", "true");
  list.setAttribute("aria-label", LIST_NAME);
  return list;
}
