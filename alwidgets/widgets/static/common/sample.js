// @ts-check
/** A sample as it is shown: text, an image, a row, audio, a page of HTML, or two of them side by side. */

import { make } from "./dom.js";
import { addressed, readFile } from "./files.js";
import { marked } from "./marks.js";
import { drawnPage } from "./page.js";
import { drawnPicture } from "./picture.js";
import { drawnPlayer } from "./player.js";
import { drawnRow } from "./row.js";

/** @typedef {{highlight?: readonly string[], playKey?: string, halfKeys?: string[]}} Options halfKeys: those that answer which of two */

/**
 * Draw a sample. The element takes two events: "alw-zoom" and "alw-play".
 * @param {import("./sent.d.ts").Drawable} payload as it came, its binary parts taken in by `received`
 * @param {Options} [options] words to mark in texts; the key that plays, to be shown on its button
 * @returns {HTMLElement}
 */
export function drawn(payload, options = {}) {
  const sample = drawnKind(payload, options);
  if (!payload.note) return sample;
  const noted = make("div", "alw-noted");
  noted.append(sample, make("p", "alw-note", payload.note));
  return passedOn(noted);
}

/**
 * Take in the binary parts of a payload: each part with a media type has one, in the same order.
 * @param {import("./sent.d.ts").Drawable} payload
 * @param {readonly DataView[]} buffers
 * @param {() => void} [broken] is called when the browser cannot read an image of it
 */
export function received(payload, buffers, broken = () => {}) {
  partsOf(payload)
    .filter((part) => "mime" in part)
    .forEach((part, place) => {
      addressed(part, buffers[place]);
      if (part.type !== "image") return;
      // Loaded now, and kept: when the sample's turn comes, its picture is there in the same frame.
      part.loaded = new Image();
      readFile(part.loaded, part, broken);
    });
  return payload;
}

/**
 * Keep what an item shows, once; of what the browser turns out not to be able to read, that it cannot be shown.
 * @param {Map<number, import("./sent.d.ts").Drawable>} payloads
 * @param {import("./sent.d.ts").Payload} message with the item and its payload
 * @param {readonly DataView[]} buffers
 * @param {(item: number) => void} changed is called when the item cannot be shown
 */
export function keep(payloads, { item, payload }, buffers, changed) {
  const before = payloads.get(item);
  if (before) return renew(before, payload, buffers);
  const came = received(payload, buffers, () => {
    // Let go of meanwhile, and no image any more.
    if (payloads.get(item) !== came) return;
    released(came);
    payloads.set(item, { type: "error", text: `Row ${item} cannot be shown: the browser cannot read its image.` });
    changed(item);
  });
  payloads.set(item, came);
}

/** Whether only a smaller image of it was sent. @param {import("./sent.d.ts").Drawable} payload */
function isSmaller(payload) {
  return partsOf(payload).some((part) => part.type === "image" && part.size && !part.whole);
}

/**
 * Ask for the whole of an image that is looked at closely, where a smaller one was sent.
 * @param {Map<number, import("./sent.d.ts").Drawable>} payloads
 * @param {number|null} item
 * @param {(message: import("./said.d.ts").SaidRequest) => void} send
 */
export function askWholeOf(payloads, item, send) {
  const payload = item === null ? undefined : payloads.get(item);
  if (item !== null && payload && isSmaller(payload)) send({ kind: "need", items: [item] });
}

/**
 * Put whole images in the place of smaller ones, where they are on screen too.
 * @param {import("./sent.d.ts").Drawable} before
 * @param {import("./sent.d.ts").Drawable} payload of the same sample
 * @param {readonly DataView[]} buffers
 */
function renew(before, payload, buffers) {
  const whole = partsOf(payload).filter((part) => "mime" in part);
  if (!isSmaller(before) || isSmaller(payload)) return;
  partsOf(before).filter((part) => "mime" in part).forEach((part, place) => {
    if (part.type !== "image" || !part.size || whole[place]?.type !== "image") return;
    const old = part.url;
    part.mime = whole[place].mime;
    part.whole = true;
    addressed(part, buffers[place]);
    part.renew?.();
    if (old) URL.revokeObjectURL(old);
  });
}

/** How many bytes a payload holds. @param {import("./sent.d.ts").Drawable} payload */
export function weightOf(payload) {
  return partsOf(payload).reduce((sum, part) => sum + ("mime" in part ? (part.weight ?? 0) : 0), 0);
}

/** Free what `received` holds. @param {import("./sent.d.ts").Drawable} payload */
export function released(payload) {
  for (const part of partsOf(payload)) {
    if ("url" in part && part.url) URL.revokeObjectURL(part.url);
  }
}

/** Whether there is something to hear. @param {import("./sent.d.ts").Drawable} payload */
export function isAudio(payload) {
  return partsOf(payload).some(({ type }) => type === "audio");
}

/** Show the images of a sample larger, and, when they are largest, fitted again. @param {Element} sample */
export function zoom(sample) {
  parts(sample, ".alw-image").forEach((image) => image.dispatchEvent(new CustomEvent("alw-zoom")));
}

/** Play a sample, or stop; of two, the first, the second, none. @param {Element} sample */
export function play(sample) {
  const players = parts(sample, ".alw-audio");
  const playing = players.findIndex((player) => player.classList.contains("alw-playing"));
  players[playing]?.dispatchEvent(new CustomEvent("alw-play"));
  players[playing + 1]?.dispatchEvent(new CustomEvent("alw-play"));
}

/** @param {import("./sent.d.ts").Drawable} payload @returns {import("./sent.d.ts").Part[]} */
function partsOf(payload) {
  return "parts" in payload ? payload.parts : [payload];
}

/** @param {Element} sample @param {string} selector */
function parts(sample, selector) {
  return sample.matches(selector) ? [sample] : [...sample.querySelectorAll(selector)];
}

/** @param {import("./sent.d.ts").Drawable} payload @param {Options} options @returns {HTMLElement} */
function drawnKind(payload, options) {
  const words = options.highlight ?? [];
  if (payload.type === "image") return drawnPicture(payload);
  if (payload.type === "audio") return drawnPlayer(payload, options.playKey ?? "p");
  if (payload.type === "row") return reachable(drawnRow(payload, words));
  if (payload.type === "html") return drawnPage(payload);
  if (payload.type === "pair") return drawnPair(payload, options);
  if (payload.type === "error") return make("p", "alw-message", payload.text);
  // An empty card looks like one that is still to come.
  if (!payload.text.trim()) return make("p", "alw-message", "The text is empty.");
  const text = make("div", "alw-text");
  text.append(...marked(payload.text, words));
  text.dir = "auto";
  return reachable(text);
}

/** @param {{parts: import("./sent.d.ts").Part[]}} payload @param {Options} options */
function drawnPair(payload, options) {
  const pair = make("div", "alw-pair");
  payload.parts.forEach((part, place) => {
    const half = make("section", "alw-half");
    const name = options.halfKeys?.[place] ?? ["first", "second"][place];
    half.setAttribute("aria-label", name);
    const body = make("div", "alw-half-body");
    body.append(drawn(part, options));
    half.append(make("div", "alw-half-name", name), body);
    pair.append(half);
  });
  return reachable(passedOn(pair));
}

/** What is longer than its room can be reached, and then scrolled, by key. @param {HTMLElement} sample */
function reachable(sample) {
  const look = () => {
    const room = sample.parentElement;
    if (room && room.scrollHeight > room.clientHeight) sample.tabIndex = 0;
    else sample.removeAttribute("tabindex");
  };
  new ResizeObserver(look).observe(sample);
  return sample;
}

/** @param {HTMLElement} whole */
function passedOn(whole) {
  whole.addEventListener("alw-zoom", () => zoom(whole));
  whole.addEventListener("alw-play", () => play(whole));
  return whole;
}
