// @ts-check
/** Elements of a page, their text always as text. */

/** @param {string} tag @param {string} [name] @param {string} [text] */
export function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {string} key @param {string} text @param {() => void} press */
export function makeButton(key, text, press) {
  const button = /** @type {HTMLButtonElement} */ (make("button", ""));
  button.type = "button";
  if (key) button.append(make("kbd", "", key));
  // A class that is its own key is written once.
  if (key !== text) button.append(make("span", "", text));
  button.addEventListener("click", press);
  return button;
}

/**
 * Set a text, and hide the element where there is none; a text that stays is not said again by a screen reader.
 * @param {HTMLElement} element
 * @param {string} text
 */
export function showText(element, text) {
  element.hidden = !text;
  if (element.textContent !== text) element.textContent = text;
}

/**
 * What has the focus where an element is. In a shadow root the document names only the root's host.
 * @param {HTMLElement} element
 * @returns {HTMLElement|null}
 */
export function focusBeside(element) {
  const root = /** @type {Document|ShadowRoot} */ (element.getRootNode());
  return /** @type {HTMLElement|null} */ (root.activeElement ?? null);
}

/** Whether an element has the focus. @param {HTMLElement} element */
export function hasFocus(element) {
  return focusBeside(element) === element;
}

/** Whether an element, or one in it, has the focus. @param {HTMLElement} element */
export function holdsFocus(element) {
  return element.contains(focusBeside(element));
}

const COLORS = 10;

/** The color of a class, beside its name. @param {number} value number of the class */
export function makeSwatch(value) {
  const swatch = make("i", "alw-swatch");
  swatch.style.background = `var(--alw-class-${value % COLORS})`;
  swatch.setAttribute("aria-hidden", "true");
  return swatch;
}
