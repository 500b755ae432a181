// @ts-check
/** Fingers on a card. */

const FAR = 60;

/**
 * Tell when a finger was drawn to one side.
 * @param {HTMLElement} element
 * @param {(direction: "left"|"right") => string} hint what would happen, in words
 * @param {(direction: "left"|"right") => void} act
 */
export function onSwipe(element, hint, act) {
  /** @type {{x: number, y: number, id: number}|null} */ let start = null;
  /** @param {PointerEvent} event @returns {"left"|"right"|null} */
  const direction = (event) => {
    if (!start || event.pointerId !== start.id) return null;
    const [x, y] = [event.clientX - start.x, event.clientY - start.y];
    return Math.abs(x) < FAR || Math.abs(x) < 2 * Math.abs(y) ? null : x < 0 ? "left" : "right";
  };
  const clear = () => {
    start = null;
    delete element.dataset.swipe;
  };
  element.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" && event.isPrimary) start = { x: event.clientX, y: event.clientY, id: event.pointerId };
  });
  element.addEventListener("pointermove", (event) => {
    const to = direction(event);
    if (to) element.dataset.swipe = hint(to);
    else delete element.dataset.swipe;
  });
  element.addEventListener("pointerup", (event) => {
    const to = direction(event);
    clear();
    if (to) act(to);
  });
  element.addEventListener("pointercancel", clear);
}
