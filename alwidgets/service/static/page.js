// @ts-check
/** The page: who somebody is, whether it is connected, and the parts, each as in a notebook. */

import { takeKey } from "./key.js";
import { makeModel } from "./model.js";
import { AGAIN_MS, offerPlotly } from "./plotly_script.js";
import { makeTalk } from "./talk.js";

/**
 * @typedef {object} Shown a part on the page
 * @property {ReturnType<typeof makeModel>} model
 * @property {Promise<any>|null} widget null until it is wanted
 * @property {HTMLElement} element
 * @property {boolean} begun whether it was drawn
 * @property {boolean} known whether it has its state over this connection
 * @property {boolean} wanted whether it was looked at: a part is fetched when it is
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
    connected: () => askForParts(page),
    lost: (why) => lose(page, why),
  });
  offerPlotly(document);
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
  for (const part of parts) addPart(page, part);
  find(page, "parts").hidden = parts.length < 2;
  choose(page, parts[0].name);
}

/** @param {Page} page @param {import("./talk.js").Entry["parts"][0]} part */
function addPart(page, { name, title, inert }) {
  const { document } = page;
  const element = document.createElement("section");
  element.dataset.part = name;
  // Who may only look cannot press anything either.
  element.inert = inert;
  element.append(document.createElement("div"));
  find(page, "main").append(element);
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = title;
  button.dataset.part = name;
  button.addEventListener("click", () => choose(page, name));
  find(page, "parts").append(button);
  page.parts.set(name, { model: makeModel(name, page.talk), widget: null, element, begun: false, known: false, wanted: false });
}

/** Fetch a part that is looked at, and ask for its state. @param {Page} page @param {string} name */
function want(page, name) {
  const shown = /** @type {Shown} */ (page.parts.get(name));
  if (shown.wanted) return;
  shown.wanted = true;
  const style = page.document.createElement("link");
  style.rel = "stylesheet";
  style.href = `${name}.css`;
  style.addEventListener("error", () => setTimeout(() => (style.href = `${style.href.split("?")[0]}?${Date.now()}`), AGAIN_MS));
  page.document.head.append(style);
  shown.widget = loaded(page, name);
  shown.model.send({ kind: "there" });
}

/** A new connection knows of no part that is looked at. @param {Page} page */
function askForParts(page) {
  tellLink(page, "");
  for (const { model, wanted } of page.parts.values()) if (wanted) model.send({ kind: "there" });
}

/** The widget of a part, as soon as it can be had. @param {Page} page @param {string} name */
async function loaded(page, name) {
  for (let times = 0; ; times++) {
    try {
      const { default: made } = await page.load(name, times);
      return typeof made === "function" ? made() : made;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

/** @param {Page} page @param {string} chosen */
function choose(page, chosen) {
  want(page, chosen);
  for (const [name, { element }] of page.parts) element.hidden = name !== chosen;
  for (const button of find(page, "parts").children) {
    const isChosen = /** @type {HTMLElement} */ (button).dataset.part === chosen;
    if (isChosen) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  focusPart(page);
}

/** @param {Page} page @param {any} message @param {DataView[]} buffers */
function hear(page, { part, state, message, notice, problem }, buffers) {
  if (notice) {
    page.notice = notice;
    tellLink(page, "");
  }
  const shown = page.parts.get(part);
  if (!shown) return;
  if (state) takeState(page, shown, state);
  // There is nothing else in it then.
  else if (problem) /** @type {HTMLElement} */ (shown.element.firstElementChild).textContent = problem;
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
  element.firstElementChild?.replaceChildren();
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

/** @param {Page} page @param {string} problem */
function tellLink(page, problem) {
  const text = problem || page.notice;
  const line = find(page, "problem");
  line.hidden = !text;
  if (line.textContent !== text) line.textContent = text;
  const link = find(page, "link");
  link.textContent = problem ? "not connected" : "connected";
  link.dataset.connected = String(!problem);
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
