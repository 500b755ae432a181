import assert from "node:assert/strict";
import { test } from "node:test";

import { keysLeft } from "../../alwidgets/widgets/static/map/map_cursor.js";
import { WHOLE, around, central, centered, countInside, inside, onward, stacked } from "../../alwidgets/widgets/static/map/nearest.js";
import { makeMapState, takeCome, takePeeked } from "../../alwidgets/widgets/static/map/map_state.js";
import {
  LOOKS, SHAPES, beside, grouped, inWords, pointInWords, sizeOf, stepOf, takeLabels, traces,
} from "../../alwidgets/widgets/static/map/points.js";

const CLASSES = ["ham", "spam"];

const poolOf = (labels, { predicted = null, uncertainty = null } = {}) => ({
  labels: Int16Array.from(labels),
  predicted: predicted && Int16Array.from(predicted),
  uncertainty: uncertainty && Uint8Array.from(uncertainty),
});

const summary = (groups) => groups.map(({ name, rows }) => [name, [...rows]]);

test("however the pointer moves, one sample is on its way at a time, and then the last one", () => {
  const state = makeMapState();
  const over = (row) => {
    state.peeked = row;
    return takePeeked(state);
  };
  assert.deepEqual([over(3), over(4), over(5)], [3, null, null]);
  takeCome(state, 3);
  assert.deepEqual([takePeeked(state), takePeeked(state)], [5, null]);
  takeCome(state, 5);
  state.payloads.set(5, { type: "text", text: "five" });
  assert.deepEqual([over(5), over(null), over(3)], [null, null, 3]);
});

test("by label every point lies in the group of its class, those without beneath", () => {
  const groups = grouped("label", poolOf([1, -1, 0, 1]), CLASSES, LOOKS.light);
  assert.deepEqual(summary(groups), [["no label", [1]], ["ham", [2]], ["spam", [0, 3]]]);
});

test("by prediction all points have a class, or none before there is a model", () => {
  const groups = grouped("prediction", poolOf([-1, -1], { predicted: [1, 0] }), CLASSES, LOOKS.light);
  assert.deepEqual(summary(groups), [["ham", [1]], ["spam", [0]]]);
  assert.deepEqual(summary(grouped("prediction", poolOf([0, -1]), CLASSES, LOOKS.light)), [["no model yet", [0, 1]]]);
});

test("uncertainty falls into eight levels from sure to a tie", () => {
  const pool = poolOf([-1, -1, -1, 0], { predicted: [0, 0, 0, 0], uncertainty: [0, 31, 32, 255] });
  const groups = grouped("uncertainty", pool, CLASSES, LOOKS.dark);
  assert.equal(groups.length, 8);
  assert.deepEqual(summary(groups.filter(({ count }) => count)), [
    ["0.00 to 0.13, sure", [0, 1]], ["0.13 to 0.25", [2]], ["0.88 to 1.00, a tie", [3]],
  ]);
});

test("a model that tells no uncertainty is said to tell none", () => {
  const [only] = grouped("uncertainty", poolOf([-1], { predicted: [0] }), CLASSES, LOOKS.light);
  assert.equal(only.name, "no uncertainty: the model provides none");
});

test("fifty classes differ in color or in shape", () => {
  const names = Array.from({ length: 50 }, (_, i) => `class ${i}`);
  for (const look of [LOOKS.light, LOOKS.dark]) {
    const groups = grouped("label", poolOf([0]), names, look).slice(1);
    assert.equal(new Set(groups.map(({ color, shape }) => color + shape)).size, 50);
  }
  assert.equal(new Set(SHAPES.map(([shape]) => shape)).size, SHAPES.length);
});

test("in the dark every color of the uncertainty stands out from the ground", () => {
  const luminance = (hex) => {
    const [r, g, b] = [1, 3, 5].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255 + 0.055) ** 2.4 / 1.055 ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrasts = LOOKS.dark.scale.map((color) => (luminance(color) + 0.05) / (luminance("#212121") + 0.05));
  assert.ok(Math.min(...contrasts) >= 3);
  assert.deepEqual(contrasts, [...contrasts].sort((a, b) => a - b));
});

test("traces hold the coordinates and row numbers of their groups, and what of them is selected", () => {
  const xy = Float32Array.from([0, 1, 2, 10, 11, 12]);
  const groups = grouped("label", poolOf([1, -1, 1]), CLASSES, LOOKS.light);
  const made = traces(groups, xy, [2]);
  assert.deepEqual(made.map(({ x, y, customdata }) => [[...x], [...y], [...customdata]]), [
    [[1], [11], [1]], [[0, 2], [10, 12], [0, 2]],
  ]);
  assert.deepEqual(made.map(({ selectedpoints }) => selectedpoints), [[], [1]]);
  assert.deepEqual(traces(groups, xy, []).map(({ selectedpoints }) => selectedpoints), [undefined, undefined]);
});

test("without WebGL every so-manieth point of a large map is drawn, and all of a small one", () => {
  assert.deepEqual([stepOf(5000, true), stepOf(5001, true), stepOf(100_000, true), stepOf(100_000, false)], [1, 2, 20, 1]);
  const [n, step] = [12_000, stepOf(12_000, true)];
  const groups = grouped("label", poolOf(Array.from({ length: n }, (_, row) => row % 2)), CLASSES, LOOKS.light);
  const made = traces(groups, new Float32Array(2 * n), [0, 2, 3], true);
  assert.ok(made.every(({ type, customdata }) => type === "scatter" && customdata.every((row) => row % step === 0)));
  assert.equal(made.reduce((sum, { x }) => sum + x.length, 0), n / step);
  // What is drawn of what is selected.
  assert.deepEqual(made.flatMap(({ customdata, selectedpoints }) => selectedpoints.map((place) => customdata[place])).sort(), [0, 3]);
});

test("labels that changed replace those before, all of them when the page opens", () => {
  const labels = Int16Array.from([0, 1, -1]);
  takeLabels(labels, Uint32Array.of(2, 0), Int16Array.of(1, -1), false);
  assert.deepEqual([...labels], [-1, 1, 1]);
  takeLabels(labels, Uint32Array.of(0), Int16Array.of(0), true);
  assert.deepEqual([...labels], [0, -1, -1]);
});

test("the walk through a selection goes round, and starts with its first row", () => {
  assert.equal(beside([5, 9, 2], 9, 1), 2);
  assert.equal(beside([5, 9, 2], 2, 1), 5);
  assert.equal(beside([5, 9, 2], 5, -1), 2);
  assert.equal(beside(Uint32Array.of(5, 9), 7, 1), 5);
  assert.equal(beside([5, 9], null, -1), 5);
  assert.equal(beside([], 5, 1), null);
});

test("more points are drawn smaller", () => {
  const sizes = [100, 2000, 20000, 100000].map(sizeOf);
  assert.deepEqual(sizes, [...sizes].sort((a, b) => b - a));
  assert.ok(sizes.at(-1) >= 2);
});

test("a screen reader hears the counts of all colors that are there", () => {
  const groups = grouped("label", poolOf([1, -1, -1]), CLASSES, LOOKS.light);
  assert.equal(inWords("label", groups), "Map of 3 samples by label. no label: 2; spam: 1");
});

test("of a point is said its label, and what the model makes of it", () => {
  const pool = poolOf([-1, 1], { predicted: [0, 1], uncertainty: [255, 51] });
  assert.equal(pointInWords(0, pool, CLASSES), "row 0, no label, model: ham, uncertainty 1.00");
  assert.equal(pointInWords(1, pool, CLASSES), "row 1, label: spam, model: spam, uncertainty 0.20");
  assert.equal(pointInWords(1, poolOf([-1, 1], { predicted: [0, 0] }), CLASSES), "row 1, label: spam, model: ham");
  assert.equal(pointInWords(0, poolOf([-1]), CLASSES), "row 0, no label, no model yet");
});

// Each unit a hundred pixels.
const VIEW = { x: [0, 4], y: [0, 4], width: 400, height: 400 };
const placed = (...points) => Float32Array.from([...points.map(([x]) => x), ...points.map(([, y]) => y)]);

test("an arrow key goes to the nearest point in its direction, and not back", () => {
  const cross = placed([2, 2], [3, 2.1], [1, 1.9], [2.1, 3], [1.9, 1], [3.5, 2]);
  for (const [way, row] of [["ArrowRight", 1], ["ArrowLeft", 2], ["ArrowUp", 3], ["ArrowDown", 4]]) {
    assert.equal(onward(cross, VIEW, 0, way), row, way);
  }
  assert.equal(onward(cross, VIEW, 5, "ArrowRight"), null);
  assert.equal(onward(placed([1, 1]), VIEW, 0, "ArrowUp"), null);
});

test("what lies straight ahead is preferred to what is as near aside, which is still reached when there is no other", () => {
  const points = placed([0, 0], [1, 1], [1.5, 0]);
  assert.equal(onward(points, VIEW, 0, "ArrowRight"), 2);
  assert.equal(onward(points, VIEW, 0, "ArrowUp"), 1);
});

test("points that lie on one another on screen are one step, and come apart when zoomed in", () => {
  const points = placed([2, 2], [2.05, 2], [3, 2]);
  assert.equal(onward(points, VIEW, 0, "ArrowRight"), 2);
  const [x, y] = centered(points, VIEW, 0, 2);
  assert.equal(onward(points, { ...VIEW, x, y }, 0, "ArrowRight"), 1);
});

test("the nearest is what is nearest on screen, where a unit may be wider than high", () => {
  const points = placed([2, 2], [2.5, 2.5], [3, 2.1]);
  assert.equal(onward(points, VIEW, 0, "ArrowRight"), 2);
  assert.equal(onward(points, { ...VIEW, height: 40 }, 0, "ArrowRight"), 1);
});

test("from every point of a cloud all others are reached", () => {
  const n = 60;
  const cloud = Float32Array.from({ length: 2 * n }, (_, i) => 4 * ((i * 0.618034 + i * i * 0.1373) % 1));
  const reached = new Set([0]);
  for (const row of reached) {
    for (const way of ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"]) {
      const next = onward(cloud, { ...VIEW, width: 4000, height: 4000 }, row, way);
      if (next !== null) reached.add(next);
    }
  }
  assert.equal(reached.size, n);
});

test("what lies on a point goes round, and with it and the arrow keys every point of a crowd is reached", () => {
  const points = placed([2, 2], [1, 1], [2, 2], [2.05, 2], [2, 2.1]);
  assert.deepEqual(stacked(points, VIEW, 2), [2, 3, 0]);
  assert.deepEqual(stacked(points, VIEW, 1), [1]);
  const n = 300;
  const crowd = Float32Array.from({ length: 2 * n }, (_, i) => Math.round(40 * ((i * 0.618034 + i * i * 0.1373) % 1)) / 40);
  const reached = new Set([0]);
  for (const row of reached) {
    for (const each of stacked(crowd, VIEW, row)) reached.add(each);
    for (const way of ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"]) {
      const next = onward(crowd, VIEW, row, way);
      if (next !== null) reached.add(next);
    }
  }
  assert.equal(reached.size, n);
});

test("classes have no key that moves the cursor", () => {
  const keys = { classes: ["1", "ArrowLeft", "B", "x", ""], actions: { find: "/" } };
  assert.deepEqual(keysLeft(keys), { classes: ["1", "", "", "x", ""], actions: { find: "/" } });
});

test("the cursor begins near the middle of what is on screen", () => {
  const points = placed([0, 0], [2.2, 1.9], [3.9, 3.9]);
  assert.equal(central(points, VIEW), 1);
  assert.equal(central(points, { ...VIEW, x: [3, 4], y: [3, 4] }), 2);
});

test("round a point lie those within a circle of pixels, and the point itself", () => {
  const points = placed([2, 2], [2.1, 2.1], [2.14, 2.15], [3, 2]);
  assert.deepEqual(around(points, VIEW, 0, 16), [0, 1]);
  assert.deepEqual(around(points, VIEW, 0, 100), [0, 1, 2, 3]);
});

test("zoomed in a point is in the middle, and zoomed out nothing lies beyond the whole map", () => {
  const points = placed([0.5, 0.25]);
  const view = { ...VIEW, x: [0, 1], y: [0, 1] };
  assert.deepEqual(centered(points, view, 0, 2), [[0.25, 0.75], [0, 0.5]]);
  assert.deepEqual(centered(points, view, 0, 0.5), [WHOLE, WHOLE]);
  assert.equal(countInside(placed([0.5, 0.25], [0.9, 0.9], [1.1, 0.5]), view), 2);
  assert.ok(inside(points, view, 0));
  assert.ok(!inside(points, { ...view, y: [0.5, 1] }, 0));
});

test("points can be told apart by the part of the pool that they came with", () => {
  const groups = grouped("part", poolOf([1, -1, 0, 1, -1]), CLASSES, LOOKS.light, [["first", 3], ["monday", 2], ["later", 4]]);
  assert.deepEqual(summary(groups), [["first", [0, 1, 2]], ["monday", [3, 4]], ["later", []]]);
});
