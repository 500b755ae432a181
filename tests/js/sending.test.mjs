import assert from "node:assert/strict";
import { test } from "node:test";

import { makeOutbox, messagesIn } from "../../alwidgets/widgets/static/common/outbox.js";
import { makePutOff } from "../../alwidgets/widgets/static/common/put_off.js";
import { makeSending } from "../../alwidgets/widgets/static/common/sending.js";
import { makeStorage } from "../../alwidgets/widgets/static/common/storage.js";

/** What a page has of these. */
function withPage(then) {
  const kept = new Map();
  const methods = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
  const localStorage = new Proxy(methods, {
    ownKeys: () => [...kept.keys()],
    getOwnPropertyDescriptor: (_, key) => kept.has(key) ? { value: kept.get(key), enumerable: true, configurable: true } : undefined,
  });
  Object.defineProperty(globalThis, "localStorage", { value: localStorage, configurable: true });
  globalThis.window = new EventTarget();
  return then(kept);
}

/** A kernel's end of a widget, that can be out of reach. */
function makeModel() {
  const handlers = new Map();
  return {
    sent: [],
    gone: false,
    send(message) {
      if (this.gone) throw new Error("no kernel");
      this.sent.push(message);
    },
    on: (name, handler) => handlers.set(name, [...(handlers.get(name) ?? []), handler]),
    off: (name, handler) => handlers.set(name, handlers.get(name).filter((each) => each !== handler)),
    fire: (name, ...what) => (handlers.get(name) ?? []).forEach((handler) => handler(...what)),
    handlers,
  };
}

const change = (event_id, more) => ({ kind: "label", event_id, item: 7, ...more });
const ids = (messages) => messages.map(({ event_id }) => event_id);

test("a change is kept until it is acknowledged, also over a reload, and is then forgotten", () => withPage(() => {
  const opened = () => {
    const [model, storage] = [makeModel(), makeStorage("s", "review")];
    const outbox = makeOutbox(storage.load());
    return { model, outbox, sending: makeSending({ model, outbox, storage, draw() {} }) };
  };
  const before = opened();
  before.sending.post(change("a"));
  before.sending.post(change("b"), false);
  assert.deepEqual(ids(before.model.sent), ["a", "b"]);
  before.sending.close();
  const after = opened();
  assert.deepEqual(ids(after.model.sent), ["a"]);
  assert.deepEqual(after.sending.settled({ kind: "refused", event_id: "a", retry: true, error: "The disk is full." }), change("a"));
  assert.equal(after.sending.standing().waiting.error, "The disk is full.");
  assert.deepEqual(ids(makeStorage("s", "review").load()), ["a"]);
  assert.deepEqual(after.sending.settled({ kind: "ack", event_id: "a" }), change("a"));
  assert.deepEqual([makeStorage("s", "review").load(), after.sending.waiting()], [[], []]);
  assert.equal(after.sending.settled({ kind: "ack", event_id: "another page's" }), undefined);
  after.sending.close();
  assert.deepEqual([...after.model.handlers.values()].flat(), []);
}));

test("when the kernel is back what waits is sent, and then what waited for that", () => withPage(() => {
  const [model, outbox] = [makeModel(), makeOutbox()];
  const drawn = [];
  const sending = makeSending({
    model, outbox, storage: makeStorage("s", "map"),
    draw: () => drawn.push(sending.isAlive()),
    back: () => sending.send({ kind: "need" }),
  });
  model.gone = true;
  sending.post(change("a", { about: 7 }));
  sending.post(change("b", { about: 7 }));
  assert.equal(sending.isAlive(), false);
  assert.deepEqual(ids(messagesIn(outbox)), ["a", "b"]);
  model.gone = false;
  model.fire("comm_live_update");
  assert.deepEqual(model.sent, [{ kind: "there" }, change("a", { about: 7 }), { kind: "need" }]);
  assert.equal(drawn.at(-1), true);
  sending.settled({ kind: "ack", event_id: "a" });
  assert.equal(model.sent.at(-1).event_id, "b");
  sending.close();
}));

test("who leaves the page is asked while something waits", () => withPage(() => {
  const [model, outbox] = [makeModel(), makeOutbox()];
  const sending = makeSending({ model, outbox, storage: makeStorage("s", "panel"), draw() {} });
  const leave = () => {
    const leaving = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(leaving);
    return leaving.defaultPrevented;
  };
  assert.equal(leave(), false);
  sending.post(change("a"));
  assert.equal(leave(), true);
  sending.settled({ kind: "ack", event_id: "a" });
  assert.equal(leave(), false);
  sending.post(change("b"));
  sending.close();
  assert.equal(leave(), false);
}));

test("each kind of widget finds its own changes of its session, and the card those that were kept before there were others", () => withPage((kept) => {
  makeStorage("s", "review").keep(change("a"));
  makeStorage("s", "map").keep(change("b"));
  makeStorage("another", "map").keep(change("c"));
  kept.set("alwidgets:s:d", JSON.stringify({ at: Date.now(), message: change("d") }));
  const found = (...which) => ids(makeStorage(...which).load());
  assert.deepEqual([found("s", "review"), found("s", "map"), found("s"), found("another", "map")], [["a"], ["b"], ["d"], ["c"]]);
}));

test("where the session is elsewhere the page says that it is there, and says again what waits when that is back", () => withPage(() => {
  const model = makeModel();
  let backs = 0;
  const sending = makeSending({ model, outbox: makeOutbox(), storage: makeStorage("s"), draw() {}, back: () => (backs += 1) });
  sending.post(change("one"));
  model.fire("msg:custom", { kind: "beat" });
  assert.deepEqual(model.sent.map(({ kind }) => kind), ["label", "there"]);
  model.fire("msg:custom", { kind: "again" });
  assert.deepEqual(model.sent.map(({ kind }) => kind), ["label", "there", "there", "label"]);
  assert.equal(backs, 1);
  sending.close();
}));

test("advice that is put off in one widget is put off in all of its session, also after a reload, until so many labels", () => withPage(() => {
  const drawn = [];
  const [panel, card, other] = ["s", "s", "t"].map((session, i) => makePutOff(session, () => drawn.push(i)));
  assert.equal(card.until(10), 0);
  panel.put(60);
  assert.deepEqual(drawn, [0, 1]);
  assert.deepEqual([card.until(10), card.until(59), card.until(60), other.until(10)], [60, 60, 0, 0]);
  assert.equal(makePutOff("s", () => {}).until(10), 60);
  panel.put(0);
  assert.deepEqual([card.until(10), makePutOff("s", () => {}).until(10)], [0, 0]);
  card.close();
  panel.put(60);
  assert.equal(card.until(10), 0);
}));
