// @ts-check
/** The tables of a panel of drift: the parts, the columns that moved, the classes, and the alarms. */

import { make } from "../common/dom.js";
import { NONE, count, percent } from "../common/figures.js";
import { alarmText, columnsText, numberText, stepText } from "./drift_words.js";

/** @typedef {import("../common/sent.d.ts").PartShown} Part */
/** @typedef {import("../common/sent.d.ts").DriftCheck} Check */
/** @typedef {import("../common/sent.d.ts").AlarmShown} Alarm */

/** A moment, in the words of whoever looks. @param {number} seconds since 1970 */
export function timeText(seconds) {
  return new Date(1000 * seconds).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

/** A table with a heading. @param {string} name @param {string} caption @param {string[]} columns */
function makeTable(name, caption, columns) {
  const element = make("table", name);
  const [title, head, row, body] = [make("caption", "", caption), make("thead"), make("tr"), make("tbody")];
  for (const column of columns) {
    const cell = make("th", "", column);
    cell.setAttribute("scope", "col");
    row.append(cell);
  }
  head.append(row);
  element.append(title, head, body);
  return {
    element, title,
    /** @param {(string|HTMLElement)[][]} rows the first of each is what it is of */
    fill(rows) {
      body.replaceChildren(...rows.map((cells) => {
        const made = make("tr");
        made.append(...cells.map((cell, place) => {
          const one = make(place ? "td" : "th", cell === NONE ? "alw-none" : "");
          if (!place) one.setAttribute("scope", "row");
          one.append(cell);
          return one;
        }));
        return made;
      }));
    },
  };
}

export function makeParts() {
  const table = makeTable("alw-drift-parts", "Parts of the pool", ["part", "samples", "audit answers", "errors", "alarm"]);
  return {
    element: table.element,
    /** @param {Part[]} parts */
    draw(parts) {
      table.fill(parts.map((part) => [
        part.name, part.n_rows.toLocaleString("en"), String(part.n_audit), percent(part.error), alarmText(part),
      ]));
    },
  };
}

export function makeColumns() {
  const table = makeTable("alw-drift-columns", "", ["column", "distance", "mean before", "mean now"]);
  return {
    element: table.element,
    /** @param {Check} check */
    draw(check) {
      table.element.hidden = !check.compared;
      table.title.textContent = columnsText(check);
      table.element.classList.toggle("alw-drift-bare", !check.n_columns);
      table.fill(check.columns.map(({ name, distance, before, now }) =>
        [name, distance.toFixed(2), numberText(before), numberText(now)]));
    },
  };
}

export function makeClasses() {
  const table = makeTable("alw-drift-classes", "Classes that the model predicts", ["class", "share"]);
  return {
    element: table.element,
    /** @param {Check} check */
    draw({ classes }) {
      table.element.hidden = !classes.length;
      table.fill(classes.map(([name, before, now]) => [name, makeShares(before, now)]));
    },
  };
}

/** Two bars, one above the other, and the shares in words. @param {number} before @param {number} now */
function makeShares(before, now) {
  const element = make("span", "alw-drift-shares");
  const bars = make("span", "alw-drift-bars");
  bars.setAttribute("aria-hidden", "true");
  for (const [name, share] of /** @type {[string, number][]} */ ([["before", before], ["now", now]])) {
    const bar = make("i");
    bar.dataset.when = name;
    bar.style.width = percent(share).replace("\u00a0", "");
    bars.append(bar);
  }
  element.append(bars, make("span", "", stepText(before, now)));
  return element;
}

export function makeAlarms() {
  const element = make("details", "alw-drift-alarms");
  const summary = make("summary");
  const list = make("ul");
  element.append(summary, list);
  return {
    element,
    /** @param {Alarm[]} alarms newest last */
    draw(alarms) {
      element.hidden = !alarms.length;
      summary.textContent = count(alarms.length, "alarm");
      list.replaceChildren(...[...alarms].reverse().map(({ at, sentence }) => {
        const item = make("li");
        item.append(make("span", "alw-drift-quiet", timeText(at)), " ", sentence);
        return item;
      }));
    },
  };
}
