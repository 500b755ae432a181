// @ts-check
/** How high a widget may be to be seen whole: as high as the box that scrolls it, less what stands around it. */

const MOST_HEIGHT = 1000;
const LEAST_HEIGHT = 220;
/** In a box lower than this nothing stands around a widget, and what can wait is not shown. */
const LOW_ROOM = 460;
/** A line of code above the widget, and the margins. */
const AROUND_WIDGET = 64;

/**
 * The height of a widget in a box.
 * @param {number} room the height of the box
 * @returns {{height: number, low: boolean}} low: whether there is room for the sample and its answers only
 */
export function heightIn(room) {
  const low = room < LOW_ROOM;
  return { height: Math.round(Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, room - (low ? 4 : AROUND_WIDGET)))), low };
}

/**
 * Keep an element as high as its place allows: `--alw-height`, and `data-low` where that is little.
 * @param {HTMLElement} element
 * @returns {() => void} ends it
 */
export function followRoom(element) {
  /** @type {HTMLElement|null|undefined} */ let box;
  const look = () => {
    if (!element.isConnected || !element.getClientRects().length) return;
    if (box === undefined) {
      box = scrollerOf(element);
      if (box) observer.observe(box);
    }
    const { height, low } = heightIn(Math.min(box ? roomOf(box) : Infinity, innerHeight));
    element.style.setProperty("--alw-height", `${height}px`);
    element.toggleAttribute("data-low", low);
  };
  const observer = new ResizeObserver(look);
  observer.observe(element);
  window.addEventListener("resize", look);
  return () => {
    observer.disconnect();
    window.removeEventListener("resize", look);
  };
}

/** The nearest box around an element that scrolls it, and whose height does not follow the element's. @param {HTMLElement} element */
function scrollerOf(element) {
  for (let each = parentOf(element); each && each !== document.body; each = parentOf(each)) {
    const scrolls = ["auto", "scroll"].includes(getComputedStyle(each).overflowY);
    if (scrolls && (isLimited(each) || keepsHeight(each, element))) return each;
  }
  return null;
}

/** @param {HTMLElement} element @returns {HTMLElement|null} */
function parentOf(element) {
  const root = element.getRootNode();
  return element.parentElement ?? (root instanceof ShadowRoot ? /** @type {HTMLElement} */ (root.host) : null);
}

/** @param {HTMLElement} box */
function isLimited(box) {
  return getComputedStyle(box).maxHeight.endsWith("px");
}

/** @param {HTMLElement} box */
function roomOf(box) {
  return isLimited(box) ? parseFloat(getComputedStyle(box).maxHeight) : box.clientHeight;
}

/** Whether a box is as high without the element: one that grew with it would shrink with it too. @param {HTMLElement} box @param {HTMLElement} element */
function keepsHeight(box, element) {
  const { scrollTop, clientHeight } = box;
  const { display } = element.style;
  element.style.setProperty("display", "none", "important");
  const without = box.clientHeight;
  element.style.display = display;
  box.scrollTop = scrollTop;
  return Math.abs(without - clientHeight) < 1;
}
