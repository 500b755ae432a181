import assert from "node:assert/strict";
import { test } from "node:test";

import { heightIn } from "../../alwidgets/widgets/static/labeler/room.js";
import { restText } from "../../alwidgets/widgets/static/labeler/rest.js";

test("a widget and a line of code above it fit into the box that scrolls them", () => {
  assert.deepEqual(heightIn(647), { height: 583, low: false });
  assert.deepEqual(heightIn(4000), { height: 1000, low: false });
});

test("in a low box it takes the whole of it, and is never lower than a sample with its answers", () => {
  assert.deepEqual(heightIn(315), { height: 311, low: true });
  assert.deepEqual(heightIn(120), { height: 220, low: true });
});

test("of a long text it is said how many words are still to come", () => {
  const text = "word ".repeat(3000);
  assert.equal(restText(text, 0.8), "2,400 more words");
  assert.equal(restText(text, 0.001), "more below");
  assert.equal(restText("", 0.5), "more below");
});
