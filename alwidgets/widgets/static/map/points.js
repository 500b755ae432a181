// @ts-check
/** The points of a map in groups of one color: plain functions on plain values, without a page. */

/** Each class has a color and a shape of its own: of seven and eight, no pair comes twice before the 57th. */
export const SHAPES = [
  ["circle", "\u25cf"], ["square", "\u25a0"], ["diamond", "\u25c6"], ["triangle-up", "\u25b2"],
  ["cross", "\u271a"], ["x", "\u2716"], ["triangle-down", "\u25bc"], ["star", "\u2605"],
];

/** Told apart by the color-blind too, after Okabe and Ito, and Tol; the scale is a part of cividis, in the dark a lighter one. */
export const LOOKS = {
  light: {
    classes: ["#0072b2", "#d55e00", "#009e73", "#b8528f", "#8c6d00", "#2f9ad0", "#5b4fa8"],
    none: "#b4b9c1",
    scale: ["#dcd3a2", "#c3b77d", "#a69d75", "#8a8779", "#707173", "#555b6d", "#37476c", "#00224e"],
  },
  dark: {
    classes: ["#77aadd", "#ee8866", "#44bb99", "#ffaabb", "#eedd88", "#99ddff", "#b7a3f0"],
    none: "#5d636d",
    scale: ["#6a7a9d", "#80889f", "#96979a", "#aaa798", "#c0b68e", "#d5c67d", "#ead764", "#fee838"],
  },
};

const N_LEVELS = 8;

/**
 * @typedef {object} Pool what is known of the points, one value each
 * @property {Int16Array} labels positions in the classes, -1 for none
 * @property {Int16Array|null} predicted
 * @property {Uint8Array|null} uncertainty 0 = certain, 255 = a tie
 */
/** @typedef {{name: string, color: string, shape: string, mark: string, count: number, rows: Uint32Array}} Group */

/**
 * Take labels that changed.
 * @param {Int16Array} labels
 * @param {Uint32Array} rows
 * @param {Int16Array} codes
 * @param {boolean} reset whether all others have none
 */
export function takeLabels(labels, rows, codes, reset) {
  if (reset) labels.fill(-1);
  rows.forEach((row, i) => (labels[row] = codes[i]));
}

/**
 * The points in groups of one color, first those that are to lie beneath; groups without points stay in the list.
 * @param {string} color
 * @param {Pool} pool
 * @param {string[]} classes
 * @param {typeof LOOKS.light} look
 * @param {[string, number][]} [parts] of a pool that grew, and how many points each has
 * @returns {Group[]}
 */
export function grouped(color, pool, classes, look, parts = []) {
  const n = pool.labels.length;
  if (color === "part") {
    const rows = rowsOf(partNumbers(parts, n), 0, parts.length);
    return rows.map((some, i) => group(parts[i][0], look.classes[i % look.classes.length], i % SHAPES.length, some));
  }
  if (color === "uncertainty" && pool.uncertainty) {
    const levels = pool.uncertainty.map((value) => (value * N_LEVELS) >> 8);
    return rowsOf(levels, 0, N_LEVELS).map((rows, i) => group(levelName(i), look.scale[i], 0, rows));
  }
  const codes = color === "label" ? pool.labels : color === "prediction" ? pool.predicted : null;
  const none = color === "label" ? "no label" : pool.predicted ? "no uncertainty: the model provides none" : "no model yet";
  const [without, ...others] = rowsOf(codes ?? new Int16Array(n).fill(-1), -1, codes ? classes.length + 1 : 1);
  const colors = look.classes;
  const coded = others.map((rows, i) => group(classes[i], colors[i % colors.length], i % SHAPES.length, rows));
  return color === "prediction" && codes ? coded : [group(none, look.none, 0, without), ...coded];
}

/** The number of the part of each point; those that were added since have no place yet. @param {[string, number][]} parts @param {number} n */
function partNumbers(parts, n) {
  const codes = new Int16Array(n);
  let end = 0;
  parts.forEach(([, size], i) => codes.fill(i, end, (end += size)));
  return codes;
}

/** @param {number} i */
function levelName(i) {
  const edges = `${(i / N_LEVELS).toFixed(2)} to ${((i + 1) / N_LEVELS).toFixed(2)}`;
  return edges + (i === 0 ? ", sure" : i === N_LEVELS - 1 ? ", a tie" : "");
}

/** @param {string} name @param {string} color @param {number} shape @param {Uint32Array} rows @returns {Group} */
function group(name, color, shape, rows) {
  return { name, color, shape: SHAPES[shape][0], mark: SHAPES[shape][1], count: rows.length, rows };
}

/**
 * The rows of each code, ascending.
 * @param {Int16Array|Uint8Array} codes
 * @param {number} first the lowest code
 * @param {number} nCodes
 */
function rowsOf(codes, first, nCodes) {
  const counts = new Uint32Array(nCodes);
  for (let row = 0; row < codes.length; row++) counts[codes[row] - first] += 1;
  const rows = [...counts].map((count) => new Uint32Array(count));
  counts.fill(0);
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row] - first;
    rows[code][counts[code]++] = row;
  }
  return rows;
}

/**
 * How large points are drawn, in pixels: fewer are larger.
 * @param {number} n
 */
export function sizeOf(n) {
  return n > 30000 ? 3 : n > 5000 ? 4 : n > 800 ? 6 : 9;
}

/** @param {Float32Array} xy @param {Uint32Array} rows @param {number} start */
function at(xy, rows, start) {
  // A loop: a hundred thousand calls of a function would be seen.
  const values = new Float32Array(rows.length);
  for (let i = 0; i < rows.length; i++) values[i] = xy[start + rows[i]];
  return values;
}

/** @param {Uint32Array} rows @param {Uint8Array} chosen */
function placesOf(rows, chosen) {
  const places = [];
  for (let i = 0; i < rows.length; i++) if (chosen[rows[i]]) places.push(i);
  return places;
}

/** So many points at most are drawn without WebGL: each is an element of the page. */
const MOST_PLAIN = 5000;

/**
 * Every which point of a map is drawn.
 * @param {number} n points
 * @param {boolean} plain without WebGL
 */
export function stepOf(n, plain) {
  return plain ? Math.max(1, Math.ceil(n / MOST_PLAIN)) : 1;
}

/**
 * The traces of a figure, one a group that has points.
 * @param {Group[]} groups
 * @param {Float32Array} xy all x, then all y
 * @param {number[]|Uint32Array} selected
 * @param {boolean} [plain] drawn without WebGL
 */
export function traces(groups, xy, selected, plain = false) {
  const n = xy.length / 2;
  const step = stepOf(n, plain);
  const chosen = selected.length ? new Uint8Array(n) : null;
  if (chosen) selected.forEach((row) => (chosen[row] = 1));
  const drawn = groups.map((group) => ({ ...group, rows: step === 1 ? group.rows : group.rows.filter((row) => row % step === 0) }));
  return drawn.filter(({ rows }) => rows.length).map(({ rows, color, shape }) => ({
    type: plain ? "scatter" : "scattergl",
    mode: "markers",
    x: at(xy, rows, 0),
    y: at(xy, rows, n),
    customdata: rows,
    // What lies under the pointer is told of in the corner of the map.
    hoverinfo: "none",
    marker: { color: color, symbol: shape, size: sizeOf(n / step), opacity: 0.9, line: { width: 0 } },
    selectedpoints: chosen ? placesOf(rows, chosen) : undefined,
    selected: { marker: { opacity: 1 } },
    unselected: { marker: { opacity: 0.15 } },
  }));
}

/**
 * The row beside the one that is shown, in the selection; the first of it when that is not in it.
 * @param {number[]|Uint32Array} selected
 * @param {number|null} shown
 * @param {number} step 1 or -1
 * @returns {number|null}
 */
export function beside(selected, shown, step) {
  if (!selected.length) return null;
  const place = shown === null ? -1 : selected.indexOf(shown);
  return place < 0 ? selected[0] : selected[(place + step + selected.length) % selected.length];
}

/**
 * What the map shows, in words.
 * @param {string} color
 * @param {Group[]} groups
 */
export function inWords(color, groups) {
  const all = groups.reduce((sum, { count }) => sum + count, 0);
  const counts = groups.filter(({ count }) => count).map(({ name, count }) => `${name}: ${count.toLocaleString("en")}`);
  return `Map of ${all.toLocaleString("en")} samples by ${color}. ${counts.join("; ")}`;
}

/**
 * What is known of a point, in words.
 * @param {number} row
 * @param {Pool} pool
 * @param {string[]} classes
 */
export function pointInWords(row, { labels, predicted, uncertainty }, classes) {
  const label = labels[row] < 0 ? "no label" : `label: ${classes[labels[row]]}`;
  if (!predicted) return `row ${row}, ${label}, no model yet`;
  const doubt = uncertainty ? `, uncertainty ${(uncertainty[row] / 255).toFixed(2)}` : "";
  return `row ${row}, ${label}, model: ${classes[predicted[row]]}${doubt}`;
}
