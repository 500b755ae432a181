import assert from "node:assert/strict";
import { test } from "node:test";

import { makeOutbox, messagesIn, put, sendAgain, standing, takeDue, takeReply } from "../../alwidgets/widgets/static/common/outbox.js";
import { linkTo } from "../../alwidgets/widgets/static/common/link.js";

const answer = (event_id) => ({ kind: "answer", event_id, item: 7, value: 0 });
const ids = (messages) => messages.map(({ event_id }) => event_id);

test("what waits is sent once, and again when its acknowledgement does not come, each time after twice as long", () => {
  const outbox = makeOutbox([], 0);
  put(outbox, answer("a"), 0);
  assert.deepEqual(ids(takeDue(outbox, 0)), ["a"]);
  const sentAt = [];
  for (let now = 0; now <= 200_000; now += 1000) {
    if (takeDue(outbox, now).length) sentAt.push(now);
  }
  assert.deepEqual(sentAt, [5000, 15_000, 35_000, 75_000, 135_000, 195_000]);
});

test("when the connection is back all that waits is sent, the oldest first, whatever was sent before", () => {
  const outbox = makeOutbox([answer("a"), answer("b")], 0);
  takeDue(outbox, 0);
  put(outbox, answer("c"), 5);
  takeDue(outbox, 10);
  assert.deepEqual(takeDue(outbox, 20), []);
  sendAgain(outbox);
  // It waits since it was given, however often it is sent.
  assert.equal(standing(outbox, 4000).late, true);
  assert.deepEqual(ids(takeDue(outbox, 20)), ["a", "b", "c"]);
  assert.deepEqual(takeDue(outbox, 20), []);
});

test("an acknowledged answer is not sent again, and the acknowledgement of another does not hide one that waits", () => {
  const outbox = makeOutbox([answer("a"), answer("b")], 0);
  takeDue(outbox, 0);
  outbox.delete("b");
  put(outbox, { kind: "undo", event_id: "u" }, 3999);
  takeDue(outbox, 3999);
  assert.deepEqual(standing(outbox, 3999), { nAnswers: 1, nOthers: 1, late: false, error: "" });
  outbox.delete("u");
  assert.deepEqual(standing(outbox, 4000), { nAnswers: 1, nOthers: 0, late: true, error: "" });
  assert.deepEqual(ids(takeDue(outbox, 5000)), ["a"]);
  assert.equal(standing(outbox, 5000).late, true);
  outbox.delete("a");
  assert.deepEqual(standing(outbox, 9000), { nAnswers: 0, nOthers: 0, late: false, error: "" });
});

test("what could not be saved is tried again soon, and says why until it is saved", () => {
  const outbox = makeOutbox([answer("a")], 0);
  takeDue(outbox, 0);
  const refusal = { kind: "refused", retry: true, error: "The disk is full." };
  assert.equal(takeReply(outbox, { ...refusal, event_id: "a" }).event_id, "a");
  assert.equal(takeReply(outbox, { ...refusal, event_id: "unknown" }), undefined);
  assert.equal(standing(outbox, 100).error, "The disk is full.");
  assert.deepEqual(takeDue(outbox, 2999), []);
  assert.deepEqual(messagesIn(outbox), takeDue(outbox, 3000));
  assert.deepEqual(takeReply(outbox, { kind: "ack", event_id: "a" }), answer("a"));
  assert.deepEqual(messagesIn(outbox), []);
});

test("of changes of the same thing the later is sent when the earlier is acknowledged, and never comes before it", () => {
  const outbox = makeOutbox([], 0);
  const change = (event_id, about) => ({ kind: "label", event_id, about });
  for (const message of [change("a", 7), change("b", 8), change("c", 7), change("d"), change("e", 7)]) put(outbox, message, 0);
  assert.deepEqual(ids(takeDue(outbox, 0)), ["a", "b", "d"]);
  // The acknowledgement of "a" is lost: it is sent again, and nothing that came after it is overwritten.
  assert.deepEqual(ids(takeDue(outbox, 5000)), ["a", "b", "d"]);
  sendAgain(outbox);
  assert.deepEqual(ids(takeDue(outbox, 5001)), ["a", "b", "d"]);
  takeReply(outbox, { kind: "ack", event_id: "a" });
  assert.deepEqual(ids(takeDue(outbox, 5002)), ["c"]);
  takeReply(outbox, { kind: "refused", event_id: "c", error: "No such class." });
  assert.deepEqual(ids(takeDue(outbox, 5003)), ["e"]);
});

test("a page knows of its kernel what its host shows", () => {
  const link = (kernel) => linkTo({ widget_manager: { kernel } });
  assert.equal(linkTo({}), "unknown");
  assert.equal(linkTo({ widget_manager: {} }), "unknown");
  assert.equal(link(null), "gone");
  assert.equal(link({ isDisposed: true }), "gone");
  assert.equal(link({ connectionStatus: "connecting", status: "idle" }), "lost");
  assert.equal(link({ connectionStatus: "connected", status: "idle" }), "idle");
  assert.equal(link({ connectionStatus: "connected", status: "busy" }), "busy");
  assert.equal(link({}), "idle");
});
