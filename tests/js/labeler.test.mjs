import assert from "node:assert/strict";
import { test } from "node:test";

import {
  answer, answerable, answerTogether, makeQueueState, missingPayloads, noteOf, revisit, setQueue, settle, tellable,
  toggle, undo, untilOverdue,
} from "../../alwidgets/widgets/static/labeler/queue_state.js";
import { givenAnswers, walk } from "../../alwidgets/widgets/static/labeler/answers_given.js";
import { milestone } from "../../alwidgets/widgets/static/labeler/milestones.js";
import { firstWords } from "../../alwidgets/widgets/static/labeler/recent_answers.js";
import { headline, onlyInWords } from "../../alwidgets/widgets/static/labeler/headline.js";
import { keptText, lacking } from "../../alwidgets/widgets/static/labeler/help.js";
import { actionOf, beyondPage, found, keyName, onPage, pages } from "../../alwidgets/widgets/static/common/keys.js";
import { placeFrom } from "../../alwidgets/widgets/static/labeler/stops.js";
import { messagesIn, put } from "../../alwidgets/widgets/static/common/outbox.js";
import { heldText, lightText, statusText, waitingText } from "../../alwidgets/widgets/static/common/status_text.js";

const NOW = { now: 5000, round: 1, as_of: 9 };

function stateOf(items, { drawn = items } = {}) {
  const state = makeQueueState();
  drawn.forEach((item) => state.payloads.set(item, { type: "text", text: String(item) }));
  setQueue(state, items, []);
  return state;
}

test("an answer names the item on screen, and the next one is there at once", () => {
  const state = stateOf([7, 8]);
  state.shownAt = 3000;
  const message = answer(state, 2, { event_id: "a", ...NOW });
  assert.deepEqual(message, {
    kind: "answer", event_id: "a", item: 7, value: 2, round: 1, as_of: 9, shown_at: 3, seconds: 2,
  });
  assert.equal(state.current, 8);
});

test("what has not been drawn cannot be answered", () => {
  const state = stateOf([7], { drawn: [] });
  assert.equal(answerable(state), false);
  assert.equal(answer(state, 0, { event_id: "a", ...NOW }), null);
});

test("a re-ranked queue leaves what is on screen where it is", () => {
  const state = stateOf([7, 8]);
  setQueue(state, [3, 4], [7, 8]);
  assert.equal(state.current, 7);
  answer(state, 0, { event_id: "a", ...NOW });
  assert.equal(state.current, 3);
});

const CHOSEN = { since: 5, items: [3, 4] };

test("what was chosen to be asked alone comes at once, and what was on screen is asked again later", () => {
  const state = stateOf([7, 8]);
  setQueue(state, [], [7, 8], { since: 5, items: [] });
  assert.equal(state.current, 7);
  setQueue(state, [8, 3, 4], [7], CHOSEN);
  assert.equal(state.current, 3);
  setQueue(state, [7, 8], [3, 4], { since: 9, items: [] });
  assert.equal(state.current, 3);
  state.payloads.set(3, { type: "text", text: "" });
  answer(state, 0, { event_id: "a", ...NOW });
  assert.equal(state.current, 7);
  assert.deepEqual([...state.answered.keys()], [3]);
});

test("it comes once for each choice: what is to measure is asked all the same", () => {
  const state = stateOf([7, 8]);
  setQueue(state, [7, 3, 4], [8], CHOSEN);
  assert.equal(state.current, 3);
  state.payloads.set(3, { type: "text", text: "" });
  answer(state, 0, { event_id: "a", ...NOW });
  assert.equal(state.current, 7);
  setQueue(state, [7, 4], [8], { since: 5, items: [4] });
  assert.equal(state.current, 7);
  setQueue(state, [7, 4, 9], [8], { since: 7, items: [9] });
  assert.equal(state.current, 9);
});

test("what was begun, is among what was chosen or came back to be changed stays", () => {
  const begun = stateOf([7, 8]);
  toggle(begun, 1);
  toggle(begun, 1);
  const among = stateOf([4, 8]);
  const revisited = stateOf([7, 8]);
  revisit(revisited, 2);
  const undone = stateOf([7, 8]);
  answer(undone, 0, { event_id: "a", ...NOW });
  undo(undone, "u");
  for (const [state, item] of [[begun, 7], [among, 4], [revisited, 2], [undone, 7]]) {
    setQueue(state, [3, 4], [7, 8], CHOSEN);
    setQueue(state, [3, 4], [7, 8], CHOSEN);
    assert.equal(state.current, item);
  }
});

test("a page that opens after the choice shows what is asked first", () => {
  const state = makeQueueState();
  setQueue(state, [], [], { since: 0, items: [] });
  for (let n = 0; n < 2; n++) {
    setQueue(state, [7, 3, 4], [], CHOSEN);
    assert.equal(state.current, 7);
  }
});

test("an item answered in another tab leaves the screen", () => {
  const state = stateOf([7, 8]);
  setQueue(state, [8], []);
  assert.equal(state.current, 8);
});

test("a stale queue does not bring back what was just answered", () => {
  const state = stateOf([7, 8]);
  answer(state, 0, { event_id: "a", ...NOW });
  setQueue(state, [7, 8], []);
  assert.equal(state.current, 8);
  answer(state, 0, { event_id: "b", ...NOW });
  assert.equal(state.current, null);
});

test("an item undone elsewhere after its acknowledgement is asked again", () => {
  const state = stateOf([7]);
  answer(state, 0, { event_id: "a", ...NOW });
  setQueue(state, [], []);
  settle(state, { kind: "ack", event_id: "a" });
  setQueue(state, [7], []);
  assert.equal(state.current, 7);
});

test("undo shows the last item at once and names its answer", () => {
  const state = stateOf([7, 8]);
  answer(state, 0, { event_id: "a", ...NOW });
  const message = undo(state, "u");
  assert.deepEqual(message, { kind: "undo", event_id: "u", target: "a" });
  assert.equal(state.current, 7);
  // The acknowledgement of the answer arrives late, with a queue from before the undo.
  setQueue(state, [8], []);
  settle(state, { kind: "ack", event_id: "a" });
  assert.equal(state.current, 7);
});

test("an answer undone before it could be saved is never sent again", () => {
  const state = stateOf([7, 8]);
  answer(state, 0, { event_id: "a", ...NOW });
  settle(state, { kind: "refused", event_id: "a", retry: true, error: "disk full" });
  undo(state, "u");
  assert.deepEqual([...state.waiting.keys()], ["u"]);
  assert.equal(settle(state, { kind: "refused", event_id: "a", retry: true }), undefined);
});

test("an acknowledged answer is not asked again while the kernel's queue is not renewed", () => {
  const state = stateOf([7, 8]);
  answer(state, 0, { event_id: "a", ...NOW });
  settle(state, { kind: "ack", event_id: "a" });
  answer(state, 0, { event_id: "b", ...NOW });
  assert.equal(state.current, null);
});

test("a long queue is fetched in small parts until all of it is there", () => {
  const state = stateOf(Array.from({ length: 100 }, (_, i) => i), { drawn: [] });
  const fetched = new Set();
  for (let items = missingPayloads(state, 0); items.length; items = missingPayloads(state, 0)) {
    assert.ok(items.length <= 4);
    for (const item of items) {
      fetched.add(item);
      state.needed.delete(item);
      state.payloads.set(item, { type: "text", text: "" });
    }
    if (state.current !== null) answer(state, 0, { event_id: `e${fetched.size}`, ...NOW });
  }
  assert.ok(fetched.size > 32);
});

test("undo of an answer from before a reload waits for the kernel to name the item", () => {
  const state = stateOf([8]);
  assert.equal(undo(state, "u").target, null);
  assert.equal(answer(state, 0, { event_id: "a", ...NOW }), null);
  state.payloads.set(7, { type: "text", text: "7" });
  settle(state, { kind: "ack", event_id: "u", items: [7] });
  assert.equal(state.current, 7);
  assert.equal(answerable(state), true);
});

test("an answer that could not be saved stays and is sent again; a refused one comes back", () => {
  const state = stateOf([7, 8]);
  const message = answer(state, 0, { event_id: "a", ...NOW });
  assert.equal(settle(state, { kind: "refused", event_id: "a", retry: true }), message);
  assert.equal(state.waiting.size, 1);
  settle(state, { kind: "refused", event_id: "a", retry: false });
  assert.equal(state.waiting.size, 0);
  answer(state, 0, { event_id: "b", ...NOW });
  assert.equal(state.current, 7);
});

test("unacknowledged answers of an earlier page are sent again", () => {
  const message = { kind: "answer", event_id: "a", item: 7, value: 0 };
  assert.deepEqual(messagesIn(makeQueueState([message]).waiting), [message]);
});

test("each item is fetched once, the one on screen first", () => {
  const state = stateOf([7, 8, 9], { drawn: [8] });
  assert.deepEqual(missingPayloads(state, 0), [7, 9]);
  assert.deepEqual(missingPayloads(state, 4000), []);
});

test("what was asked for and did not come is asked for again, each time after twice as long, and others meanwhile", () => {
  const state = stateOf([1, 2, 3, 4, 5, 6], { drawn: [] });
  assert.deepEqual(missingPayloads(state, 0), [1, 2, 3, 4]);
  assert.equal(untilOverdue(state, 1000), 4000);
  assert.deepEqual(missingPayloads(state, 5000), [1, 2, 3, 4]);
  assert.deepEqual(missingPayloads(state, 14_999), []);
  state.needed.delete(1);
  state.payloads.set(1, { type: "text", text: "1" });
  assert.deepEqual(missingPayloads(state, 14_999), [5]);
  assert.deepEqual(missingPayloads(state, 15_000), [2, 3, 4]);
  assert.equal(untilOverdue(state, 15_000), 4999);
  assert.equal(untilOverdue(makeQueueState(), 0), null);
});

test("what the model was said to take samples for goes with the answers that were given together", () => {
  const state = stateOf([7, 8]);
  const moment = { newId: () => "id", since: 0, ...NOW, via: "grid" };
  assert.equal(answerTogether(state, [{ item: 7, value: 1 }], { ...moment, suggested: 1 })[0].suggested, 1);
  assert.equal("suggested" in answerTogether(state, [{ item: 8, value: 1 }], moment)[0], false);
});

test("what is shown in little below is asked for last, and kept", () => {
  const state = stateOf([1, 2], { drawn: [1] });
  state.history = [8, 9];
  state.payloads.set(9, { type: "text", text: "9" });
  assert.deepEqual(missingPayloads(state, 0), [2, 8]);
  setQueue(state, [2], []);
  assert.ok(state.payloads.has(9));
});

test("the note that is there is opened, what was sent last before what the kernel told", () => {
  const state = stateOf([7]);
  assert.deepEqual(noteOf(state, 7, false), { item: 7, kind: "note", text: "" });
  state.remarks.set(7, ["blurred", "ask Eva"]);
  assert.equal(noteOf(state, 7, true).text, "blurred");
  put(state.waiting, { kind: "note", event_id: "a", item: 7, note: "" });
  assert.deepEqual(noteOf(state, 7, false), { item: 7, kind: "note", text: "" });
  // A flag has a note of its own.
  assert.deepEqual(noteOf(state, 7, true), { item: 7, kind: "flag", text: "ask Eva" });
  put(state.waiting, { kind: "flag", event_id: "b", item: 7, on: true, note: "smudged" });
  assert.equal(noteOf(state, 7, true).text, "smudged");
  assert.equal(noteOf(state, 8, true).text, "");
});

const KEYS = { classes: ["1", "2"], actions: { skip: " ", undo: "Backspace", flag: "f" } };

test("a key without a class or an action does nothing", () => {
  const shown = onPage(2, KEYS, 0);
  assert.deepEqual(actionOf({ key: "2" }, KEYS, shown), { action: "answer", value: 1 });
  assert.equal(actionOf({ key: "3" }, KEYS, shown), null);
  assert.equal(actionOf({ key: "j" }, KEYS, shown), null);
  assert.deepEqual(actionOf({ key: " " }, KEYS, shown), { action: "skip" });
  assert.deepEqual(actionOf({ key: "F" }, KEYS, shown), { action: "flag" });
});

test("a key that writes another alphabet, or a sign, does what its place says", () => {
  const keys = { classes: ["1", "2"], actions: { unsure: "u", flag: "f", help: "?" } };
  const shown = onPage(2, keys, 0);
  const done = (key, code, shiftKey = false) => actionOf({ key, code, shiftKey }, keys, shown);
  // French: digits are signs, and come with Shift. Russian: other letters. Japanese: kana, and keys that are dead.
  assert.deepEqual(done("&", "Digit1"), { action: "answer", value: 0 });
  assert.deepEqual(done("\u00e9", "Digit2"), { action: "answer", value: 1 });
  assert.deepEqual(done("2", "Digit2", true), { action: "answer", value: 1 });
  assert.deepEqual(done("\u0433", "KeyU"), { action: "unsure" });
  assert.deepEqual(done("\u306f", "KeyF"), { action: "flag" });
  assert.deepEqual(done("Dead", "Digit2"), { action: "answer", value: 1 });
  // What is written counts first; a sign with Shift, and a Latin letter, mean themselves.
  const own = { classes: ["&", "1"], actions: {} };
  assert.deepEqual(actionOf({ key: "&", code: "Digit1" }, own, onPage(2, own, 0)), { action: "answer", value: 0 });
  assert.equal(done("!", "Digit1", true), null);
  assert.deepEqual(done("?", "KeyM", true), { action: "help" });
  assert.equal(done("a", "KeyU"), null);
  assert.equal(done("F1", "F1"), null);
  assert.equal(done("\u0448", "KeyI"), null);
});

test("of more than ten classes the page that is turned up has the digits", () => {
  const keys = { classes: [..."1234567890", "", "", ""], actions: {} };
  assert.equal(pages(13), 2);
  assert.deepEqual(onPage(13, keys, 0).map(({ key }) => key), [..."1234567890"]);
  assert.deepEqual(onPage(13, keys, 1), [{ value: 10, key: "1" }, { value: 11, key: "2" }, { value: 12, key: "3" }]);
  assert.deepEqual(actionOf({ key: "3" }, keys, onPage(13, keys, 1)), { action: "answer", value: 12 });
  assert.equal(actionOf({ key: "4" }, keys, onPage(13, keys, 1)), null);
});

test("classes are found by a part of their names, those that begin with it first", () => {
  assert.deepEqual(found(["wild cat", "Cat", "dog", "cattle"], "cat"), [1, 3, 0]);
  assert.deepEqual(found(["a", "b"], "x"), []);
  // In any order, and as it was typed first.
  assert.deepEqual(found(["blue owl", "owl", "owl of blue", "blue tit"], "owl blue"), [0, 2]);
  assert.deepEqual(found(["great blue owl", "owl blue"], "owl  BLUE"), [1, 0]);
});

test("keys are written as on a keyboard", () => {
  assert.deepEqual([" ", "ArrowLeft", "f", "Backspace"].map(keyName), ["Space", "\u2190", "F", "Backspace"]);
});

test("an answer that comes back is changed, or left as it is by undo", () => {
  const state = stateOf([7, 8]);
  revisit(state, 5);
  state.payloads.set(5, { type: "text", text: "5" });
  assert.equal(state.current, 5);
  setQueue(state, [7, 8, 9], []);
  assert.equal(state.current, 5);
  assert.equal(undo(state, "u"), null);
  assert.equal(state.current, 7);
  revisit(state, 5);
  assert.equal(answer(state, 1, { event_id: "a", ...NOW }).item, 5);
  assert.equal(state.current, 7);
});

test("several classes are chosen and undone before they are sent, and the next sample has none", () => {
  const state = stateOf([7, 8]);
  [2, 0, 2].forEach((value) => toggle(state, value));
  assert.deepEqual([...state.chosen], [0]);
  answer(state, [...state.chosen], { event_id: "a", ...NOW });
  assert.deepEqual([...state.chosen], []);
});

test("a repeat is answered as one, and a changed answer is none", () => {
  const state = stateOf([7, 8]);
  state.repeats = new Set([7]);
  assert.equal(answer(state, 1, { event_id: "a", ...NOW }).again, true);
  revisit(state, 7);
  assert.equal("again" in answer(state, 0, { event_id: "b", ...NOW }), false);
});

test("a second answer that is undone is given again as one", () => {
  const state = stateOf([7, 8]);
  state.repeats = new Set([7]);
  answer(state, 1, { event_id: "a", ...NOW });
  state.repeats = new Set();
  undo(state, "u");
  assert.equal(answer(state, 0, { event_id: "b", ...NOW }).again, true);
  assert.equal("again" in answer(state, 0, { event_id: "c", ...NOW }), false);
});

test("of what cannot be shown no class can be told, and it can be skipped", () => {
  const state = stateOf([7]);
  state.payloads.set(7, { type: "error", text: "broken" });
  assert.equal(tellable(state), false);
  assert.equal(answerable(state), true);
});

test("the digits of a page leave those of actions alone, and a key of its own serves on every page", () => {
  const keys = { classes: [..."234567890", "", "q", ""], actions: { skip: "1" } };
  assert.deepEqual(onPage(12, keys, 1).map(({ key }) => key), ["q", "2"]);
  assert.deepEqual(actionOf({ key: "1" }, keys, onPage(12, keys, 1)), { action: "skip" });
  assert.deepEqual(actionOf({ key: "Q" }, keys, onPage(12, keys, 0)), { action: "answer", value: 10 });
});

test("what the model suggested on screen goes with the answer, and not with the next", () => {
  const state = stateOf([7, 8]);
  state.suggested = 1;
  assert.equal(answer(state, 0, { event_id: "a", ...NOW }).suggested, 1);
  assert.equal("suggested" in answer(state, 0, { event_id: "b", ...NOW }), false);
});

test("that only some samples are asked is said apart from the header's one line", () => {
  assert.equal(onlyInWords({ n_only: 1373 }), "asking only among 1,373 chosen");
  assert.equal(onlyInWords({ n_only: 0 }), "");
});

test("without a journal neither the header nor the help says that anything is saved, and what a cold start is", () => {
  const status = {
    saved_as: null, round: 0, n_labeled: 2, n_skipped: 0, budget: 9, cost: "", labels_per_minute: 0,
    n_learned: 0, n_behind: 2, phase: "cold start", counts: [2, 0], busy: false,
  };
  const words = headline(status);
  assert.equal(words[0], "kept in this kernel only");
  assert.doesNotMatch(words.join(" ") + keptText(false), /saved/);
  assert.equal(keptText(true), "Every answer is saved at once.");
  assert.ok(headline(status, 3).includes("3 flagged"));
  assert.ok(words.includes("exploring: 1 of 2 classes seen"));
  assert.ok(headline({ ...status, round: 1, phase: "margin" }).includes("asking the most uncertain"));
  assert.ok(headline({ ...status, round: 1, phase: "badge" }).includes("strategy: badge"));
  // One of several people is told nothing that moves with the answers of the others.
  assert.doesNotMatch(headline({ ...status, phase: "" }).join(), /seen|strategy/);
});

const NOTHING = { nAnswers: 0, nOthers: 0, late: false, error: "" };
const FINE = { alive: true, link: "idle", waiting: NOTHING, session: { saved: true, lock_owner: "" }, lines: [""] };

test("when nothing is wrong nothing is said, also while an answer is on its way", () => {
  assert.equal(statusText(FINE), "");
  assert.equal(statusText({ ...FINE, link: "lost" }), "");
  assert.equal(statusText({ ...FINE, waiting: { ...NOTHING, nAnswers: 1 } }), "");
});

test("of a kernel that is gone it is said what is lost, and how many answers wait", () => {
  const gone = { ...FINE, alive: false, waiting: { ...NOTHING, nAnswers: 2 } };
  assert.match(statusText(gone), /run the cell again to go on\. 2 answers wait in this browser, and will be sent then\.$/);
  assert.match(statusText({ ...gone, session: { ...FINE.session, saved: false } }), /its labels were in memory only\.$/);
});

test("each problem has its line", () => {
  const session = { ...FINE.session, lock_owner: "process 7 on box, since noon" };
  const waiting = { nAnswers: 1, nOthers: 0, late: true, error: "The disk is full." };
  const lines = statusText({ ...FINE, waiting, session, lines: ["No such class.", "", "The fit failed."] }).split("\n");
  assert.equal(lines.length, 4);
  assert.match(lines[0], /^Another kernel has this session open \(process 7 on box, since noon\), so here it can only be read\./);
  assert.deepEqual(lines.slice(1), ["No such class.", "The fit failed.", "The disk is full. (1 answer waits in this browser)"]);
});

test("while the connection is lost every answer that waits is counted, and a busy kernel is not taken for it", () => {
  const said = (changes) => statusText({ ...FINE, ...changes });
  const eight = { ...NOTHING, nAnswers: 8, late: true };
  assert.equal(said({ link: "lost", waiting: { ...eight, late: false } }), "Connection lost. 8 answers are not saved yet.");
  assert.equal(said({ waiting: eight }), "Connection lost. 8 answers are not saved yet.");
  assert.equal(said({ link: "busy", waiting: eight }), "The kernel is busy, or out of reach. 8 answers are not saved yet.");
  assert.equal(said({ link: "unknown", waiting: eight }), "The kernel does not answer. 8 answers are not saved yet.");
  assert.equal(said({ link: "lost", waiting: { ...NOTHING, nAnswers: 1, nOthers: 2 } }), "Connection lost. 1 answer and 2 changes are not saved yet.");
  assert.equal(said({ link: "lost", waiting: { ...NOTHING, nOthers: 1 } }), "Connection lost. 1 change is not saved yet.");
});

test("without a journal nothing is said to be saved", () => {
  const session = { ...FINE.session, saved: false };
  assert.equal(
    statusText({ ...FINE, link: "lost", session, waiting: { ...NOTHING, nAnswers: 1 } }),
    "Connection lost. 1 answer has not reached the kernel yet.",
  );
});

test("who holds a session, what happens when it is taken over, and what to do with a copy of its folder is said in words", () => {
  assert.equal(heldText(""), "");
  const words = heldText("process 7 on box, since noon");
  assert.match(words, /take the session over to go on here: it can write no more to this folder then/);
  assert.match(words, /If this folder is a copy, the other kernel has the original open: take the copy over.*alw\.merge/);
});

test("an empty card says why it is empty", () => {
  const end = { exhausted: true, n_labeled: 300, n_skipped: 4, n_behind: 0, busy: false, agreement: "", cost: "36.00 EUR" };
  assert.equal(
    waitingText(end, true),
    "Every sample has an answer.\n300 labels, 4 skipped, 36.00 EUR. The model has learned all of them.",
  );
  assert.match(waitingText({ ...end, n_behind: 6 }, true), /The last answers are being learned\.$/);
  assert.equal(waitingText({ error: "The fit failed." }, true), "Loading the next sample ...");
  assert.equal(waitingText({ error: "The fit failed." }, false), "There is no question to show; see above.");
  assert.equal(waitingText({ waits: "Nothing is disputed." }, true), "Loading the next sample ...");
  assert.equal(waitingText({ waits: "Nothing is disputed.", error: "The fit failed." }, false), "Nothing is disputed.");
  assert.equal(waitingText({}, false), "Choosing what to ask next ...");
});

test("left goes back through the answers with what was given, and right forth to the question", () => {
  const state = stateOf([1, 2, 3]);
  answer(state, 1, { ...NOW, event_id: "a" });
  answer(state, [0, 2], { ...NOW, event_id: "b" });
  // Before this page was opened; the newer answer to a sample counts.
  const given = givenAnswers(state, [["b", 2, [0, 2], false], ["old", 9, 0, false], ["older", 1, 0, false]]);
  assert.deepEqual(given, [{ item: 2, value: [0, 2] }, { item: 1, value: 1 }, { item: 9, value: 0 }]);
  assert.equal(walk(state, given, -1), false);
  const seen = [1, 1, 1].map((step) => walk(state, given, step) && [state.current, [...state.chosen]]);
  assert.deepEqual(seen, [[2, [0, 2]], [1, [1]], [9, [0]]]);
  assert.equal(walk(state, given, 1), false);
  walk(state, given, -1);
  walk(state, given, -1);
  assert.equal(walk(state, given, -1) && state.current, 3);
  assert.equal(state.revisited, false);
});

test("what was undone has the classes chosen that it had", () => {
  const state = stateOf([1, 2]);
  answer(state, [0, 2], { ...NOW, event_id: "a" });
  undo(state, "u");
  assert.deepEqual([state.current, [...state.chosen]], [1, [0, 2]]);
});

test("a digit with Shift is one of the next ten classes, where a keyboard writes digits without it", () => {
  const many = onPage(25, { classes: [..."1234567890"], actions: {} }, 0);
  assert.equal(beyondPage({ key: "!", code: "Digit1", shiftKey: true }, many), 10);
  assert.equal(beyondPage({ key: ")", code: "Digit0", shiftKey: true }, many), 19);
  assert.equal(beyondPage({ key: "1", code: "Digit1", shiftKey: true }, many), null);
  assert.equal(beyondPage({ key: "!", code: "Digit1", shiftKey: true }, onPage(9, { classes: [], actions: {} }, 0)), null);
  assert.equal(beyondPage({ key: "A", code: "KeyA", shiftKey: true }, many), null);
});

test("a class is found by its letters, and of several the one that was answered last comes first", () => {
  const owls = ["blue owl", "red owl", "barn owl", "swallow"];
  assert.deepEqual(found(owls, "owl blue"), [0]);
  assert.deepEqual(found(owls, "owl"), [1, 0, 2]);
  assert.deepEqual(found(owls, "b", [2]), [2, 0]);
  assert.deepEqual(found(owls, "swl"), [3]);
  assert.deepEqual(found(owls, "zz"), []);
});

test("the light says whether all is saved, and flickers at no single answer", () => {
  const standing = (nAnswers, more = {}) => ({ nAnswers, nOthers: 0, late: false, error: "", ...more });
  const now = (nAnswers, more = {}, link = "live") => ({ alive: true, link, waiting: standing(nAnswers, more) });
  const kept = { saved: true, lock_owner: "" };
  assert.deepEqual(lightText(now(0), kept), { text: "", state: "saved" });
  assert.deepEqual(lightText(now(1), kept), { text: "", state: "sending" });
  assert.deepEqual(lightText(now(3), kept), { text: "3 sending", state: "sending" });
  assert.deepEqual(lightText(now(3, { late: true }), kept), { text: "3 not saved", state: "unsaved" });
  assert.deepEqual(lightText(now(1, {}, "lost"), kept), { text: "1 not saved", state: "unsaved" });
  assert.equal(lightText(now(0), { saved: false, lock_owner: "" }).state, "unsaved");
});

test("every fifty labels, and when every class has one, a few words say so", () => {
  const at = (n_labeled, counts, labels_per_minute = 0) => ({ n_labeled, counts, labels_per_minute });
  assert.equal(milestone(at(49, [40, 9]), at(50, [40, 10], 24)), "50 labels, 24 a minute");
  assert.equal(milestone(at(50, [40, 10]), at(51, [41, 10])), "");
  assert.equal(milestone(at(96, [1, 1]), at(144, [1, 1])), "100 labels");
  assert.equal(milestone(at(3, [3, 0]), at(4, [3, 1])), "every class has a label now");
  // A class that was added is no news of the others.
  assert.equal(milestone(at(3, [3, 0]), at(4, [4])), "");
});

test("the history has the first words of a text, or the first value of a row", () => {
  assert.equal(firstWords({ type: "text", text: "  Dear  customer, pay now" }), "Dear customer, p\u2026");
  assert.equal(firstWords({ type: "row", cells: [["subject", "Invoice"]], context: [] }), "Invoice");
  assert.equal(firstWords({ type: "error", text: "broken" }), "");
  assert.equal(firstWords(undefined), "");
});

test("the list of keys has none that the task lacks", () => {
  const plain = { kind: "single", question: "", instructions: "", suggest: "never", highlight: [], near_duplicates: true };
  assert.deepEqual(lacking(plain, 3), ["suggest", "instructions", "find"]);
  assert.deepEqual(lacking({ ...plain, kind: "multi", suggest: 0.9, instructions: "Read." }, 30), ["near_duplicates", "grid"]);
});

test("arrows go round a group of buttons, Home and End to its ends, and no other key anywhere", () => {
  const from = (at, ...keys) => keys.map((key) => placeFrom(at, 3, key));
  assert.deepEqual(from(1, "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"), [0, 2, 0, 2, 0, 2]);
  assert.deepEqual([placeFrom(0, 3, "ArrowLeft"), placeFrom(2, 3, "ArrowDown"), placeFrom(0, 1, "ArrowDown")], [2, 0, 0]);
  assert.deepEqual(from(1, "x", "Tab", "Enter"), [null, null, null]);
  assert.equal(placeFrom(-1, 3, "Home"), null);
});

test("where a class is sought it is said what is found, and only advice to stop has its own place", () => {
  const status = { saved_as: "a.alw", n_labeled: 2, round: 0, counts: [1, 1], phase: "", advice: "1 of 'spam' are found.", may_stop: false };
  assert.ok(headline(status).includes("1 of 'spam' are found."));
  assert.ok(!headline({ ...status, may_stop: true }).includes("1 of 'spam' are found."));
});
