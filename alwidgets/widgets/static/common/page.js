// @ts-check
/** A page of HTML in a frame of its own, in which nothing runs. */

import { make } from "./dom.js";

/** Whether the last thing done on the page was to go on with the Tab key. */
let tabbed = false;

/** @param {{page: string}} payload */
export function drawnPage(payload) {
  const frame = /** @type {HTMLIFrameElement} */ (make("iframe", "alw-html"));
  frame.title = "sample";
  frame.setAttribute("sandbox", "");
  frame.setAttribute("srcdoc", payload.page);
  window.addEventListener("keydown", noteTab, true);
  window.addEventListener("pointermove", noteTab, true);
  window.addEventListener("blur", reclaimFocus);
  return frame;
}

/** @param {Event} event */
function noteTab(event) {
  tabbed = event instanceof KeyboardEvent && event.key === "Tab";
}

/** A click into a page takes the focus, and the keys with it; who came with the Tab key leaves the same way. */
function reclaimFocus() {
  let active = document.activeElement;
  while (active?.shadowRoot) active = active.shadowRoot.activeElement;
  if (tabbed || !active?.matches("iframe.alw-html")) return;
  const card = /** @type {HTMLElement|null} */ (active.closest("[tabindex]:not(iframe)"));
  // Only when the browser is done with the click can the focus be moved.
  setTimeout(() => card?.focus({ preventScroll: true }));
}
