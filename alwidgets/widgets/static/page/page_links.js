// @ts-check
/** Who has a link to a page, and buttons that copy it or show it as a QR code; links come by message, and are kept nowhere. */

import { make, makeButton } from "../common/dom.js";
import { guard } from "../common/guard.js";
import { followTheme } from "../common/theme.js";

const COPIED_MS = 2000;

/** @typedef {{root: HTMLElement, model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").LinksState>, codes: Map<string, HTMLElement>}} Links codes: the QR codes that are shown, by names */

/** @param {Links} links */
function draw({ root, model, codes }) {
  const { url, reach, people, closed } = model.get("_page");
  if (closed) codes.clear();
  const head = make("p", "alw-links-head");
  head.append(make("strong", "", closed ? "This page is closed." : url), ...(closed ? [] : [make("span", "", reach)]));
  const list = make("ul", "alw-links-list");
  for (const { name, role, n_open } of people) {
    const line = make("li", "");
    const copy = makeButton("", "copy link", () => model.send({ kind: "copy", name }));
    copy.dataset.name = name;
    const code = makeButton("", "QR code", () => toggleCode({ root, model, codes }, name));
    code.setAttribute("aria-label", `QR code of ${name}`);
    code.setAttribute("aria-expanded", String(codes.has(name)));
    copy.disabled = code.disabled = closed;
    const open = n_open ? `${n_open} open` : "";
    line.append(make("span", "alw-links-name", name), make("span", "", role), copy, code, make("span", "", open));
    line.append(...[codes.get(name) ?? []].flat());
    list.append(line);
  }
  root.replaceChildren(head, list);
}

/** @param {Links} links @param {string} name */
function toggleCode(links, name) {
  if (!links.codes.delete(name)) links.model.send({ kind: "qr", name });
  else {
    draw(links);
    /** @type {HTMLElement|undefined} */ (codeButton(links, name))?.focus();
  }
}

/** @param {Links} links @param {string} name */
function codeButton({ root }, name) {
  return [...root.querySelectorAll("button")].find((each) => each.getAttribute("aria-label") === `QR code of ${name}`);
}

/** @param {Links} links @param {import("../common/sent.d.ts").QrCode} message */
function showCode(links, { name, svg, why }) {
  const figure = make("figure", "alw-links-code");
  if (svg) {
    // Drawn by our own kernel: an element of shapes, and no text that runs.
    const code = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    code.setAttribute("role", "img");
    code.setAttribute("aria-label", `Link of ${name} as a QR code`);
    figure.append(code);
  }
  const { reach } = links.model.get("_page");
  figure.append(make("figcaption", "", why || `Opens the page as ${name}: show it to nobody else. It is ${reach}.`));
  links.codes.set(name, figure);
  draw(links);
  codeButton(links, name)?.focus();
}

/** @param {HTMLElement} root @param {import("../common/sent.d.ts").LinkShown} message */
async function copy(root, { name, link }) {
  const button = [...root.querySelectorAll("button")].find((each) => each.dataset.name === name);
  if (!button) return;
  try {
    await navigator.clipboard.writeText(link);
    button.textContent = "copied";
  } catch {
    // A browser may allow it only over HTTPS: then the person copies it.
    const field = /** @type {HTMLInputElement} */ (make("input", ""));
    field.readOnly = true;
    field.value = link;
    field.setAttribute("aria-label", `Link of ${name}`);
    button.replaceWith(field);
    field.select();
    return;
  }
  setTimeout(() => (button.textContent = "copy link"), COPIED_MS);
}

export default {
  /** @param {{model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").LinksState>, el: HTMLElement}} context */
  render({ model, el }) {
    el.classList.add("alw-root", "alw-links");
    /** @type {Links} */ const links = { root: el, model, codes: new Map() };
    const redraw = () => draw(links);
    const receive = (/** @type {import("../common/sent.d.ts").Sent} */ message) => {
      if (message.kind === "link") copy(el, message);
      else if (message.kind === "qr") showCode(links, message);
    };
    model.on("change:_page", redraw);
    model.on("msg:custom", receive);
    const ends = [followTheme(el), guard(el, () => {})];
    redraw();
    return () => {
      model.off("change:_page", redraw);
      model.off("msg:custom", receive);
      ends.forEach((end) => end());
    };
  },
};
