// @ts-check
/** Keys that are pressed inside a widget are its own. */

/**
 * Keep plain keys and every Enter from the notebook. Jupyter listens on the document, in Notebook 7 while the event
 * still travels down: only the window comes before. Tab, Escape and chords pass, and keys outside of the widget.
 * @param {HTMLElement|(() => HTMLElement)} root
 * @param {(event: KeyboardEvent) => void} act what a key does here; elements inside do not hear of it
 * @returns {() => void} ends it
 */
export function guard(root, act) {
  /** @param {KeyboardEvent} event */
  function onKey(event) {
    const inside = typeof root === "function" ? root() : root;
    if (!inside.contains(/** @type {Node} */ (event.composedPath()[0])) || event.isComposing || event.key === "Tab") return;
    if (event.key === "Escape") return act(event);
    const chord = event.ctrlKey || event.metaKey || event.altKey;
    if (chord && event.key !== "Enter") return;
    event.stopPropagation();
    if (!chord) act(event);
  }
  window.addEventListener("keydown", onKey, true);
  return () => window.removeEventListener("keydown", onKey, true);
}
