// @ts-check
/** A sample as it is shown. */

import { make } from "./dom.js";

/** @param {any} payload */
export function drawn(payload) {
  if (payload.type === "image") {
    const image = /** @type {HTMLImageElement} */ (make("img", ""));
    const fit = () => image.classList.toggle("alw-small", Math.max(image.naturalWidth, image.naturalHeight) <= 64);
    image.alt = payload.alt;
    image.src = payload.url;
    if (image.complete) fit();
    else image.addEventListener("load", fit);
    return image;
  }
  if (payload.type === "row") {
    const table = document.createElement("table");
    for (const [name, value] of payload.cells) {
      const row = table.insertRow();
      const head = make("th", "", name);
      head.setAttribute("scope", "row");
      row.append(head);
      row.insertCell().textContent = value;
    }
    return table;
  }
  const text = make("div", payload.type === "error" ? "alw-message" : "alw-text", payload.text);
  text.dir = "auto";
  return text;
}
