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

/**
 * @typedef {object} Picture
 * @property {HTMLElement} frame
 * @property {HTMLElement} scroll
 * @property {HTMLImageElement} image
 * @property {HTMLElement} badge says the scale
 * @property {number|null} scale null while the image is fitted
 * @property {number} fitted the scale at which it is
 * @property {() => {width: number, height: number}} size of the whole image, in its own pixels
 */

/** @param {import("./sent.d.ts").Picture} payload with its address, and in words what it shows */
export function drawnPicture(payload) {
  const frame = make("div", "alw-image");
  const scroll = make("div", "alw-scroll");
  const image = /** @type {HTMLImageElement} */ (make("img", ""));
  const badge = make("span", "alw-scale");
  image.alt = payload.alt;
  image.draggable = false;
  scroll.append(image);
  frame.append(scroll, badge);
  // Before its size is known nothing of it is seen, and so nothing moves.
  image.style.visibility = "hidden";
  const ready = () => {
    frame.classList.toggle("alw-small", Math.max(image.naturalWidth, image.naturalHeight) <= SMALL);
    image.style.visibility = "";
  };
  readFile(image, payload, () => {
    frame.replaceChildren(make("p", "alw-message", "This image cannot be shown: its file is damaged."));
  });
  if (image.complete && image.naturalWidth) ready();
  else image.addEventListener("load", ready);
  const size = () => {
    const [width, height] = payload.size ?? [image.naturalWidth, image.naturalHeight];
    return { width, height };
  };
  // What was sent may be smaller than the image; the whole comes when it is looked at closely, in the same place.
  const renew = () => void (image.src = payload.url ?? "");
  payload.renew = renew;
  // The same may be drawn elsewhere too: it comes where it is looked at.
  frame.addEventListener("alw-whole", () => (payload.renew = renew));
  makeZoomable({ frame, scroll, image, badge, scale: null, fitted: 1, size });
  return frame;
}

/** @param {Picture} picture */
function makeZoomable(picture) {
  const { frame, scroll, image } = picture;
  frame.addEventListener("alw-zoom", () => scaleTo(picture, further(picture), middleOf(scroll)));
  scroll.addEventListener("dblclick", (event) => scaleTo(picture, picture.scale === null ? further(picture) : null, event));
  scroll.addEventListener("wheel", (event) => onWheel(picture, event), { passive: false });
  scroll.addEventListener("pointerdown", (event) => {
    if (picture.scale !== null && event.button === 0 && event.target === image) scroll.setPointerCapture(event.pointerId);
  });
  scroll.addEventListener("pointermove", (event) => {
    if (scroll.hasPointerCapture(event.pointerId)) scroll.scrollBy(-event.movementX, -event.movementY);
  });
}

/** @param {Picture} picture */
function shownScale({ image, size }) {
  return image.getBoundingClientRect().width / (size().width || 1);
}

/** The next larger scale, null when it is the largest. @param {Picture} picture */
function further(picture) {
  const { scale, fitted } = picture;
  return nextScale(scale, scale === null ? shownScale(picture) : fitted);
}

/** @param {HTMLElement} element */
function middleOf(element) {
  const box = element.getBoundingClientRect();
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}

/** @param {Picture} picture @param {WheelEvent} event */
function onWheel(picture, event) {
  const { scale } = picture;
  if (!event.ctrlKey) return;
  event.preventDefault();
  const wanted = Math.min(MOST, Math.max(LEAST, (scale ?? shownScale(picture)) * Math.exp(-event.deltaY / 300)));
  scaleTo(picture, scale !== null && wanted <= picture.fitted ? null : wanted, event);
}

/** Change the scale; what is under a point of the page stays there. @param {Picture} picture @param {number|null} to @param {{x: number, y: number}} at */
function scaleTo(picture, to, at) {
  const { frame, scroll, image, badge } = picture;
  const { width, height } = picture.size();
  if (to !== null) frame.dispatchEvent(new CustomEvent("alw-whole", { bubbles: true, composed: true }));
  if (picture.scale === null) picture.fitted = shownScale(picture);
  const before = image.getBoundingClientRect();
  const x = (at.x - before.left) / (before.width || 1);
  const y = (at.y - before.top) / (before.height || 1);
  picture.scale = to;
  frame.classList.toggle("alw-zoomed", to !== null);
  frame.classList.toggle("alw-pixels", (to ?? 0) > 1);
  image.style.width = to === null ? "" : `${width * to}px`;
  image.style.height = to === null ? "" : `${height * to}px`;
  badge.textContent = to === null ? "" : `${Math.round(to * 100)} %`;
  // What can be moved can be reached by key.
  if (to === null) scroll.removeAttribute("tabindex");
  else scroll.tabIndex = 0;
  const after = image.getBoundingClientRect();
  scroll.scrollLeft += after.left + x * after.width - at.x;
  scroll.scrollTop += after.top + y * after.height - at.y;
}
