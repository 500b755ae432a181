// @ts-check
/** Drawing points with the mouse. */

/** A point of a stroke every so many pixels. */
const STRIDE = 6;

/**
 * @param {object} on
 * @param {() => import("../common/sent.d.ts").RaceStanding} on.race
 * @param {() => number} on.width of the brush, in pixels
 * @param {() => void} on.drawn there is one more point
 * @param {(points: number[][]) => void} on.done
 */
export function makeBrush({ race, width, drawn, done }) {
  /** Being drawn, or on the way to the kernel. @type {number[][]} */ let stroke = [];
  /** @type {{x: number, y: number}|null} */ let last = null;

  /** @param {PointerEvent} event */
  function place(event) {
    const box = /** @type {HTMLElement} */ (event.target).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top, size: box.width };
  }

  /** @param {PointerEvent} event */
  function onDown(event) {
    if (race().running || event.button !== 0) return;
    /** @type {HTMLElement} */ (event.target).setPointerCapture(event.pointerId);
    const at = place(event);
    last = at;
    stroke = [];
    dot(at.x, at.y, at.size);
  }

  /** @param {PointerEvent} event */
  function onMove(event) {
    if (!last) return;
    const at = place(event);
    const way = Math.hypot(at.x - last.x, at.y - last.y);
    for (let gone = STRIDE; gone <= way; gone += STRIDE) {
      const angle = 2 * Math.PI * Math.random();
      const off = width() * Math.sqrt(Math.random());
      const share = gone / way;
      const [x, y] = [last.x + share * (at.x - last.x), last.y + share * (at.y - last.y)];
      dot(x + off * Math.cos(angle), y + off * Math.sin(angle), at.size);
    }
    if (way >= STRIDE) last = at;
  }

  function onUp() {
    if (last && stroke.length) done(stroke);
    last = null;
  }

  /** @param {number} x @param {number} y @param {number} size pixels of the panel; a point outside of it is left out */
  function dot(x, y, size) {
    const { reach } = race();
    if (x < 0 || y < 0 || x > size || y > size) return;
    stroke.push([(x / size) * 2 * reach - reach, reach - (y / size) * 2 * reach]);
    drawn();
  }

  return {
    stroke: () => stroke,
    forget: () => void (stroke = []),
    /** @param {HTMLElement} canvas */
    listenOn(canvas) {
      canvas.addEventListener("pointerdown", onDown);
      canvas.addEventListener("pointermove", onMove);
      canvas.addEventListener("pointerup", onUp);
      canvas.addEventListener("pointercancel", onUp);
    },
  };
}
