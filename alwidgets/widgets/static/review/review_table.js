// @ts-check
/** The table of answers, a page at a time. */

import { make, makeButton } from "../common/dom.js";
import { ROWS, firstLine, labelText, marksOf, nPages, namesOf, shareText, rangeText, secondsText } from "./review_list.js";
import { itemsOnPage } from "./review_state.js";

const COLUMNS = ["sample", "label", "model", "time", "round", "remarks"];

/**
 * @typedef {object} Options
 * @property {import("./review_state.js").ReviewState} state
 * @property {ReturnType<typeof import("../common/samples.js").makeSamples>} samples
 * @property {(item: number) => import("../common/sent.d.ts").AnswerRow|undefined} rowOf
 * @property {() => string[]} classes
 * @property {() => boolean} isNarrowed
 * @property {(item: number) => void} choose
 * @property {(page: number) => void} turn
 *
 * @typedef {object} Table
 * @property {Options} on
 * @property {ReturnType<typeof makeTablePage>} page
 * @property {Map<number, HTMLTableRowElement>} lines
 */

/** @param {Options} on */
export function makeReviewTable(on) {
  const { state } = on;
  const page = makeTablePage((way) => on.turn(state.page + way));
  /** @type {Table} */ const table = { on, page, lines: new Map() };
  return {
    element: page.element,
    /** Begin a page anew. */
    renew: () => renewLines(table),
    draw: () => drawLines(table),
    /** @param {number} item */
    drawSample: (item) => drawThumb(table, item),
    /** @param {number} item */
    has: (item) => table.lines.has(item),
    drawPager() {
      page.range.textContent = rangeText(state.order, state.page);
      page.before.disabled = state.page === 0;
      page.after.disabled = state.page >= nPages(state.order) - 1;
      page.pager.hidden = state.order.length <= ROWS;
    },
    /** Go to a row, or else to the first one. @param {number|null} item @returns {boolean} whether there is one */
    focusRow(item) {
      const { lines } = table;
      const line = item === null ? undefined : lines.get(item);
      (line ?? [...lines.values()][0])?.focus({ preventScroll: true });
      // The rows under the titles of the columns, and not the notebook, are scrolled.
      if (line) scrollTo(page.scroller, line, /** @type {HTMLElement} */ (page.table.tHead).offsetHeight);
      return lines.size > 0;
    },
  };
}

/** @param {(way: number) => void} turn */
function makeTablePage(turn) {
  const { table, body } = emptyTable();
  const scroller = make("div", "alw-list");
  const empty = make("p", "alw-empty");
  scroller.append(table, empty);
  const before = makeButton("", "previous", () => turn(-1));
  const after = makeButton("", "next", () => turn(1));
  const range = make("span", "alw-range");
  range.setAttribute("aria-live", "polite");
  const pager = make("div", "alw-pager");
  pager.append(before, range, after);
  const element = make("div", "alw-answers-list");
  element.append(scroller, pager);
  return { element, table, body, scroller, empty, before, after, range, pager };
}

/** @param {Table} table */
function renewLines(table) {
  const { on: { state, samples, choose }, page } = table;
  samples.watchNone();
  table.lines = new Map();
  for (const [place, item] of itemsOnPage(state).entries()) {
    const line = document.createElement("tr");
    line.setAttribute("aria-rowindex", String(state.page * ROWS + place + 2));
    line.addEventListener("click", () => choose(item));
    COLUMNS.forEach((name) => line.append(make("td", `alw-${name}`)));
    line.dataset.item = String(item);
    table.lines.set(item, line);
    samples.watch(line, item);
  }
  page.body.replaceChildren(...table.lines.values());
  page.table.setAttribute("aria-rowcount", String(state.order.length + 1));
  page.scroller.scrollTop = 0;
}

/** @param {Table} table */
function drawLines(table) {
  const { on: { state, isNarrowed }, page, lines } = table;
  for (const [item, line] of lines) drawLine(table, item, line);
  const none = isNarrowed() ? "No answers match these filters." : "There are no answers yet.";
  page.empty.textContent = state.order.length ? "" : none;
  page.table.hidden = !state.order.length;
}

/** @param {Table} table @param {number} item @param {HTMLTableRowElement} line */
function drawLine(table, item, line) {
  const { state, rowOf, classes } = table.on;
  line.tabIndex = item === state.current ? 0 : -1;
  line.setAttribute("aria-selected", String(item === state.current));
  drawThumb(table, item);
  const row = rowOf(item);
  if (row) fillCells(line.cells, row, classes());
  else emptyCells(line.cells);
}

/** @param {Table} table @param {number} item */
function drawThumb({ on, page, lines }, item) {
  const cell = lines.get(item)?.cells[0];
  const payload = on.samples.get(item);
  if (!cell) return;
  if (payload && cell.dataset.drawn !== payload.type) {
    cell.dataset.drawn = payload.type;
    page.table.classList.toggle("alw-pictures", payload.type === "image");
    cell.replaceChildren(thumb(payload));
  } else if (!payload && !cell.textContent) cell.textContent = `row ${item}`;
}

function emptyTable() {
  const table = document.createElement("table");
  table.setAttribute("role", "grid");
  table.setAttribute("aria-label", "Answers");
  const titles = table.createTHead().insertRow();
  for (const name of COLUMNS) {
    const cell = make("th", `alw-${name}`, name);
    cell.setAttribute("scope", "col");
    titles.append(cell);
  }
  return { table, body: table.createTBody() };
}

/** @param {HTMLElement} scroller @param {HTMLElement} line @param {number} titles how high the titles are */
function scrollTo(scroller, line, titles) {
  const top = line.offsetTop - titles;
  if (top < scroller.scrollTop) scroller.scrollTop = top;
  const bottom = line.offsetTop + line.offsetHeight - scroller.clientHeight;
  if (bottom > scroller.scrollTop) scroller.scrollTop = bottom;
}

/** @param {HTMLCollectionOf<HTMLTableCellElement>} cells */
function emptyCells(cells) {
  cells[1].textContent = "no answer now";
  for (const cell of [...cells].slice(2)) cell.textContent = "";
  for (const cell of cells) cell.title = "";
}

/** @param {HTMLCollectionOf<HTMLTableCellElement>} cells @param {import("../common/sent.d.ts").AnswerRow} row @param {string[]} classes */
function fillCells(cells, row, classes) {
  cells[1].textContent = cells[1].title = labelText(row, classes);
  cells[1].classList.toggle("alw-quiet", row.skipped);
  const doubt = row.disagrees ? [make("span", "alw-differs", "\u2260 ")] : [];
  const name = make("span", "alw-name", namesOf(row.predicted, classes));
  cells[2].title = name.textContent ?? "";
  cells[2].replaceChildren(...doubt, name, ` ${shareText(row.confidence)}`);
  cells[3].textContent = secondsText(row.seconds);
  cells[4].textContent = String(row.round);
  cells[5].textContent = marksOf(row).join(" \u00b7 ");
}

/** @param {import("../common/sent.d.ts").Drawable} payload */
function thumb(payload) {
  if (payload.type !== "image") return make("span", "alw-line", firstLine(payload));
  const image = /** @type {HTMLImageElement} */ (make("img", ""));
  image.alt = payload.alt;
  image.src = payload.url ?? "";
  return image;
}
