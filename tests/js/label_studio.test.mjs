import assert from "node:assert/strict";
import { test } from "node:test";

import { connectionText, countsText, quarantineText, taskAddress } from "../../alwidgets/widgets/static/panels/label_studio_words.js";

test("the panel counts what is there and here", () => {
  const shown = { n_open: 1, n_answers: 12, n_labeled: 11, n_samples: 200, round: 2 };
  assert.equal(countsText(shown), "1 task open, 12 answers there; 11 of 200 samples labeled, model of round 2.");
  assert.equal(countsText({ ...shown, round: 0 }), "1 task open, 12 answers there; 11 of 200 samples labeled, no model yet.");
});

test("what does not fit is counted, and that not all of it is shown", () => {
  assert.equal(quarantineText({ n_quarantined: 1, quarantined: [1] }), "1 answer does not fit");
  assert.equal(quarantineText({ n_quarantined: 3, quarantined: [1, 2, 3] }), "3 answers do not fit");
  assert.equal(quarantineText({ n_quarantined: 60, quarantined: [1, 2] }), "60 answers do not fit, of which 2 are shown");
});

test("the connection is that of the last call", () => {
  assert.equal(connectionText({ problem: "" }), "Connected.");
  assert.equal(connectionText({ problem: "it is away" }), "The last call failed.");
});

test("a task has an address of its own", () => {
  assert.equal(taskAddress("http://x/projects/1/data", 7), "http://x/projects/1/data?task=7");
});
