// @ts-check
/** Nothing is answered of a sample that is out of view, and no key scrolls it out. */

const LEAST_SHARE = 0.1;
const OUT_OF_VIEW = "The sample was out of view: press again.";
const LINE_HEIGHT = 40;
/** More pages than a sample has. */
const WHOLLY = 10_000;
/** How far a key scrolls: right and down, in lines or pages. @type {Record<string, {axis: "x"|"y", lines?: number, pages?: number}>} */
const SCROLLS = {
  ArrowUp: { axis: "y", lines: -1 },
  ArrowDown: { axis: "y", lines: 1 },
  ArrowLeft: { axis: "x", lines: -1 },
  ArrowRight: { axis: "x", lines: 1 },
  PageUp: { axis: "y", pages: -0.9 },
  PageDown: { axis: "y", pages: 0.9 },
  " ": { axis: "y", pages: 0.9 },
  Home: { axis: "y", pages: -WHOLLY },
  End: { axis: "y", pages: WHOLLY },
};

/**
 * Watch the boxes that show a sample. The browser tells when they come and go, so that asking costs nothing.
 * @param {HTMLElement} root has the focus, or something in it
 * @param {HTMLElement[]} boxes one of them at least has to be in view; the first is brought back
 * @param {(text: string) => void} say
 */
export function makeVisibility(root, boxes, say) {
  /** @type {Set<Element>} */ const out = new Set();
  const observer = new IntersectionObserver(take, { threshold: [0, LEAST_SHARE] });

  /** @param {IntersectionObserverEntry[]} entries */
  function take(entries) {
    for (const { target, intersectionRatio, boundingClientRect } of entries) {
      // What has no size is hidden and not scrolled away.
      if (boundingClientRect.width && intersectionRatio < LEAST_SHARE) out.add(target);
      else out.delete(target);
    }
  }

  /** What was known is old, and is told anew. */
  function renew() {
    observer.disconnect();
    out.clear();
    boxes.forEach((box) => observer.observe(box));
  }
  /** Whoever comes with the focus has scrolled. */
  function come() {
    delete boxes[0].dataset.unseen;
    renew();
  }
  root.addEventListener("focusin", come);
  renew();

  return {
    /** Bring back what is out of view. @returns {boolean} whether it was, so that the key may not answer */
    hold() {
      take(observer.takeRecords());
      delete boxes[0].dataset.unseen;
      if (boxes.some((box) => !out.has(box))) return false;
      boxes[0].dataset.unseen = OUT_OF_VIEW;
      boxes[0].scrollIntoView({ block: "nearest" });
      say(OUT_OF_VIEW);
      renew();
      return true;
    },
    close() {
      observer.disconnect();
      root.removeEventListener("focusin", come);
    },
  };
}

/**
 * Scroll a sample in its own box, and nothing around it.
 * @param {HTMLElement} box
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key is one that scrolls
 */
export function scrollWithin(box, event) {
  const scroll = SCROLLS[event.key];
  if (!scroll) return false;
  const across = scroll.axis === "x";
  const place = boxesFrom(box, /** @type {Element} */ (event.composedPath()[0])).find((each) => isLonger(each, across));
  if (!place) return true;
  const page = across ? place.clientWidth : place.clientHeight;
  const by = (scroll.lines ?? 0) * LINE_HEIGHT + (scroll.pages ?? 0) * page * (event.key === " " && event.shiftKey ? -1 : 1);
  place.scrollBy(across ? { left: by } : { top: by });
  return true;
}

/** Whether something of a sample is wider than its room, so that arrows move in it. @param {HTMLElement} box @param {KeyboardEvent} event */
export function isWide(box, event) {
  return boxesFrom(box, /** @type {Element} */ (event.composedPath()[0])).some((each) => isLonger(each, true));
}

/** What may scroll: from where the focus is up to the box, or the box and what is in it. @param {HTMLElement} box @param {Element} from */
function boxesFrom(box, from) {
  if (!box.contains(from)) return [box, ...box.querySelectorAll("*")];
  const boxes = [];
  for (let each = /** @type {Element|null} */ (from); each && boxes.at(-1) !== box; each = each.parentElement) boxes.push(each);
  return boxes;
}

/** Whether there is more of it to scroll to. @param {Element} element @param {boolean} across */
function isLonger(element, across) {
  const longer = across ? element.scrollWidth > element.clientWidth : element.scrollHeight > element.clientHeight;
  return longer && ["auto", "scroll"].includes(getComputedStyle(element)[across ? "overflowX" : "overflowY"]);
}
