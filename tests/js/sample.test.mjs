import assert from "node:assert/strict";
import { test } from "node:test";

import { pieces } from "../../alwidgets/widgets/static/common/marks.js";
import { nextScale } from "../../alwidgets/widgets/static/common/picture.js";
import { clock, outline, peaksOf } from "../../alwidgets/widgets/static/common/player.js";
import { columnsOf } from "../../alwidgets/widgets/static/common/row.js";
import { isAudio, keep, received, released } from "../../alwidgets/widgets/static/common/sample.js";

test("words are marked whatever their case, the longest first, and signs are not a pattern", () => {
  assert.deepEqual(pieces("Refund, refunded; REFUND", ["refund", "refunded"]), ["", "Refund", ", ", "refunded", "; ", "REFUND", ""]);
  assert.deepEqual(pieces("a+b (x) a.b", ["a+b", "(x)"]), ["", "a+b", " ", "(x)", " a.b"]);
  assert.deepEqual(pieces("Straße ΣΊΣΥΦΟΣ", ["σίσυφοσ"]).filter((_, i) => i % 2), ["ΣΊΣΥΦΟΣ"]);
  assert.deepEqual(pieces("text", []), ["text"]);
  assert.deepEqual(pieces("text", [""]), ["text"]);
  assert.deepEqual(pieces("a-b/c^d", ["a-b/c^d"]), ["", "a-b/c^d", ""]);
});

test("an image larger than its room goes from fitted to whole, three times, and back", () => {
  assert.equal(nextScale(null, 0.2), 1);
  assert.equal(nextScale(1, 0.2), 3);
  assert.equal(nextScale(3, 0.2), null);
  assert.equal(nextScale(2, 0.2), 3);
});

test("an image that is shown as large as it is, or enlarged, only grows", () => {
  assert.equal(nextScale(null, 1), 3);
  assert.equal(nextScale(null, 22), 66);
  assert.equal(nextScale(66, 22), null);
});

test("a clock has minutes and seconds", () => {
  assert.deepEqual([0, 9.99, 61, 3600].map(clock), ["0:00", "0:09", "1:01", "60:00"]);
});

test("peaks are the loudest of each part, beside the loudest of all", () => {
  assert.deepEqual(peaksOf([0, 0.1, -0.4, 0.2, 0, 0], 3), [25, 100, 0]);
  assert.deepEqual(peaksOf([0, 0], 3), [0, 0]);
  assert.equal(peaksOf(new Float32Array(1000).fill(0.5)).length, 400);
});

test("the outline of a wave goes there above and back below", () => {
  assert.equal(outline([100, 0]), "M0 0L1 50L1 50L0 100Z");
});

test("many short values are put side by side, in their order, and long ones below each other", () => {
  const cells = (n, value = "1") => Array.from({ length: n }, (_, i) => [String(i), value]);
  assert.deepEqual([12, 13, 36, 60].map((n) => columnsOf(cells(n)).length), [1, 2, 2, 3]);
  assert.deepEqual(columnsOf(cells(13)).flat(), cells(13));
  assert.equal(columnsOf(cells(60, "long ".repeat(30))).length, 1);
});

test("each part with a media type takes its own file, and all are let go", (t) => {
  const made = [];
  const gone = [];
  t.mock.method(URL, "createObjectURL", (blob) => `blob:${made.push(blob.type)}`);
  t.mock.method(URL, "revokeObjectURL", (url) => gone.push(url));
  const parts = [{ type: "audio", mime: "audio/wav" }, { type: "text", text: "x" }, { type: "audio", mime: "audio/ogg" }];
  const payload = received({ type: "pair", parts }, [new Uint8Array(1), new Uint8Array(2)]);
  assert.deepEqual(made, ["audio/wav", "audio/ogg"]);
  assert.deepEqual(parts.map(({ url }) => url), ["blob:1", undefined, "blob:2"]);
  released(payload);
  assert.deepEqual(gone, ["blob:1", "blob:2"]);
  assert.ok(isAudio(payload));
  assert.ok(!isAudio({ type: "text", text: "" }));
});

test("an image that the browser can read from no address is like any sample that cannot be shown, unless it was let go before", (t) => {
  const images = [];
  globalThis.Image = class extends EventTarget {
    constructor() {
      super();
      images.push(this);
    }
  };
  t.after(() => delete globalThis.Image);
  t.mock.method(URL, "createObjectURL", () => "blob:1");
  const gone = t.mock.method(URL, "revokeObjectURL", () => {});
  const payloads = new Map();
  const changed = [];
  const come = (item) => {
    const payload = { type: "image", mime: "image/png", alt: "sample" };
    keep(payloads, { item, payload }, [new Uint8Array(1)], (broken) => changed.push(broken));
    return payload;
  };
  const [kept] = [come(3), come(4), come(3)];
  assert.equal(payloads.get(3), kept);
  assert.equal(images.length, 2);
  payloads.delete(4);
  const fail = () => images.forEach((image) => image.dispatchEvent(new Event("error")));
  fail();
  // A page may forbid one kind of address.
  assert.deepEqual(changed, []);
  assert.deepEqual(images.map(({ src }) => src), Array(2).fill("data:image/png;base64,AA=="));
  assert.equal(kept.url, images[0].src);
  fail();
  assert.deepEqual(changed, [3]);
  assert.deepEqual([...payloads], [[3, { type: "error", text: "Row 3 cannot be shown: the browser cannot read its image." }]]);
  assert.deepEqual(gone.mock.calls.map(({ arguments: [url] }) => url), ["blob:1", "blob:1", images[0].src]);
});
