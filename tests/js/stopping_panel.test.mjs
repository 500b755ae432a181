import assert from "node:assert/strict";
import { test } from "node:test";

import { fieldsOf, limitText, readingText, shown, sparkline, stateOf, toGoText, verdictOf } from "../../alwidgets/widgets/static/panels/stopping_words.js";

const ROW = { possible: true, fired: false, value: 0.5, since: null };

test("a number is shown as long as it needs to be told from its threshold", () => {
  assert.deepEqual(
    [0, 1, 0.005, 0.00004, 0.12345, 0.99, 12.3456, 99.9996, 123.4, 1e6, -0.5, -250.6].map(shown),
    ["0", "1", "0.005", "0.00004", "0.123", "0.99", "12.346", "100", "123", "1000000", "-0.5", "-251"],
  );
  assert.deepEqual([null, undefined].map(shown), ["-", "-"]);
});

test("a row says whether it fired, since when, and whether it ever can", () => {
  assert.equal(stateOf(ROW), "go on");
  assert.equal(stateOf({ ...ROW, value: null }), "cannot tell yet");
  assert.equal(stateOf({ ...ROW, fired: true, since: 7 }), "fired since round 7");
  assert.equal(stateOf({ ...ROW, fired: true, since: 0 }), "fired");
  assert.equal(stateOf({ ...ROW, possible: false, value: null }), "off");
});

test("a value is held against its threshold, where there are both", () => {
  const row = { value: 0.5, threshold: 1, below: false, editable: true };
  assert.equal(readingText(row), "0.5, stop at \u2265 ");
  assert.equal(readingText({ ...row, below: true }), "0.5, stop at \u2264 ");
  assert.equal(readingText({ ...row, value: null }), "stop at \u2265 ");
  assert.equal(readingText({ ...row, threshold: null }), "0.5, stop at \u2265 ");
  assert.equal(readingText({ ...row, threshold: null, editable: false }), "0.5");
  assert.equal(readingText({ ...row, threshold: null, editable: false, value: null }), "-");
});

test("the field of the budget's row is the budget itself, with what is spent of it and its unit", () => {
  const labels = { setting: "labels", spent: 104, limit: 300, unit: "labels" };
  assert.deepEqual(limitText(labels, 1), { before: "104 of ", after: " labels (35 %)" });
  assert.deepEqual(limitText(labels, 0.5), { before: "104 of ", after: " labels (35 %, stop at 50 %)" });
  assert.deepEqual(limitText({ ...labels, limit: null }, 1), { before: "stop at ", after: " labels" });
  assert.equal(limitText({ ...labels, spent: 299 }, 1).after, " labels (99 %)");
  assert.equal(limitText({ ...labels, spent: 315 }, 1).after, " labels (105 %)");
  const cost = { setting: "cost", spent: 12.48, limit: 36, unit: "" };
  assert.deepEqual(limitText(cost, 1), { before: "12.48 of ", after: " (35 %)" });
  const row = { name: "budget", editable: true, threshold: 1, value: 0.35, below: false, limits: [labels, cost] };
  const fields = fieldsOf(row);
  assert.deepEqual(fields.map(({ label, value }) => [label, value]), [["budget in labels", 300], ["budget in money", 36]]);
  assert.deepEqual(fields.map(({ settings }) => settings(400)), [{ labels: 400 }, { cost: 400 }]);
  const [threshold] = fieldsOf({ ...row, name: "plateau", limits: null });
  assert.deepEqual([threshold.label, threshold.settings(0.01)], ["threshold of plateau", { thresholds: { plateau: 0.01 } }]);
  assert.deepEqual(fieldsOf({ ...row, name: "mine", limits: null, editable: false }), []);
});

test("labels to go are whole, with their interval where there is one", () => {
  assert.equal(toGoText(null), "");
  assert.equal(toGoText([40.4, 20.6, 99.5]), "about 40 labels to go (21 to 100)");
  assert.equal(toGoText([16.2, 15.9, 16.4]), "about 16 labels to go");
  assert.equal(toGoText([1, 1, 1]), "about 1 label to go");
  assert.equal(toGoText([0.3, 0, 12]), "may stop soon");
  assert.equal(toGoText([0, 0, 0]), "may stop soon");
});

test("a sparkline spans its box, and its threshold lies on the same scale", () => {
  const line = sparkline([0, 1, 2], 1);
  assert.deepEqual(line.points.split(" "), ["1.0,18.0", "36.0,10.0", "71.0,2.0"]);
  assert.equal(line.threshold, 10);
  const beyond = sparkline([0, 1], 4);
  assert.equal(beyond.threshold, 2);
  assert.equal(beyond.points, "1.0,18.0 71.0,14.0");
});

test("rounds that could not tell leave their place empty", () => {
  assert.equal(sparkline([0, null, 2], null).points, "1.0,18.0 71.0,2.0");
  assert.equal(sparkline([0, null, 2], null).threshold, null);
});

test("a line through equal values is level, and of less than two nothing is drawn", () => {
  assert.equal(sparkline([5, 5], null).points, "1.0,18.0 71.0,18.0");
  assert.equal(sparkline([5], 3), null);
  assert.equal(sparkline([null, null, 5], 3), null);
  assert.equal(sparkline([], null), null);
});

test("advice to stop can be put off, and no other advice is", () => {
  const [stop, go] = [{ stop: true, headline: "You may stop: budget." }, { stop: false, headline: "Keep going." }];
  assert.deepEqual(verdictOf(stop, 0), { text: "You may stop: budget.", stop: true });
  assert.deepEqual(verdictOf(stop, 150), { text: "Advice to stop is put off until 150 labels.", stop: false });
  assert.deepEqual(verdictOf(go, 150), { text: "Keep going.", stop: false });
});
