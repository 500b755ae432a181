import assert from "node:assert/strict";
import { test } from "node:test";

import { isDark } from "../../alwidgets/widgets/static/common/theme.js";

const PLAIN = { names: [], colorScheme: "normal", prefersDark: true };

test("a widget is as dark as its host says that the page is", () => {
  assert.equal(isDark({ ...PLAIN, jpThemeLight: "false" }), true);
  assert.equal(isDark({ ...PLAIN, jpThemeLight: "true", names: ["dark"] }), false);
  for (const name of ["vscode-dark", "vscode-high-contrast", "dark"]) assert.equal(isDark({ ...PLAIN, names: [name] }), true);
  for (const name of ["vscode-light", "light"]) assert.equal(isDark({ ...PLAIN, colorScheme: "dark", names: [name] }), false);
  // VS Code marks its light theme of high contrast as both.
  assert.equal(isDark({ ...PLAIN, names: ["vscode-high-contrast", "vscode-high-contrast-light"] }), false);
});

test("the system's wish counts where the page follows it: a card is not dark on a page that stays white", () => {
  assert.equal(isDark(PLAIN), false);
  assert.equal(isDark({ ...PLAIN, colorScheme: "light dark" }), true);
  assert.equal(isDark({ ...PLAIN, colorScheme: "light dark", prefersDark: false }), false);
  assert.equal(isDark({ ...PLAIN, colorScheme: "dark", prefersDark: false }), true);
});
