import assert from "node:assert/strict";
import { test } from "node:test";

import { count, percent } from "../../alwidgets/widgets/static/common/figures.js";
import { answerText, choices, disputeText } from "../../alwidgets/widgets/static/common/disputes_words.js";
import {
  answersText, goldText, headText, paceText, presenceText, qualityText, weightText, workText,
} from "../../alwidgets/widgets/static/team/team_words.js";

const NOTHING = {
  name: "ann", role: "annotator", n_pages: 0, since: null, items: [], n_answers: 0, n_skipped: 0, seconds: null,
  pace: null, last_active: null, percent: null, quality: null, quality_interval: null, n_gold: 0, n_right: 0, gold: null,
  gold_interval: null, weight: 1, n_asked_again: 0, warning: "",
};
const plain = (text) => text.replaceAll("\u00a0", " ");

test("what was not measured is said to be so, and is no 0", () => {
  assert.equal(percent(null), "not measured");
  for (const text of [paceText, qualityText, goldText]) assert.equal(text(NOTHING), "not measured");
  assert.equal(plain(percent(0)), "0 %");
  assert.equal(plain(goldText({ ...NOTHING, n_gold: 4, gold: 0, gold_interval: [0, 0.49] })), "0 of 4 (0 to 49 %)");
  assert.equal(plain(qualityText({ ...NOTHING, quality: 0.5, quality_interval: [0.25, 0.75] })), "50 % (25 to 75 %)");
});

test("somebody is here, was here, or was not here yet", () => {
  const clock = (seconds) => `${seconds}`;
  assert.equal(presenceText(NOTHING, clock), "not here yet");
  assert.equal(presenceText({ ...NOTHING, last_active: 7 }, clock), "last answer 7");
  assert.equal(presenceText({ ...NOTHING, n_pages: 1, since: 9, last_active: 7 }, clock), "here since 9");
  assert.equal(workText(NOTHING), "nothing");
  assert.equal(workText({ ...NOTHING, items: [4] }), "row 4");
  assert.equal(workText({ ...NOTHING, items: [4, 7, 9] }), "row 4, then 2 more");
});

test("answers, pace and weight are as long as they need to be", () => {
  assert.equal(answersText({ ...NOTHING, n_answers: 3 }), "3");
  assert.equal(answersText({ ...NOTHING, n_answers: 3, n_skipped: 1 }), "3, 1 skipped");
  assert.equal(paceText({ ...NOTHING, seconds: 2.34, pace: 12.4 }), "2.3 s each, 12 a minute");
  assert.equal(paceText({ ...NOTHING, seconds: 12.6 }), "13 s each");
  assert.equal(paceText({ ...NOTHING, pace: 3.16 }), "3.2 a minute");
  assert.equal(weightText(NOTHING), "as usual");
  assert.equal(weightText({ ...NOTHING, weight: 0 }), "not at all");
  assert.equal(weightText({ ...NOTHING, weight: 0.5, n_asked_again: 7 }), "0.5; 7 asked again");
});

test("the head says who has a page open, and what there is to compare", () => {
  const team = { people: [NOTHING], others: [], agreement: { n_answers: 0, n_items: 0, n_doubled: 0 } };
  assert.deepEqual(headText(team), ["Nobody has a page open.", "No answers yet."]);
  const people = [{ ...NOTHING, n_pages: 2 }, { ...NOTHING, name: "bob", n_pages: 1 }];
  const agreement = { n_answers: 1200, n_items: 1, n_doubled: 1 };
  assert.deepEqual(headText({ people, others: ["vic"], agreement }), [
    "ann, bob and vic (looks on) have a page open.", "1,200 labels for 1 item, 1 of them by two people or more.",
  ]);
  assert.equal(headText({ people: people.slice(1), others: [], agreement })[0], "bob has a page open.");
  assert.equal(count(1, "pair"), "1 pair");
});

test("a dispute names everybody and what they said", () => {
  const classes = ["ham", "spam", "eggs"];
  const dispute = { item: 7, answers: [["ann", 1, 2], ["bob", 0, null], ["cy", null, 3]], note: "", flag: "" };
  assert.equal(disputeText(dispute, classes), "row 7: ann spam \u00b7 bob ham \u00b7 cy could not tell");
  assert.deepEqual(choices(dispute, classes), [1, 0, 2, null]);
  assert.equal(answerText([0, 2], classes), "ham, eggs");
  assert.equal(answerText([], classes), "none of the classes");
});

test("a dispute is settled by what was said where there are many classes, or several at once", () => {
  const many = Array.from({ length: 30 }, (_, i) => `class ${i}`);
  assert.deepEqual(choices({ item: 7, answers: [["ann", 12, 2], ["bob", 3, 1], ["cy", 12, 1]] }, many), [12, 3, null]);
  assert.deepEqual(choices({ item: 7, answers: [["ann", [0], 2], ["bob", [0, 1], 1], ["cy", [0], 1]] }, many.slice(2)), [[0], [0, 1], null]);
});
