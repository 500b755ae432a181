// @ts-check
/** How a team agrees: each measure, or why it was not measured, and every two who share items. */

import { make } from "../common/dom.js";
import { count, percent } from "../common/figures.js";

export function makeAgreement() {
  const element = make("section", "alw-team-agreement");
  element.setAttribute("aria-label", "Agreement");
  const measures = make("dl");
  const details = make("details");
  const summary = make("summary");
  const table = make("table");
  details.append(summary, table);
  element.append(measures, details);
  return {
    element,
    /** @param {import("../common/sent.d.ts").TeamAgreement} agreement */
    draw({ measures: known, pairs }) {
      measures.replaceChildren(...known.map(([name, text]) => {
        const pair = make("div");
        pair.append(make("dt", "", name), make("dd", text.startsWith("not measured") ? "alw-none" : "", text));
        return pair;
      }));
      details.hidden = !pairs.length;
      summary.textContent = `each two of them (${count(pairs.length, "pair")})`;
      const rows = [...pairs].sort((a, b) => a.percent - b.percent).map((pair) => makeRow("td", [
        pair.names.join(" and "), count(pair.n_shared, "item"), percent(pair.percent),
        pair.kappa === null ? "not measured" : pair.kappa.toFixed(2),
      ]));
      const [head, body] = [make("thead"), make("tbody")];
      head.append(makeRow("th", ["who", "both answered", "equal answers", "Cohen's kappa"]));
      body.append(...rows);
      table.replaceChildren(head, body);
    },
  };
}

/** @param {string} tag @param {string[]} texts */
function makeRow(tag, texts) {
  const row = make("tr");
  row.append(...texts.map((text) => {
    const cell = make(tag, text === "not measured" ? "alw-none" : "", text);
    if (tag === "th") cell.setAttribute("scope", "col");
    return cell;
  }));
  return row;
}
