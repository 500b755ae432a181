import assert from "node:assert/strict";
import { test } from "node:test";

import { makeModel } from "../../alwidgets/service/static/model.js";
import { packed, unpacked } from "../../alwidgets/service/static/wire.js";

const bytes = (/** @type {DataView} */ view) => [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];

test("a message without binary parts is JSON", () => {
  assert.equal(packed({ kind: "need", items: [3] }), '{"kind":"need","items":[3]}');
  assert.deepEqual(unpacked('{"kind":"ack"}'), { message: { kind: "ack" }, buffers: [] });
});

test("a message with binary parts comes as it was sent", () => {
  const parts = [new Uint8Array([1, 2, 3]), new Uint8Array([9, 8, 7, 6]).subarray(1, 3), new ArrayBuffer(0)];
  const data = /** @type {Uint8Array} */ (packed({ kind: "rows", name: "é" }, parts));
  const { message, buffers } = unpacked(/** @type {ArrayBuffer} */ (data.buffer));
  assert.deepEqual(message, { kind: "rows", name: "é" });
  assert.deepEqual(buffers.map(bytes), [[1, 2, 3], [8, 7], []]);
});

function makeTalk() {
  /** @type {any[]} */ const said = [];
  return { open: true, said, isOpen() { return this.open; }, mostBytes: () => 200, say: (/** @type {any} */ message) => said.push(message) };
}

test("listeners hear what is new, each change by its name and all of them at once", () => {
  const model = makeModel("labeler", makeTalk());
  /** @type {string[]} */ const heard = [];
  model.on("change:_queue", () => heard.push(`queue ${model.get("_queue")}`));
  model.on("change", () => heard.push("change"));
  model.take({ _queue: [3], _status: {} });
  model.take({ _status: {} });
  assert.deepEqual(heard, ["queue 3", "change", "change"]);
});

test("who listens no more hears nothing more", () => {
  const model = makeModel("labeler", makeTalk());
  /** @type {any[]} */ const heard = [];
  const listen = (/** @type {any} */ message) => heard.push(message);
  model.on("msg:custom", listen);
  model.hear({ kind: "ack" }, []);
  model.off("msg:custom", listen);
  model.hear({ kind: "ack" }, []);
  assert.equal(heard.length, 1);
});

test("nothing is said while there is no connection, and the host shows that there is none", () => {
  const talk = makeTalk();
  const model = makeModel("labeler", talk);
  model.send({ kind: "there" });
  assert.deepEqual(talk.said, [{ part: "labeler", message: { kind: "there" } }]);
  assert.equal(model.widget_manager.kernel.connectionStatus, "connected");
  talk.open = false;
  model.send({ kind: "there" });
  assert.equal(talk.said.length, 1);
  assert.equal(model.widget_manager.kernel.connectionStatus, "connecting");
});

test("what is too long is refused here, in words, and not sent again and again", async () => {
  const talk = makeTalk();
  const model = makeModel("labeler", talk);
  const reply = new Promise((heard) => model.on("msg:custom", heard));
  model.send({ kind: "note", event_id: "one", note: "x".repeat(200) });
  assert.deepEqual(talk.said, []);
  const { kind, event_id, retry } = await reply;
  assert.deepEqual({ kind, event_id, retry }, { kind: "refused", event_id: "one", retry: false });
});

test("rows that are too many for one message are a problem in words", async () => {
  const talk = makeTalk();
  const model = makeModel("map", talk);
  const reply = new Promise((heard) => model.on("msg:custom", heard));
  model.send({ kind: "select" }, undefined, [new Uint32Array(100).buffer]);
  assert.deepEqual(talk.said, []);
  const { kind, error } = await reply;
  assert.equal(kind, "problem");
  assert.match(error, /too long to be sent/);
});
