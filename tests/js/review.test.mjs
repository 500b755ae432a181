import assert from "node:assert/strict";
import { test } from "node:test";

import {
  ROWS, asChanged, firstLine, historyOf, itemsOf, labelText, marksOf, nPages, namesOf, rangeText, sameOrder, sameValue, shareText,
  secondsText, toggled,
} from "../../alwidgets/widgets/static/review/review_list.js";
import { nextRepeat } from "../../alwidgets/widgets/static/review/review_blind.js";

const ROW = {
  item: 3, label: 1, predicted: null, confidence: null, skipped: false, unsure: false, flagged: false, flag: "", note: "",
  slow: false, changed: false, via: "", round: 0, annotator: null, seconds: null, at: 1e9,
};

test("a page has fifty answers, the last one what is left", () => {
  const order = Int32Array.from({ length: 120 }, (_, i) => 1000 + i);
  assert.equal(nPages(order), 3);
  assert.equal(itemsOf(order, 0).length, ROWS);
  assert.deepEqual(itemsOf(order, 2), Array.from({ length: 20 }, (_, i) => 1100 + i));
  assert.deepEqual(itemsOf(order, 3), []);
  assert.equal(nPages([]), 1);
});

test("the pager says which answers are on the page", () => {
  assert.equal(rangeText(new Int32Array(100_000), 1), "51 to 100 of 100,000");
  assert.equal(rangeText(new Int32Array(3), 0), "1 to 3 of 3");
  assert.equal(rangeText([], 0), "no answers");
});

test("orders are the same when every place is", () => {
  assert.equal(sameOrder([1, 2], Int32Array.of(1, 2)), true);
  assert.equal(sameOrder([1, 2], [2, 1]), false);
  assert.equal(sameOrder([1], [1, 2]), false);
});

test("an answer that is not a label says which kind it is", () => {
  assert.equal(labelText(ROW, ["ham", "spam"]), "spam");
  assert.equal(labelText({ ...ROW, label: null, skipped: true }, ["ham"]), "skipped");
  assert.equal(labelText({ ...ROW, label: null, skipped: true, unsure: true }, ["ham"]), "unsure");
});

test("remarks name flag, note, slowness, another second answer and where the answer was given", () => {
  assert.deepEqual(marksOf(ROW), []);
  const marked = { ...ROW, flagged: true, flag: "smudged", note: "ask Eva", slow: true, via: "map", changed: true };
  assert.deepEqual(marksOf(marked), ["second differs", "flag: smudged", "ask Eva", "slow", "on the map"]);
  assert.deepEqual(marksOf({ ...ROW, flagged: true }), ["flagged"]);
});

test("times and shares are short, and what there is none of is empty", () => {
  assert.deepEqual([0.04, 9.96, 12.4, null].map(secondsText), ["0.0 s", "10.0 s", "12 s", ""]);
  assert.deepEqual([0.996, 0, null, undefined].map(shareText), ["100 %", "0 %", "", ""]);
});

test("where an answer was given is said as one would say it, and what nobody was asked is not said to be asked", () => {
  const where = (via) => marksOf({ ...ROW, via, duplicate_of: 5 }).at(-1);
  assert.deepEqual(["grid", "alike", "map", "review", "given", "duplicate"].map(where), [
    "in the grid", "in the list of near duplicates", "on the map", "in the review", "came with the data",
    "copied from row 5, an identical sample",
  ]);
  assert.match(historyOf({ ...ROW, via: "given" }), /, came with the data$/);
  assert.match(historyOf({ ...ROW, via: "duplicate", duplicate_of: 5, annotator: "Eva" }), /, by Eva, copied from row 5, an identical sample$/);
  assert.match(historyOf({ ...ROW, via: "map" }), /, on the map, asked before the first model$/);
});

test("a row shows what was changed on the page until the kernel has it, the last change of each kind", () => {
  const row = { ...ROW, predicted: 1, label: 1 };
  const sent = (kind, more) => ({ event_id: "a", kind, item: 3, ...more });
  assert.equal(asChanged(row, [sent("label", { item: 4, value: 0 })]), row);
  assert.deepEqual(asChanged({ ...row, skipped: true }, [sent("label", { value: 1 }), sent("label", { value: 0 })]), {
    ...row, label: 0, disagrees: true,
  });
  assert.deepEqual(asChanged(row, [sent("label", { value: 0 }), sent("skip", { unsure: true })]), {
    ...row, label: null, skipped: true, unsure: true, disagrees: false,
  });
  assert.deepEqual(asChanged(row, [sent("flag", { note: "odd" }), sent("note", { note: "ask Eva" })]), {
    ...row, flagged: true, flag: "odd", note: "ask Eva",
  });
  assert.deepEqual(asChanged({ ...row, flagged: true, flag: "odd" }, [sent("unflag"), sent("undo", { target: "b" })]), row);
});

test("how an answer came about has only what is known", () => {
  const parts = historyOf({ ...ROW, annotator: "Eva", via: "alike", round: 2, seconds: 1.5 });
  assert.match(parts, /by Eva, in the list of near duplicates, asked in round 2, after 1\.5 s$/);
  assert.match(historyOf(ROW), /asked before the first model$/);
});

test("a multilabel answer is shown by its classes, and one without any as such", () => {
  const names = ["cat", "dog", "cow"];
  assert.equal(namesOf([0, 2], names), "cat, cow");
  assert.equal(namesOf([], names), "none of the classes");
  assert.equal(namesOf(1, names), "dog");
  assert.deepEqual([namesOf(null, names), namesOf(undefined, names)], ["", ""]);
  assert.equal(labelText({ ...ROW, label: [1, 2] }, names), "dog, cow");
  assert.equal(labelText({ ...ROW, label: [] }, names), "none of the classes");
});

test("labels are the same when all their classes are", () => {
  assert.equal(sameValue([0, 2], [0, 2]), true);
  assert.equal(sameValue([0], [0, 2]), false);
  assert.equal(sameValue([], null), false);
  assert.equal(sameValue(1, 1), true);
  assert.equal(sameValue(0, null), false);
});

test("a class is chosen and undone, in the order of the classes, and what was chosen before stays as it is", () => {
  const before = [0, 2];
  assert.deepEqual(toggled(before, 1), [0, 1, 2]);
  assert.deepEqual(toggled(before, 0), [2]);
  assert.deepEqual(toggled([2], 2), []);
  assert.deepEqual(toggled([10], 9), [9, 10]);
  assert.deepEqual(before, [0, 2]);
});

test("a sample is told by its first line, its cells, or what it is", () => {
  assert.equal(firstLine({ type: "text", text: "\n first <b>line</b>\nsecond" }), "first <b>line</b>");
  assert.equal(firstLine({ type: "row", cells: [["age", "4"], ["name", "Eva"]] }), "age 4, name Eva");
  assert.equal(firstLine({ type: "audio" }), "audio");
  assert.equal(firstLine({ type: "text", text: "x".repeat(999) }).length, 200);
});

test("the next repeat is the first that was not answered here", () => {
  assert.equal(nextRepeat([5, 6, 7], new Set([5])), 6);
  assert.equal(nextRepeat([5], new Set([5])), null);
});
