import assert from "node:assert/strict";
import { test } from "node:test";

import { axes, percent } from "../../alwidgets/widgets/static/race/race_curves.js";
import { boundary, marker } from "../../alwidgets/widgets/static/race/race_shapes.js";

test("no two classes have the same marker", () => {
  assert.equal(new Set([0, 1, 2, 3, 4, 5].map((code) => marker(code, 0, 0, 5))).size, 6);
});

test("a boundary lies where the lead changes its sign, between the cells in proportion", () => {
  const lead = Int8Array.from([-30, 90, -30, 90]);
  assert.equal(boundary(lead, 2), "M0.75 1.50L0.75 0.50");
  assert.equal(boundary(Int8Array.from([5, 5, 5, 5]), 2), "");
});

test("the lowest row of a grid is drawn at the bottom", () => {
  assert.equal(boundary(Int8Array.from([50, 50, -50, -50]), 2), "M1.50 1.00L0.50 1.00");
});

test("the axes hold all scores, and no more labels than there can be", () => {
  assert.deepEqual(axes([], 100), { low: 0.5, most: 20 });
  assert.deepEqual(axes([[4, 0.62, 0.31], [44, null, 0.9]], 100), { low: 0.3, most: 60 });
  assert.deepEqual(axes([[50, 0.9, 0.9]], 55), { low: 0.5, most: 55 });
});

test("a score is a percentage, or there is no model yet", () => {
  assert.deepEqual([0.9349, 1, null].map(percent), ["93%", "100%", "no model yet"]);
});
