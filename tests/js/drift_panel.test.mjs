import assert from "node:assert/strict";
import { test } from "node:test";

import { percent } from "../../alwidgets/widgets/static/common/figures.js";
import { alarmText, askText, columnsText, numberText, stepText } from "../../alwidgets/widgets/static/drift/drift_words.js";

const plain = (text) => text.replaceAll("\u00a0", " ");
const CHECK = { part: "monday", n_to_ask: 20, moved: true, n_columns: 0, columns: [] };

test("an error that was not measured is said to be so, and is no 0", () => {
  assert.equal(percent(null), "not measured");
  assert.equal(plain(percent(0)), "0 %");
  assert.equal(numberText(null), "not measured");
  assert.equal(numberText(0), "0");
  assert.equal(numberText(-1.23456), "-1.23");
});

test("columns that moved are counted, and where none did it is said whether they go together in another way", () => {
  assert.equal(columnsText({ ...CHECK, n_columns: 1, columns: [{}] }), "1 column moved");
  assert.equal(columnsText({ ...CHECK, n_columns: 12, columns: Array(8).fill({}) }), "12 columns moved; the first 8");
  assert.equal(columnsText(CHECK), "No single column moved");
  assert.equal(columnsText({ ...CHECK, moved: false }), "No column moved");
});

test("shares say how far they went", () => {
  assert.equal(plain(stepText(0.2, 0.45)), "20 % before, 45 % now (+25)");
  assert.equal(plain(stepText(0.5, 0.2)), "50 % before, 20 % now (\u221230)");
  assert.equal(plain(stepText(0.5, 0.5)), "50 % before, 50 % now");
  assert.equal(askText(CHECK), "ask 20 audit questions of monday");
  assert.equal(askText({ ...CHECK, n_to_ask: 1 }), "ask 1 audit question of monday");
  assert.equal(alarmText({ drifted: "samples, errors" }), "samples moved, other errors");
  assert.equal(alarmText({ drifted: "" }), "");
});
