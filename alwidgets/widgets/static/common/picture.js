// @ts-check
/** An image, fitted or at a scale, moved with the mouse. */

import { make } from "./dom.js";
import { readFile } from "./files.js";

const SMALL = 64;
const STEPS = [1, 3];
const LEAST = 0.05;
const MOST = 40;
/** A scale that is nearly another is taken for it. */
const NEARLY = 1.05;

/**
 * The next larger scale, null to fit again.
 * @param {number|null} scale pixels of the page for one of the image, null when it is fitted
 * @param {number} fitted the scale at which it is fitted
 */
export function nextScale(scale, fitted) {
  const steps = STEPS.filter((step) => step > fitted * NEARLY);
  if (!steps.length) steps.push(fitted * STEPS[STEPS.length - 1]);
  return steps.find((step) => step > (scale ?? fitted) * NEARLY) ?? null;
}

/** @param {any} payload with its address, and in words what it shows */
export function drawnPicture(payload) {
  const frame = make("div", "alw-image");
  const scroll = make("div", "alw-scroll");
  const image = /** @type {HTMLImageElement} */ (make("img", ""));
  const badge = make("span", "alw-scale");
  image.alt = payload.alt;
  image.draggable = false;
  scroll.append(image);
  frame.append(scroll, badge);
  const ready = () =>
    frame.classList.toggle("alw-small", Math.max(image.naturalWidth, image.naturalHeight) <= SMALL);
  readFile(image, payload, () => {
    frame.replaceChildren(make("p", "alw-message", "This image cannot be shown: its file is damaged."));
  });
  if (image.complete && image.naturalWidth) ready();
  else image.addEventListener("load", ready);

  /** @type {number|null} */ let scale = null;
  const shownScale = () => image.getBoundingClientRect().width / (image.naturalWidth || 1);
  let fitted = 1;

  /** Change the scale; what is under a point of the page stays there. @param {number|null} to @param {{x: number, y: number}} at */
  function scaleTo(to, at) {
    if (scale === null) fitted = shownScale();
    const before = image.getBoundingClientRect();
    const x = (at.x - before.left) / (before.width || 1);
    const y = (at.y - before.top) / (before.height || 1);
    scale = to;
    frame.classList.toggle("alw-zoomed", to !== null);
    frame.classList.toggle("alw-pixels", (to ?? 0) > 1);
    image.style.width = to === null ? "" : `${image.naturalWidth * to}px`;
    image.style.height = to === null ? "" : `${image.naturalHeight * to}px`;
    badge.textContent = to === null ? "" : `${Math.round(to * 100)} %`;
    // What can be moved can be reached by key.
    if (to === null) scroll.removeAttribute("tabindex");
    else scroll.tabIndex = 0;
    const after = image.getBoundingClientRect();
    scroll.scrollLeft += after.left + x * after.width - at.x;
    scroll.scrollTop += after.top + y * after.height - at.y;
  }
  const middle = () => {
    const box = scroll.getBoundingClientRect();
    return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  };
  const further = () => nextScale(scale, scale === null ? shownScale() : fitted);

  frame.addEventListener("alw-zoom", () => scaleTo(further(), middle()));
  scroll.addEventListener("dblclick", (event) => scaleTo(scale === null ? further() : null, event));
  scroll.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const wanted = Math.min(MOST, Math.max(LEAST, (scale ?? shownScale()) * Math.exp(-event.deltaY / 300)));
      scaleTo(scale !== null && wanted <= fitted ? null : wanted, event);
    },
    { passive: false },
  );
  scroll.addEventListener("pointerdown", (event) => {
    if (scale !== null && event.button === 0 && event.target === image) scroll.setPointerCapture(event.pointerId);
  });
  scroll.addEventListener("pointermove", (event) => {
    if (scroll.hasPointerCapture(event.pointerId)) scroll.scrollBy(-event.movementX, -event.movementY);
  });
  return frame;
}
