// @ts-check
/** The advice in one sentence, every criterion as a row, and what can be set. It advises, and locks nothing. */

import { hasFocus, make } from "../common/dom.js";
import { makeSendingWidget, newId } from "../common/sending.js";
import { makeStaleLine } from "../common/stale.js";
import { followTheme } from "../common/theme.js";
import { heldText, statusText } from "../common/status_text.js";

const PRICES = [
  ["cost_per_label", "a label costs", "number"],
  ["cost_per_hour", "an hour costs", "number"],
  ["currency", "currency", "text"],
  ["n_predictions", "predictions in use", "number"],
  ["cost_per_error", "a wrong one costs", "number"],
  ["labels", "most labels", "number"],
  ["cost", "most money", "number"],
  ["minutes", "most minutes", "number"],
];
const SPARK = { width: 72, height: 20 };

/** @param {number|null|undefined} value */
export function shown(value) {
  if (value === null || value === undefined) return "-";
  const size = Math.abs(value);
  if (value === 0 || size >= 0.01) return size >= 100 ? String(Math.round(value)) : String(Number(value.toFixed(3)));
  return value.toPrecision(1);
}

/**
 * What a row says beside its numbers.
 * @param {any} row
 */
export function stateOf(row) {
  if (!row.possible) return "cannot fire";
  if (row.fired) return row.since ? `fired since round ${row.since}` : "fired";
  return row.value === null ? "cannot tell yet" : "go on";
}

/**
 * What a row shows before its threshold, which may be a field.
 * @param {any} row
 */
export function readingText(row) {
  if (row.threshold === null && !row.editable) return shown(row.value);
  const limit = `stop at ${row.below ? "\u2264" : "\u2265"} `;
  return row.value === null ? limit : `${shown(row.value)}, ${limit}`;
}

/**
 * What a row shows around the field of a limit, such as "104 of [300] labels (35 %)".
 * @param {{spent: number, limit: number|null, unit: string}} limit
 * @param {number|null} threshold share of the limit at which to stop
 */
export function limitText({ spent, limit, unit }, threshold) {
  if (limit === null) return { before: "stop at ", after: ` ${unit}`.trimEnd() };
  const stop = threshold === null || threshold === 1 ? "" : `, stop at ${shown(100 * threshold)} %`;
  // Only what is all spent is 100 %.
  const percent = spent < limit ? Math.min(99, Math.round((100 * spent) / limit)) : Math.floor((100 * spent) / limit);
  return { before: `${shown(spent)} of `, after: `${unit && ` ${unit}`} (${percent} %${stop})` };
}

/**
 * The fields of a row: the limits of the budget are set themselves, of another criterion its threshold is.
 * @param {any} row
 * @returns {{label: string, before: string, value: number|null, after: string, settings: (value: any) => any}[]}
 */
export function fieldsOf(row) {
  if (row.limits) {
    return row.limits.map((/** @type {any} */ limit) => ({
      label: `budget in ${limit.unit || "money"}`,
      value: limit.limit,
      settings: (/** @type {any} */ value) => ({ [limit.setting]: value }),
      ...limitText(limit, row.threshold),
    }));
  }
  if (!row.editable) return [];
  return [{
    label: `threshold of ${row.name}`, before: readingText(row), value: row.threshold, after: "",
    settings: (value) => ({ thresholds: { [row.name]: value } }),
  }];
}

/** @param {[number, number, number]|null} toGo labels until a criterion should fire: value, low, high */
export function toGoText(toGo) {
  if (!toGo) return "";
  const [value, low, high] = toGo.map((n) => Math.round(n));
  if (value === 0) return "at any round now";
  const interval = low === high ? "" : ` (${low} to ${high})`;
  return `about ${value} ${value === 1 ? "label" : "labels"} to go${interval}`;
}

/**
 * Points of a line through the values, and where the threshold lies; null when there is nothing to draw.
 * @param {(number|null)[]} values
 * @param {number|null} threshold
 */
export function sparkline(values, threshold) {
  const known = /** @type {number[]} */ (values.filter((value) => value !== null));
  if (known.length < 2) return null;
  const all = threshold === null ? known : [...known, threshold];
  const low = Math.min(...all);
  const span = Math.max(...all) - low || 1;
  const x = (/** @type {number} */ i) => 1 + (i * (SPARK.width - 2)) / Math.max(1, values.length - 1);
  const y = (/** @type {number} */ value) => SPARK.height - 2 - ((value - low) * (SPARK.height - 4)) / span;
  const points = values.flatMap((value, i) => (value === null ? [] : [`${x(i).toFixed(1)},${y(value).toFixed(1)}`]));
  return { points: points.join(" "), threshold: threshold === null ? null : y(threshold) };
}

/** @param {any} row */
function drawnSpark(row) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${SPARK.width} ${SPARK.height}`);
  svg.setAttribute("width", String(SPARK.width));
  svg.setAttribute("height", String(SPARK.height));
  svg.setAttribute("aria-hidden", "true");
  const line = sparkline(row.values, row.threshold);
  if (!line) return svg;
  if (line.threshold !== null) {
    const limit = document.createElementNS("http://www.w3.org/2000/svg", "line");
    const ends = { x1: 0, x2: SPARK.width, y1: line.threshold, y2: line.threshold };
    for (const [name, value] of Object.entries(ends)) limit.setAttribute(name, String(value));
    svg.append(limit);
  }
  const path = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  path.setAttribute("points", line.points);
  svg.append(path);
  return svg;
}

/**
 * @param {{model: any, el: HTMLElement}} context
 * @param {ReturnType<import("../common/sending.js").makeSending>} sending
 * @returns {import("../common/sending.js").View}
 */
function render({ model, el }, sending) {
  const root = el;
  root.classList.add("alw-root", "alw-stopping");
  const verdict = make("p", "alw-verdict");
  verdict.setAttribute("aria-live", "polite");
  const problem = make("p", "alw-problem");
  problem.setAttribute("role", "alert");
  problem.hidden = true;
  const rule = make("p", "alw-rule");
  const table = document.createElement("table");
  const decided = make("p", "alw-rule");
  const settings = make("details", "");
  const prices = make("div", "alw-fields");
  settings.append(make("summary", "", "prices, limits and rule"), prices);
  const deciding = make("details", "");
  const reason = /** @type {HTMLInputElement} */ (make("input", "alw-reason"));
  reason.type = "text";
  reason.maxLength = 500;
  reason.placeholder = "why (goes into the journal)";
  reason.setAttribute("aria-label", "reason of the decision");
  const choices = make("div", "alw-choices");
  for (const decision of ["stop", "go on"]) {
    const button = /** @type {HTMLButtonElement} */ (make("button", "", decision));
    button.type = "button";
    button.addEventListener("click", () => {
      if (change({ kind: "decide", decision, reason: reason.value })) reason.value = "";
    });
    choices.append(button);
  }
  deciding.append(make("summary", "", "put a decision on record"), reason, choices);
  const stale = makeStaleLine(model);
  root.append(verdict, problem, stale.element, rule, table, decided, settings, deciding);

  /** What was refused, and why. */
  let notice = "";

  /** Send a change until it is acknowledged. @param {any} message @returns {boolean} whether it will be */
  function change(message) {
    const { held_by } = model.get("_session");
    if (sending.isAlive() && !held_by) {
      sending.post({ about: message.kind, ...message, event_id: newId() });
      drawTrouble();
      return true;
    }
    say(held_by ? `Not changed. ${heldText(held_by)}` : "");
    return false;
  }

  /** @param {string} text */
  function say(text) {
    notice = text;
    drawTrouble();
  }

  function drawTrouble() {
    // Beside the labeling card that says it, who holds the session is said of what was tried.
    const session = { ...model.get("_session"), held_by: "" };
    const trouble = statusText({ ...sending.standing(), session, lines: [notice] });
    problem.hidden = !trouble;
    if (problem.textContent !== trouble) problem.textContent = trouble;
  }

  /** Whether settings were changed that the kernel has not acknowledged: they stay as they are on the page. */
  const isChanging = () => sending.waiting().some(({ kind }) => kind === "adjust");

  /**
   * A field that sends what is typed once it is left or Enter is pressed, and keeps what is being typed.
   * @param {string} type @param {string} label @param {(value: any) => any} message
   */
  function field(type, label, message) {
    const input = /** @type {HTMLInputElement} */ (make("input", ""));
    input.type = type;
    if (type === "number") input.step = "any";
    input.setAttribute("aria-label", label);
    input.addEventListener("change", () => {
      if (input.validity.badInput) {
        say("Not changed: that is no number.");
        draw();
        return;
      }
      const typed = input.value.trim();
      const value = type === "text" ? typed : typed === "" ? null : Number(typed);
      if (!change({ kind: "adjust", settings: message(value) })) draw();
    });
    // What was refused while the field had the focus goes back when it is left.
    input.addEventListener("blur", draw);
    return input;
  }

  /** @param {HTMLInputElement|HTMLSelectElement} input @param {any} value */
  function fill(input, value) {
    if (!hasFocus(input) && !isChanging()) input.value = value === null || value === undefined ? "" : String(value);
  }

  /** @type {Map<string, HTMLInputElement>} */ const priceFields = new Map();
  for (const [name, label, type] of PRICES) {
    // No price is a price of 0; no limit is none.
    const empty = name.startsWith("cost_per") ? 0 : null;
    const input = field(type, label, (value) => ({ [name]: value ?? empty }));
    const line = make("label", "", label);
    line.append(input);
    prices.append(line);
    priceFields.set(name, input);
  }
  const needs = /** @type {HTMLSelectElement} */ (make("select", ""));
  needs.addEventListener("change", () => {
    const value = needs.value === "any" || needs.value === "all" ? needs.value : Number(needs.value);
    if (!change({ kind: "adjust", settings: { needs: value } })) draw();
  });
  const needsLine = make("label", "", "stop when this fires");
  needsLine.append(needs);
  prices.append(needsLine);

  /** Rows stay while they are the same criteria: a field that is being typed in is not taken away. */
  /** @type {Map<string, {row: HTMLElement, note: HTMLElement, value: HTMLElement, inputs: HTMLInputElement[]}>} */ let rows = new Map();

  /** @param {any[]} criteria */
  function makeRows(criteria) {
    rows = new Map();
    table.replaceChildren();
    for (const criterion of criteria) {
      const row = make("tr", "");
      const note = make("tr", "alw-note");
      const name = make("th", "", criterion.name.replaceAll("_", " "));
      name.setAttribute("scope", "row");
      const value = make("td", "alw-value");
      const inputs = fieldsOf(criterion).map(({ label, settings }) => field("number", label, settings));
      for (const input of inputs) {
        const line = make("div", "");
        line.append("", input, "");
        value.append(line);
      }
      row.append(name, make("td", "alw-spark"), value);
      rows.set(keyOf(criterion), { row, note, value, inputs });
      table.append(row, note);
    }
  }

  /** Rows of the same key have the same fields. @param {any} criterion */
  function keyOf(criterion) {
    return [criterion.name, ...fieldsOf(criterion).map(({ label }) => label)].join("\n");
  }

  /** @param {any} criterion */
  function drawRow(criterion) {
    const parts = rows.get(keyOf(criterion));
    if (!parts) return;
    const { row, note, value, inputs } = parts;
    row.children[1].replaceChildren(drawnSpark(criterion));
    fieldsOf(criterion).forEach(({ before, value: known, after }, i) => {
      const [first, , last] = /** @type {any} */ (value.children[i].childNodes);
      first.data = before;
      last.data = after;
      fill(inputs[i], known);
    });
    if (!inputs.length) value.textContent = readingText(criterion) + (criterion.threshold === null ? "" : shown(criterion.threshold));
    row.className = criterion.fired ? "alw-fired" : "";
    const cell = /** @type {HTMLTableCellElement} */ (make("td", ""));
    cell.colSpan = 3;
    // One limit says in its row what is spent of it.
    const why = criterion.limits?.length === 1 && criterion.value !== null ? "" : criterion.why;
    const words = [stateOf(criterion), why, toGoText(criterion.to_go)].filter(Boolean);
    cell.append(make("b", "", words[0]), words.length > 1 ? ` \u00b7 ${words.slice(1).join(" \u00b7 ")}` : "");
    note.replaceChildren(cell);
  }

  function draw() {
    const advice = model.get("_advice");
    if (!advice?.rows) return;
    if (verdict.textContent !== advice.sentence) verdict.textContent = advice.sentence;
    verdict.className = `alw-verdict${advice.stop ? " alw-stop" : ""}`;
    rule.textContent = advice.n_criteria > 1 ? `rule: ${advice.rule}` : "";
    const keys = advice.rows.map(keyOf);
    if (keys.join("\n\n") !== [...rows.keys()].join("\n\n")) makeRows(advice.rows);
    advice.rows.forEach(drawRow);
    decided.textContent = advice.decided;
    for (const [name, input] of priceFields) fill(input, advice.prices[name]);
    needsLine.hidden = advice.n_criteria < 2;
    const several = Array.from({ length: Math.max(0, advice.n_criteria - 2) }, (_, i) => String(i + 2));
    const options = ["any", ...several, "all"];
    if (needs.options.length !== options.length) {
      const words = (/** @type {string} */ value) => (value === "any" || value === "all" ? `${value} criterion` : `${value} criteria`);
      needs.replaceChildren(...options.map((value) => new Option(value === "all" ? "all criteria" : words(value), value)));
    }
    fill(needs, advice.needs === 1 ? "any" : advice.needs === advice.n_criteria ? "all" : advice.needs);
  }

  /** @param {any} message */
  function receive(message) {
    if (message.kind === "problem") say(message.error);
  }

  /** @param {import("../common/outbox.js").Message|undefined} sent @param {any} message */
  function settled(sent, message) {
    if (!sent) return;
    say(message.kind === "refused" && !message.retry ? `Not changed: ${message.error}` : "");
    draw();
  }

  /**
   * What is typed here is nobody else's: Jupyter listens on the document, in Notebook 7 on the way down.
   * @param {KeyboardEvent} event
   */
  function onKey(event) {
    // In a host that shows each output in a shadow root, the event's own target is that root's host.
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (!root.contains(target) || event.key === "Tab" || event.key === "Escape") return;
    if ((event.ctrlKey || event.metaKey || event.altKey) && event.key !== "Enter") return;
    event.stopPropagation();
    if (event.key === "Enter" && target instanceof HTMLInputElement) target.blur();
  }
  window.addEventListener("keydown", onKey, true);
  const unfollow = followTheme(root);
  model.on("change:_advice", draw);
  model.on("msg:custom", receive);
  draw();
  drawTrouble();
  function close() {
    stale.close();
    unfollow();
    model.off("change:_advice", draw);
    model.off("msg:custom", receive);
    window.removeEventListener("keydown", onKey, true);
  }
  return { draw: drawTrouble, back() {}, settled, close };
}

export default () => makeSendingWidget("panel", render);
