// @ts-check
/**
 * Instructions: the part of Markdown that they need, as elements. Text stays text: no HTML, no images, and an address
 * only behind its words, so that nothing foreign is loaded or run.
 */

import { make } from "../common/dom.js";

const LINE = /^(#{1,4})\s+(.*)$|^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$|^>\s?(.*)$/;
const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|_([^_\s][^_]*)_|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/g;

/**
 * @param {string} text
 * @returns {HTMLElement[]}
 */
export function markdown(text) {
  /** @type {HTMLElement[]} */ const blocks = [];
  /** @type {HTMLElement|null} */ let open = null;
  /** @type {string[]|null} */ let code = null;
  /** @param {string} tag */
  const within = (tag) => {
    if (open?.tagName.toLowerCase() !== tag) {
      open = make(tag, "");
      blocks.push(open);
    }
    return open;
  };
  for (const line of text.replaceAll("\r\n", "\n").split("\n")) {
    if (line.trimStart().startsWith("```")) {
      if (code) blocks.push(codeBlock(code));
      code = code ? null : [];
      open = null;
      continue;
    }
    if (code) {
      code.push(line);
      continue;
    }
    const [matched, level, heading, number, listed, quoted] = LINE.exec(line) ?? [];
    if (!line.trim()) {
      open = null;
    } else if (level) {
      open = null;
      // The card's own headings come above.
      blocks.push(withInline(make(`h${Math.min(6, level.length + 2)}`, ""), heading));
    } else if (matched && listed !== undefined) {
      within(number ? "ol" : "ul").append(withInline(make("li", ""), listed));
    } else if (matched) {
      withInline(within("blockquote"), `${quoted} `);
    } else {
      withInline(within("p"), `${line} `);
    }
  }
  if (code) blocks.push(codeBlock(code));
  return blocks;
}

/** @param {string[]} lines */
function codeBlock(lines) {
  const block = make("pre", "");
  block.append(make("code", "", lines.join("\n")));
  return block;
}

/** @param {HTMLElement} element @param {string} text */
function withInline(element, text) {
  let place = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, strong, strong2, soft, soft2, words, address] = match;
    element.append(text.slice(place, match.index));
    if (code) element.append(make("code", "", code));
    else if (strong ?? strong2) element.append(make("strong", "", strong ?? strong2));
    else if (soft ?? soft2) element.append(make("em", "", soft ?? soft2));
    else element.append(link(words, address));
    place = match.index + whole.length;
  }
  element.append(text.slice(place));
  return element;
}

/** @param {string} words @param {string} address */
function link(words, address) {
  const element = /** @type {HTMLAnchorElement} */ (make("a", "", words));
  element.href = address;
  element.target = "_blank";
  element.rel = "noopener noreferrer";
  return element;
}
