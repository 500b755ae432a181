// @ts-check
/** Markers of classes, and boundaries between them, as paths. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * The outline of a class's marker: no two classes differ by color alone.
 * @param {number} code @param {number} x @param {number} y @param {number} r
 */
export function marker(code, x, y, r) {
  /** @param {number[][]} corners */
  const polygon = (corners) => `M${corners.map(([dx, dy]) => `${x + r * dx} ${y + r * dy}`).join("L")}Z`;
  const t = 0.38;
  const kinds = [
    null,
    [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
    [[0, -1.15], [1.1, 0.85], [-1.1, 0.85]],
    [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]],
    [[-t, -1.2], [t, -1.2], [t, -t], [1.2, -t], [1.2, t], [t, t], [t, 1.2], [-t, 1.2], [-t, t], [-1.2, t], [-1.2, -t], [-t, -t]],
    [[0, 1.15], [1.1, -0.85], [-1.1, -0.85]],
  ];
  const corners = kinds[code];
  return corners ? polygon(corners) : `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
}

/**
 * Where a class is as good as the best other one, as an SVG path in units of cells, y downward.
 * @param {Int8Array} lead of the class, row by row, the lowest row first @param {number} side
 */
export function boundary(lead, side) {
  const parts = [];
  for (let row = 0; row + 1 < side; row++) {
    for (let column = 0; column + 1 < side; column++) {
      const x = column + 0.5;
      const y = side - row - 0.5;
      const at = row * side + column;
      const corners = [[x, y, lead[at]], [x + 1, y, lead[at + 1]], [x + 1, y - 1, lead[at + side + 1]], [x, y - 1, lead[at + side]]];
      const crossed = [];
      for (let corner = 0; corner < 4; corner++) {
        const [x1, y1, here] = corners[corner];
        const [x2, y2, there] = corners[(corner + 1) % 4];
        if (here > 0 === there > 0) continue;
        const share = here / (here - there);
        crossed.push(`${(x1 + share * (x2 - x1)).toFixed(2)} ${(y1 + share * (y2 - y1)).toFixed(2)}`);
      }
      for (let pair = 0; pair < crossed.length; pair += 2) parts.push(`M${crossed[pair]}L${crossed[pair + 1]}`);
    }
  }
  return parts.join("");
}

/** @param {string} tag @param {Record<string, string|number>} attributes @param {string} [text] */
export function svg(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {number} code */
export function badge(code) {
  const picture = svg("svg", { viewBox: "-8 -8 16 16", width: 16, height: 16, "aria-hidden": "true" });
  picture.append(svg("path", { d: marker(code, 0, 0, 5.5), class: `alw-class-${code}` }));
  return picture;
}
