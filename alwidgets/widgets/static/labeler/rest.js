// @ts-check
/** How much of a sample is still below what is seen of its box. */

import { make } from "../common/dom.js";

/** Below that, the margin of a text is what is left. */
const LEAST_REST = 16;
const WORDS_STEP = 10;

/**
 * What is left of a text, in words: as many as its share of the height.
 * @param {string} text
 * @param {number} share of it that is below, from 0 to 1
 */
export function restText(text, share) {
  const words = Math.round((share * (text.match(/\S+/g) ?? []).length) / WORDS_STEP) * WORDS_STEP;
  return words >= WORDS_STEP ? `${words.toLocaleString("en-US")} more words` : "more below";
}

/**
 * Show over the end of a box that more follows. The browser tells when something has another size, so that asking costs
 * no layout while somebody answers.
 * @param {HTMLElement} box
 * @param {(length: number) => void} fit told the longer side of the box
 * @returns {{element: HTMLElement, follow: () => void, close: () => void}} follow: what it shows is another, from its top
 */
export function makeRest(box, fit) {
  const element = make("span", "alw-rest");
  element.setAttribute("aria-hidden", "true");
  let scrolled = false;
  /** @type {Element|null} */ let shown = null;
  const look = () => {
    const { scrollHeight, scrollTop, clientHeight, clientWidth } = box;
    const below = scrollHeight - scrollTop - clientHeight;
    const more = clientHeight > 0 && below > LEAST_REST;
    box.toggleAttribute("data-rest", more);
    element.hidden = !more;
    if (more) element.textContent = restText(box.textContent ?? "", below / scrollHeight);
    if (clientHeight) fit(Math.max(clientWidth, clientHeight));
  };
  const scroll = () => {
    scrolled = true;
    look();
  };
  const observer = new ResizeObserver(look);
  observer.observe(box);
  box.addEventListener("scroll", scroll, { passive: true });
  look();
  return {
    element,
    follow() {
      if (scrolled) box.scrollTop = 0;
      scrolled = false;
      if (shown) observer.unobserve(shown);
      shown = box.firstElementChild;
      if (shown) observer.observe(shown);
    },
    close() {
      observer.disconnect();
      box.removeEventListener("scroll", scroll);
    },
  };
}
