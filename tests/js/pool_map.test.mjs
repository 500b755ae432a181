import assert from "node:assert/strict";
import { test } from "node:test";

import { LOOKS, SHAPES, beside, grouped, inWords, sizeOf, takeLabels, traces } from "../../alwidgets/widgets/static/points.js";

const CLASSES = ["ham", "spam"];

const poolOf = (labels, { predicted = null, uncertainty = null } = {}) => ({
  labels: Int16Array.from(labels),
  predicted: predicted && Int16Array.from(predicted),
  uncertainty: uncertainty && Uint8Array.from(uncertainty),
});

const summary = (groups) => groups.map(({ name, rows }) => [name, [...rows]]);

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
  assert.equal(only.name, "no uncertainty: the model tells none");
});

test("fifty classes differ in colour or in shape", () => {
  const names = Array.from({ length: 50 }, (_, i) => `class ${i}`);
  for (const look of [LOOKS.light, LOOKS.dark]) {
    const groups = grouped("label", poolOf([0]), names, look).slice(1);
    assert.equal(new Set(groups.map(({ colour, shape }) => colour + shape)).size, 50);
  }
  assert.equal(new Set(SHAPES.map(([shape]) => shape)).size, SHAPES.length);
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

test("a screen reader hears the counts of all colours that are there", () => {
  const groups = grouped("label", poolOf([1, -1, -1]), CLASSES, LOOKS.light);
  assert.equal(inWords("label", groups), "Map of 3 samples by label. no label: 2; spam: 1");
});
