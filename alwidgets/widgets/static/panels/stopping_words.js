// @ts-check
/** What the rows of the stopping panel say, without a page. */

export const SPARK = { width: 72, height: 20 };

/** @param {number|null|undefined} value */
export function shown(value) {
  if (value === null || value === undefined) return "-";
  const size = Math.abs(value);
  if (value === 0 || size >= 0.01) return size >= 100 ? String(Math.round(value)) : String(Number(value.toFixed(3)));
  return value.toPrecision(1);
}

/**
 * What a row says beside its numbers.
 * @param {import("../common/sent.d.ts").Criterion} row
 */
export function stateOf(row) {
  if (!row.possible) return "off";
  if (row.fired) return row.since ? `fired since round ${row.since}` : "fired";
  return row.value === null ? "cannot tell yet" : "go on";
}

/**
 * What a row shows before its threshold, which may be a field.
 * @param {import("../common/sent.d.ts").Criterion} row
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
 * @param {import("../common/sent.d.ts").Criterion} row
 * @returns {{label: string, before: string, value: number|null, after: string, settings: (value: any) => any}[]}
 */
export function fieldsOf(row) {
  if (row.limits) {
    return row.limits.map((limit) => ({
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

/**
 * The advice in ten words, and whether it is to stop; that it was put off, where it was.
 * @param {{stop: boolean, headline: string}} advice
 * @param {number} until number of labels until which the advice to stop is put off, 0 where it is not
 */
export function verdictOf({ stop, headline }, until) {
  return stop && until ? { text: `Advice to stop is put off until ${until} labels.`, stop: false } : { text: headline, stop };
}

/** @param {[number, number, number]|null} toGo labels until a criterion should fire: value, low, high */
export function toGoText(toGo) {
  if (!toGo) return "";
  const [value, low, high] = toGo.map((n) => Math.round(n));
  if (value === 0) return "may stop soon";
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
