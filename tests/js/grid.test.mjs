import assert from "node:assert/strict";
import { test } from "node:test";

import {
  GRID_SIZES, answersOf, assignTile, clearTile, dropAnswered, gridActionOf, gridLine, makeGridState, markTile, moveTile,
  nextSize, resizeGrid, setChoice, shownItems, tileWord, unseenItems, whyNothing,
} from "../../alwidgets/widgets/static/labeler/grid_state.js";
import { onlyTitle } from "../../alwidgets/widgets/static/labeler/grid_only.js";
import { onPage } from "../../alwidgets/widgets/static/common/keys.js";

const CLASSES = ["ham", "spam"];
const rows = (n) => Array.from({ length: n }, (_, i) => 100 + i);

function gridOf(n, { value = null, seen = n } = {}) {
  const state = makeGridState(rows(n), { value });
  rows(seen).forEach((item) => state.seen.add(item));
  return state;
}

function walked(state, columns, ...moves) {
  moves.forEach((key) => moveTile(state, key, columns));
  return state.at;
}

test("one class is for every tile but those with a class of their own and those left out", () => {
  const state = gridOf(4);
  setChoice(state, 1);
  assignTile(state, 101, 0);
  markTile(state, 102);
  assert.deepEqual(answersOf(state), {
    answers: [{ item: 100, value: 1 }, { item: 101, value: 0 }, { item: 103, value: 1 }],
    left: [102],
  });
  assert.deepEqual(rows(4).map((item) => tileWord(state, item, CLASSES)), ["spam", "only this: ham", "left out", "spam"]);
  assert.equal(gridLine(state, CLASSES), "the rest: spam, Enter labels 3, 1 with a class of its own, 1 left out");
});

test("a class given from the start is for all", () => {
  assert.deepEqual(answersOf(gridOf(2, { value: 0 })).answers, [{ item: 100, value: 0 }, { item: 101, value: 0 }]);
});

test("nothing is labeled while a tile has no class, not even the tiles that have one", () => {
  const state = gridOf(3);
  assert.equal(whyNothing(state).why, "no class chosen for the tiles");
  assignTile(state, 100, 0);
  assert.deepEqual(answersOf(state), { answers: [], left: rows(3) });
  assert.deepEqual(whyNothing(state), { why: "no class chosen for 2 of the tiles", items: [101, 102] });
  assert.equal(gridLine(state, CLASSES), "no class chosen, 1 with a class of its own");
});

test("tiles that each have a class of their own, or are left out, need no class for the rest", () => {
  const state = gridOf(2);
  assignTile(state, 100, 0);
  markTile(state, 101);
  assert.equal(whyNothing(state), null);
  assert.deepEqual(answersOf(state), { answers: [{ item: 100, value: 0 }], left: [101] });
  assert.equal(gridLine(state, CLASSES), "Enter labels 1, 1 with a class of its own, 1 left out");
});

test("what is longer than its tile is labeled once it was read to the end", () => {
  const state = gridOf(3, { value: 1 });
  [100, 102].forEach((item) => state.long.add(item));
  assert.deepEqual(whyNothing(state), { why: "2 not read to the end, Enter reads on", items: [100, 102] });
  assert.deepEqual(answersOf(state), { answers: [{ item: 101, value: 1 }], left: [100, 102] });
  assert.equal(gridLine(state, CLASSES), "the rest: spam, Enter labels 3, 2 to be read to the end");
  state.read.add(100);
  markTile(state, 102);
  assert.equal(whyNothing(state), null);
  assert.deepEqual(answersOf(state).answers.map(({ item }) => item), [100, 101]);
});

test("what the model takes for a class goes on with that class, and other tiles with none", () => {
  const predicted = gridOf(3, { value: 1 });
  markTile(predicted, 101);
  dropAnswered(predicted, [100]);
  assert.equal(predicted.choice, 1);
  // What was left out is not of that class, and stays a question.
  assert.deepEqual(predicted.items, [102]);
  const plain = gridOf(3);
  setChoice(plain, 1);
  dropAnswered(plain, [100]);
  assert.equal(plain.choice, null);
});

test("the title says how many there are", () => {
  assert.equal(onlyTitle({ items: [3, 4], n: 1204, text: "" }), "2 of 1,204");
  assert.equal(onlyTitle({ items: [3, 4], n: 2, text: "" }), "2");
  assert.equal(onlyTitle({ items: [], n: 0, text: "There is no model yet." }), "There is no model yet.");
});

test("what was not seen is not labeled, and it is said how many these are", () => {
  const state = gridOf(5, { value: 1, seen: 2 });
  assert.deepEqual(answersOf(state).answers.map(({ item }) => item), [100, 101]);
  assert.deepEqual(answersOf(state).left, [102, 103, 104]);
  assert.deepEqual(unseenItems(state), [102, 103, 104]);
  assert.deepEqual(whyNothing(state), { why: "3 not seen yet", items: [102, 103, 104] });
  [102, 103, 104].forEach((item) => markTile(state, item));
  assert.equal(whyNothing(state), null);
});

test("a mark and a class of its own replace each other, and a second mark takes the first back", () => {
  const state = gridOf(1, { value: 1 });
  markTile(state, 100);
  assignTile(state, 100, 0);
  assert.equal(tileWord(state, 100, CLASSES), "only this: ham");
  markTile(state, 100);
  assert.equal(tileWord(state, 100, CLASSES), "left out");
  assert.equal(whyNothing(state).why, "every tile is left out");
  markTile(state, 100);
  assert.equal(tileWord(state, 100, CLASSES), "spam");
  assignTile(state, 100, 0);
  clearTile(state, 100);
  assert.equal(tileWord(state, 100, CLASSES), "spam");
});

test("a tile that cannot be drawn is left out, whatever is pressed on it", () => {
  const state = gridOf(2, { value: 1 });
  state.failed.add(100);
  assignTile(state, 100, 0);
  markTile(state, 100);
  markTile(state, 100);
  assert.equal(tileWord(state, 100, CLASSES), "left out");
  assert.deepEqual(answersOf(state), { answers: [{ item: 101, value: 1 }], left: [100] });
});

test("arrows walk rows and columns, and stop at the edges", () => {
  assert.equal(walked(gridOf(8), 3, "ArrowDown"), 0);
  assert.equal(walked(gridOf(8), 3, "ArrowDown", "ArrowDown", "ArrowRight"), 4);
  assert.equal(walked(gridOf(8), 3, "End"), 7);
  assert.equal(walked(gridOf(8), 3, "End", "ArrowDown", "ArrowRight"), 7);
  assert.equal(walked(gridOf(8), 3, "End", "ArrowUp", "ArrowUp", "ArrowUp"), 1);
  assert.equal(walked(gridOf(8), 3, "End", "Home", "ArrowLeft"), 0);
});

test("down to a row that is short ends on its last tile", () => {
  assert.equal(walked(gridOf(7), 3, "Home", "ArrowRight", "ArrowRight", "ArrowDown", "ArrowDown"), 6);
  assert.equal(walked(gridOf(1), 3, "ArrowRight", "ArrowDown"), 0);
  assert.equal(walked(makeGridState([]), 3, "ArrowRight"), null);
});

test("there are 6 to 48 tiles, in the steps of the buttons", () => {
  const state = gridOf(100);
  assert.equal(shownItems(state).length, 12);
  const sizes = [1, 1, 1, -1, -1, -1, -1].map((step) => {
    resizeGrid(state, nextSize(state, step));
    return state.size;
  });
  assert.deepEqual(sizes, [24, 48, 48, 24, 12, 6, 6]);
  resizeGrid(state, 1000);
  assert.equal(shownItems(state).length, GRID_SIZES.at(-1));
  resizeGrid(state, 9);
  assert.equal(shownItems(state).length, 9);
});

test("there is no next size when every item is on screen", () => {
  assert.equal(nextSize(gridOf(12), 1), 12);
  assert.equal(nextSize(gridOf(13), 1), 24);
});

test("a tile that is no longer shown keeps its mark, is not labeled, and loses the keys", () => {
  const state = gridOf(12, { value: 1 });
  markTile(state, 111);
  walked(state, 4, "End", "End");
  resizeGrid(state, 6);
  assert.equal(state.at, null);
  assert.deepEqual(answersOf(state).answers.map(({ item }) => item), rows(6));
  resizeGrid(state, 12);
  assert.deepEqual(answersOf(state).left, [111]);
});

test("after labeling, what was left comes first, and nothing is chosen for it", () => {
  const state = gridOf(14);
  setChoice(state, 1);
  markTile(state, 103);
  dropAnswered(state, answersOf(state).answers.map(({ item }) => item));
  assert.deepEqual(shownItems(state), [103, 112, 113]);
  assert.equal(tileWord(state, 103, CLASSES), "no class");
  assert.deepEqual(answersOf(state).answers, []);
  setChoice(state, 0);
  dropAnswered(state, answersOf(state).answers.map(({ item }) => item));
  assert.equal(whyNothing(state).why, "no tile is left");
  assert.equal(gridLine(state, CLASSES), "Nothing is left in this grid.");
});

test("an item that is given twice is one tile", () => {
  assert.deepEqual(makeGridState([3, 1, 3]).items, [3, 1]);
});

test("the keys of the classes come first, and other keys are not the grid's", () => {
  const actionOf = (key, classes, actions = {}) => gridActionOf(key, { classes, actions }, onPage(2, { classes, actions }, 0));
  assert.deepEqual(actionOf({ key: "2" }, ["1", "2"]), { action: "choose", value: 1 });
  assert.deepEqual(actionOf({ key: "-" }, ["+", "-"]), { action: "choose", value: 1 });
  assert.deepEqual(actionOf({ key: "-" }, ["1", ""]), { action: "fewer" });
  assert.deepEqual(actionOf({ key: " " }, ["1"], { skip: " " }), { action: "mark" });
  assert.deepEqual(actionOf({ key: "ArrowUp" }, ["1"]), { action: "move" });
  assert.deepEqual(actionOf({ key: "/" }, ["1"], { find: "/" }), { action: "find" });
  assert.equal(actionOf({ key: "3" }, ["1", "2"]), null);
  assert.equal(actionOf({ key: "f" }, ["1", "2"], { flag: "f" }), null);
});
