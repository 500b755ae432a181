// @ts-check
/** The page: who somebody is, whether it is connected, and the parts, each as in a notebook. */

import { takeKey } from "./key.js";
import { makeModel } from "./model.js";
import { makeTalk } from "./talk.js";

/** What could not be loaded is tried again after so long. */
const AGAIN_MS = 2000;

/**
 * @typedef {object} Shown a part on the page
 * @property {ReturnType<typeof makeModel>} model
 * @property {Promise<any>} widget
 * @property {HTMLElement} element
 * @property {boolean} begun whether it was drawn
 * @property {boolean} known whether it has its state over this connection
 *
 * @typedef {object} Page
 * @property {Document} document
 * @property {(name: string, times: number) => Promise<any>} load
 * @property {ReturnType<typeof makeTalk>} talk
 * @property {Map<string, Shown>} parts
 * @property {string} notice
 */

/** @param {Document} document @param {Page["load"]} load the module of a part, tried so many times before */
export function startPage(document, load) {
  const started = { document, load, parts: new Map(), notice: "" };
  const page = /** @type {Page} */ (/** @type {unknown} */ (started));
  const key = takeKey();
  page.talk = makeTalk(key, {
    entered: async (entry) => enterPage(page, entry),
    hear: (message, buffers) => hear(page, message, buffers),
    connected: () => tellLink(page, ""),
    lost: (why) => lose(page, why),
  });
  keepFocus(page);
}

/** @param {Page} page @param {string} name @returns {HTMLElement} */
function find(page, name) {
  return /** @type {HTMLElement} */ (page.document.querySelector(`.alw-page-${name}`));
}

/** @param {Page} page @param {import("./talk.js").Entry} entry */
function enterPage(page, { name, role, parts }) {
  if (page.parts.size) return;
  find(page, "person").textContent = role === "annotator" ? name : `${name}, ${role}`;
  page.document.title = `${name} · alwidgets`;
  const main = find(page, "main");
  main.dataset.role = role;
  // Who may only look cannot press anything either.
  main.inert = role === "viewer";
  for (const part of parts) addPart(page, part.name, part.title);
  find(page, "parts").hidden = parts.length < 2;
  choose(page, parts[0].name);
}

/** @param {Page} page @param {string} name @param {string} title */
function addPart(page, name, title) {
  const { document } = page;
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = `${name}.css`;
  style.addEventListener("error", () => setTimeout(() => (style.href = `${style.href.split("?")[0]}?${Date.now()}`), AGAIN_MS));
  document.head.append(style);
  const element = document.createElement("section");
  element.dataset.part = name;
  element.append(document.createElement("div"));
  find(page, "main").append(element);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = title;
  button.dataset.part = name;
  button.addEventListener("click", () => choose(page, name));
  find(page, "parts").append(button);
  const widget = loaded(page, name);
  page.parts.set(name, { model: makeModel(name, page.talk), widget, element, begun: false, known: false });
}

/** The widget of a part, as soon as it can be had. @param {Page} page @param {string} name */
async function loaded(page, name) {
  for (let times = 0; ; times++) {
    try {
      return (await page.load(name, times)).default();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/** @param {Page} page @param {string} chosen */
function choose(page, chosen) {
  for (const [name, { element }] of page.parts) element.hidden = name !== chosen;
  for (const button of find(page, "parts").children) {
    const isChosen = /** @type {HTMLElement} */ (button).dataset.part === chosen;
    if (isChosen) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  focusPart(page);
}

/** @param {Page} page @param {any} message @param {DataView[]} buffers */
function hear(page, { part, state, message, notice }, buffers) {
  if (notice) {
    page.notice = notice;
    tellLink(page, "");
  }
  const shown = page.parts.get(part);
  if (!shown) return;
  if (state) takeState(page, shown, state);
  else shown.model.hear(message, buffers);
}

/** @param {Page} page @param {Shown} shown @param {Record<string, any>} state */
function takeState(page, shown, state) {
  const isAgain = shown.begun && !shown.known;
  shown.known = true;
  shown.model.take(state);
  if (!shown.begun) begin(page, shown);
  else if (isAgain) shown.model.again();
}

/** Draw a part once it has its state. @param {Page} page @param {Shown} shown */
async function begin(page, shown) {
  shown.begun = true;
  const { model, element } = shown;
  const widget = await shown.widget;
  widget.initialize?.({ model });
  widget.render({ model, el: /** @type {HTMLElement} */ (element.firstElementChild) });
  focusPart(page);
}

/** @param {Page} page @param {string} why */
function lose(page, why) {
  for (const shown of page.parts.values()) shown.known = false;
  page.notice = "";
  tellLink(page, why || "Not connected. What you answer waits in this browser, and is sent when the connection is back.");
}

/** @param {Page} page @param {string} trouble */
function tellLink(page, trouble) {
  const text = trouble || page.notice;
  const line = find(page, "trouble");
  line.hidden = !text;
  if (line.textContent !== text) line.textContent = text;
  const link = find(page, "link");
  link.textContent = trouble ? "not connected" : "connected";
  link.dataset.connected = String(!trouble);
}

/** Keys are for the part on screen, whatever was clicked beside it. @param {Page} page */
function keepFocus(page) {
  const { document } = page;
  const look = () => setTimeout(() => document.activeElement === document.body && focusPart(page));
  document.addEventListener("pointerup", look);
  window.addEventListener("focus", look);
}

/** @param {Page} page */
function focusPart({ document }) {
  const root = document.querySelector("section:not([hidden]) .alw-root");
  /** @type {HTMLElement|null} */ (root)?.focus({ preventScroll: true });
}
