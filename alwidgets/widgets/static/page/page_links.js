// @ts-check
/** Who has a link to a page, and a button for each that copies it; a link comes by message, and is kept nowhere. */

import { make, makeButton } from "../common/dom.js";
import { followTheme } from "../common/theme.js";

const COPIED_MS = 2000;

/** @param {HTMLElement} root @param {any} model */
function draw(root, model) {
  const { url, reach, people, closed } = model.get("_page");
  const head = make("p", "alw-links-head");
  head.append(make("strong", "", closed ? "This page is closed." : url), ...(closed ? [] : [make("span", "", reach)]));
  const list = make("ul", "alw-links-list");
  for (const { name, role, n_open } of people) {
    const line = make("li", "");
    const button = makeButton("", "copy link", () => model.send({ kind: "copy", name }));
    button.dataset.name = name;
    button.disabled = closed;
    const open = n_open ? `${n_open} open` : "";
    line.append(make("span", "alw-links-name", name), make("span", "", role), button, make("span", "", open));
    list.append(line);
  }
  root.replaceChildren(head, list);
}

/** @param {HTMLElement} root @param {{kind: string, name: string, link: string}} message */
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
  /** @param {{model: any, el: HTMLElement}} context */
  render({ model, el }) {
    el.classList.add("alw-root", "alw-links");
    const redraw = () => draw(el, model);
    const receive = (/** @type {any} */ message) => void (message.kind === "link" && copy(el, message));
    model.on("change:_page", redraw);
    model.on("msg:custom", receive);
    const unfollow = followTheme(el);
    redraw();
    return () => {
      model.off("change:_page", redraw);
      model.off("msg:custom", receive);
      unfollow();
    };
  },
};
