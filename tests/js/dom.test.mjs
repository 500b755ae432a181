import assert from "node:assert/strict";
import { test } from "node:test";

import { focusBeside, hasFocus, holdsFocus } from "../../alwidgets/widgets/static/common/dom.js";

test("the focus is that of the root an element is in, and not that of the document", () => {
  const field = {};
  const elsewhere = { name: "a host of shadow roots" };
  const inside = (root) => ({ getRootNode: () => root, contains: (other) => other === field });
  globalThis.document = { activeElement: elsewhere };
  const shown = inside({ activeElement: field });
  assert.equal(focusBeside(shown), field);
  assert.equal(holdsFocus(shown), true);
  assert.equal(hasFocus(shown), false);
  assert.equal(holdsFocus(inside({ activeElement: null })), false);
  // Taken from the page, it is its own root, which knows no focus.
  assert.equal(holdsFocus(inside({})), false);
  delete globalThis.document;
});
