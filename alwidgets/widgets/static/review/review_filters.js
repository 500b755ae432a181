// @ts-check
/** The line above the table: which answers it shows, in which order. */

import { make, makeButton } from "../common/dom.js";
import { keyName } from "../common/keys.js";
import { SHOWS, SORTS } from "./review_list.js";

/** @param {{changed: () => void, typed: () => void, update: () => void}} on */
export function makeReviewFilters(on) {
  const element = make("div", "alw-tools");
  const show = select("show", SHOWS);
  const label = select("class", [["", "every class"]]);
  const part = select("part", [["", "every part"]]);
  const sort = select("order", SORTS);
  const search = /** @type {HTMLInputElement} */ (make("input", ""));
  Object.assign(search, { type: "search", maxLength: 200, placeholder: "search" });
  search.setAttribute("aria-label", "search samples and notes");
  search.addEventListener("input", on.typed);
  const update = makeButton("", "update the list", on.update);
  element.append(show.line, label.line, part.line, sort.line, search, update);

  /** @param {string} name @param {string[][]} options */
  function select(name, options) {
    const input = /** @type {HTMLSelectElement} */ (make("select", ""));
    input.setAttribute("aria-label", name);
    input.append(...options.map(([value, text]) => new Option(text, value)));
    input.addEventListener("change", on.changed);
    const line = make("label", "", "");
    line.append(input);
    return { line, input };
  }

  return {
    element, search,
    show: show.input,
    query() {
      const code = label.input.value;
      return {
        show: show.input.value, label: code === "" ? null : Number(code), part: part.input.value || null,
        sort: sort.input.value, search: search.value,
      };
    },
    isNarrowed: () => show.input.value !== "all" || label.input.value !== "" || part.input.value !== "" || search.value !== "",
    /** @param {Record<string, number>} known how many answers there are of each kind */
    count(known) {
      for (const [place, [name, text]] of SHOWS.entries()) {
        show.input.options[place].textContent = `${text}: ${known[name].toLocaleString("en")}`;
      }
    },
    /** A pool that has grown can be looked at by its parts. @param {string[]} parts */
    drawParts(parts) {
      part.line.hidden = parts.length < 2;
      if (part.input.options.length === parts.length + 1) return;
      const chosen = part.input.value;
      part.input.replaceChildren(new Option("every part", ""), ...parts.map((name) => new Option(name, name)));
      part.input.value = chosen;
    },
    /** @param {{classes: string[], keys: import("../common/keys.js").Keys}} status @param {boolean} isOld whether there is a newer order */
    draw({ classes, keys }, isOld) {
      search.placeholder = `search (${keyName(keys.actions.find)})`;
      update.hidden = !isOld;
      if (label.input.options.length === classes.length + 1) return;
      const chosen = label.input.value;
      const options = classes.map((name, code) => new Option(name, String(code)));
      label.input.replaceChildren(new Option("every class", ""), ...options);
      label.input.value = chosen;
    },
  };
}
