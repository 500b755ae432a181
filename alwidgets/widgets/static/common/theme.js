// @ts-check
/** Light or dark, as the page around a widget is. */

/** Of VS Code, marimo and other hosts: what they put on the page's body, or on its root. */
const DARK = ["vscode-dark", "vscode-high-contrast", "dark", "dark-theme", "theme-dark"];
const LIGHT = ["vscode-light", "vscode-high-contrast-light", "light", "light-theme", "theme-light"];
const SHOWN_BY = ["class", "data-theme", "style", "data-jp-theme-light", "data-jp-theme-name", "data-vscode-theme-kind"];

/**
 * Whether a page is dark: what its host says, or else what the page does with the system's wish.
 * @param {{jpThemeLight?: string, names: string[], colorScheme: string, prefersDark: boolean}} page names: the classes of
 *   its body and root, and what they say their theme is; colorScheme: "dark", "light", "light dark" or "normal"
 */
export function isDark({ jpThemeLight, names, colorScheme, prefersDark }) {
  if (jpThemeLight !== undefined) return jpThemeLight === "false";
  if (names.some((name) => LIGHT.includes(name))) return false;
  if (names.some((name) => DARK.includes(name))) return true;
  const schemes = colorScheme.split(" ");
  return schemes.includes("dark") && (prefersDark || !schemes.includes("light"));
}

function isPageDark() {
  const { body, documentElement } = document;
  const names = [body, documentElement].flatMap((element) => [...element.classList, element.dataset.theme ?? ""]);
  return isDark({
    jpThemeLight: body.dataset.jpThemeLight,
    names,
    colorScheme: getComputedStyle(body).colorScheme,
    prefersDark: matchMedia("(prefers-color-scheme: dark)").matches,
  });
}

/**
 * Keep a widget in the page's theme.
 * @param {HTMLElement} root
 * @param {() => void} [changed] is called after the page's theme, or its colors, have changed
 * @returns {() => void} ends it
 */
export function followTheme(root, changed = () => {}) {
  const look = () => {
    root.classList.toggle("alw-dark", isPageDark());
    changed();
  };
  root.classList.toggle("alw-dark", isPageDark());
  const watcher = new MutationObserver(look);
  for (const element of [document.body, document.documentElement]) {
    watcher.observe(element, { attributes: true, attributeFilter: SHOWN_BY });
  }
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", look);
  return () => {
    watcher.disconnect();
    system.removeEventListener("change", look);
  };
}
