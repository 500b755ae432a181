// @ts-check
/** What is known of an answer, a line each: how it came about, the model's, the second one, its flag. */

import { make } from "../common/dom.js";
import { historyOf, labelText, namesOf, shareText } from "./review_list.js";

/** @param {import("../common/sent.d.ts").AnswerRow|null} row null where there is no answer @param {string[]} classes */
export function factsOf(row, classes) {
  if (!row) return [];
  const line = make("p", "");
  line.append(make("b", "", labelText(row, classes)), ` ${historyOf(row)}`);
  const lines = [line, ...modelFacts(row, classes)];
  if (row.second !== null && row.second !== undefined) {
    const ask = row.changed ? ". Which one stays?" : "";
    lines.push(make("p", row.changed ? "alw-doubt" : "", `second answer: ${namesOf(row.second, classes)}${ask}`));
  }
  if (row.flagged) lines.push(make("p", "", row.flag ? `flagged: ${row.flag}` : "flagged"));
  return lines;
}

/** @param {import("../common/sent.d.ts").AnswerRow} row @param {string[]} classes */
function modelFacts(row, classes) {
  if (row.predicted === null || row.predicted === undefined) return [];
  const model = make("p", row.disagrees ? "alw-doubt" : "");
  const sure = row.confidence === null ? "" : `, ${shareText(row.confidence)} sure`;
  model.append("model: ", make("b", "", namesOf(row.predicted, classes)), `${sure}${row.disagrees ? " \u2260 the label" : ""}`);
  return [model];
}
