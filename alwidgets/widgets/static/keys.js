// @ts-check
/** Which key does what. */

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];

/**
 * The key of each class: a digit has itself, so that 7 is typed for a 7; the others have what is left of 1 to 9 and 0.
 * @param {string[]} classes
 * @returns {string[]}
 */
export function keysOf(classes) {
  const free = KEYS.filter((key) => !classes.includes(key));
  return classes.map((name) => (KEYS.includes(name) ? name : (free.shift() ?? "")));
}

/**
 * What a key does, null when it is not ours.
 * @param {string} key
 * @param {string[]} keys the key of each class
 * @returns {{action: string, value?: number}|null}
 */
export function actionOf(key, keys) {
  if (KEYS.includes(key)) return keys.includes(key) ? { action: "answer", value: keys.indexOf(key) } : null;
  const actions = { backspace: "undo", " ": "skip", f: "flag", "?": "help" };
  const action = actions[/** @type {keyof typeof actions} */ (key.toLowerCase())];
  return action ? { action } : null;
}
