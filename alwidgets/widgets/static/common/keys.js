// @ts-check
/** Which key does what; the kernel says which, and the page which class is on which page of ten. */

const DIGITS = "1234567890";
/** Classes on a page, where there are too many for a key each. */
export const PAGE = 10;

/** @typedef {{classes: string[], actions: Record<string, string>}} Keys */
/** @typedef {{action: string, value?: number}} Action */
/** @typedef {{key: string, code?: string, shiftKey?: boolean}} Press as a KeyboardEvent has them */

/**
 * The classes on a page, each with its key. Up to ten are on one; of more, those of other pages have the digits.
 * @param {number} n_classes
 * @param {Keys} keys
 * @param {number} page
 * @returns {{value: number, key: string}[]}
 */
export function onPage(n_classes, keys, page) {
  const first = page * PAGE;
  const values = Array.from({ length: Math.min(PAGE, n_classes - first) }, (_, place) => first + place);
  const taken = new Set(Object.values(keys.actions));
  const digit = (/** @type {number} */ place) => (page && !taken.has(DIGITS[place]) ? DIGITS[place] : "");
  return values.map((value, place) => ({ value, key: keys.classes[value] || digit(place) }));
}

/** How many pages the classes fill. @param {number} n_classes */
export function pages(n_classes) {
  return Math.max(1, Math.ceil(n_classes / PAGE));
}

/**
 * The digit or letter that has the place of a key on an English keyboard, "" where what the key writes says enough. With
 * the letters of another alphabet, or the signs that a French keyboard has in the place of digits, only the place tells.
 * @param {Press} press
 */
export function placed({ key, code = "", shiftKey = false }) {
  const writes = key.length === 1 ? !/[a-z0-9]/i.test(key) : key === "Dead" || key === "Process";
  const [, digit, letter] = /^(?:Digit(\d)|Key([A-Z]))$/.exec(code) ?? [];
  if (!writes || (digit && shiftKey)) return "";
  return digit ?? letter?.toLowerCase() ?? "";
}

/** What a key writes, or else the digit or letter that has its place. @param {Press} press */
export function letterOf(press) {
  return placed(press) || press.key;
}

/**
 * What a key does, null when it is not ours: by what it writes, or else by its place.
 * @param {Press} press
 * @param {Keys} keys
 * @param {{value: number, key: string}[]} shown the classes on the page, and their keys
 * @returns {Action|null}
 */
export function actionOf(press, keys, shown) {
  return doneBy(press.key, keys, shown) ?? doneBy(placed(press), keys, shown);
}

/** @param {string} pressed @param {Keys} keys @param {{value: number, key: string}[]} shown @returns {Action|null} */
function doneBy(pressed, keys, shown) {
  if (!pressed) return null;
  const folded = pressed.toLowerCase();
  const answer = shown.find(({ key }) => key && key.toLowerCase() === folded);
  if (answer) return { action: "answer", value: answer.value };
  // A key of its own serves on every page; digits go with the page that is turned up.
  const own = keys.classes.findIndex((key) => key && !DIGITS.includes(key) && key.toLowerCase() === folded);
  if (own >= 0 && shown.length) return { action: "answer", value: own };
  const action = Object.entries(keys.actions).find(([, key]) => key.toLowerCase() === folded);
  return action ? { action: action[0] } : null;
}

/**
 * The class of the next ten that a digit with Shift means, null where it is none; a keyboard that writes digits with
 * Shift has none.
 * @param {Press} press
 * @param {{value: number, key: string}[]} shown the classes on the page, and their keys
 * @returns {number|null}
 */
export function beyondPage({ key, code = "", shiftKey = false }, shown) {
  const [, digit] = /^Digit(\d)$/.exec(code) ?? [];
  if (!shiftKey || digit === undefined || /\d/.test(key) || shown.length < PAGE) return null;
  return shown[0].value + PAGE + DIGITS.indexOf(digit);
}

/** A key as it is written on a button. @param {string} key */
export function keyName(key) {
  const names = { " ": "Space", ArrowLeft: "\u2190", ArrowRight: "\u2192", ArrowUp: "\u2191", ArrowDown: "\u2193" };
  return names[/** @type {keyof typeof names} */ (key)] ?? (key.length === 1 ? key.toUpperCase() : key);
}

/** Whether letters are in a text in this order, whatever is between them. @param {string} text @param {string} letters */
function hasLetters(text, letters) {
  let at = -1;
  return [...letters].every((letter) => (at = text.indexOf(letter, at + 1)) >= 0);
}

/**
 * Where words are found in the names of classes, in whatever order they are typed: those that begin with them first, of
 * these what was answered last; behind all those that only have the letters in this order.
 * @param {string[]} classes
 * @param {string} words
 * @param {readonly number[]} [recent] classes that were answered, the last one first
 * @returns {number[]} numbers of classes
 */
export function found(classes, words, recent = []) {
  const whole = words.trim().toLowerCase();
  const wanted = whole.split(/\s+/);
  const letters = wanted.join("");
  const age = (/** @type {number} */ value) => (recent.includes(value) ? recent.indexOf(value) : recent.length);
  const places = classes.flatMap((name, value) => {
    const said = name.toLowerCase();
    const at = wanted.map((word) => said.indexOf(word));
    if (at.includes(-1)) return letters.length > 1 && hasLetters(said, letters) ? [{ value, apart: 2, at: 0 }] : [];
    // As it was typed is better than in another order.
    return [{ value, apart: said.includes(whole) ? 0 : 1, at: Math.min(...at) }];
  });
  return places.sort((a, b) => a.apart - b.apart || a.at - b.at || age(a.value) - age(b.value) || a.value - b.value).map(({ value }) => value);
}
