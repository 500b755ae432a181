// @ts-check
/** The files of a sample, with an address each: blob:, or, where a page forbids those, data:. */

/** Give a file an address. @param {import("./sent.d.ts").Picture|import("./sent.d.ts").Sound} part with its media type @param {DataView} bytes kept while another address may be needed */
export function addressed(part, bytes) {
  part.bytes = bytes;
  part.weight = bytes.byteLength;
  part.url = URL.createObjectURL(new Blob([/** @type {DataView<ArrayBuffer>} */ (bytes)], { type: part.mime }));
}

/**
 * Have an element read a file, from another address where it cannot read the first.
 * @param {HTMLImageElement|HTMLAudioElement} element
 * @param {import("./sent.d.ts").Picture|import("./sent.d.ts").Sound} part
 * @param {() => void} fail is called when there is no other address left
 */
export function readFile(element, part, fail) {
  let tried = part.url ?? "";
  element.addEventListener("error", () => {
    const other = otherAddress(part, tried);
    if (other === null) return fail();
    tried = other;
    element.src = other;
  });
  // An image tells the one, a sound the other.
  for (const name of ["load", "loadedmetadata"]) element.addEventListener(name, () => (part.bytes = null));
  element.src = tried;
}

/** @param {import("./sent.d.ts").Picture|import("./sent.d.ts").Sound} part @param {string} tried what could not be read @returns {string|null} */
function otherAddress(part, tried) {
  // Another element has found the other one meanwhile.
  if (part.url === undefined || tried !== part.url) return part.url ?? null;
  if (!part.bytes) return null;
  URL.revokeObjectURL(part.url);
  part.url = `data:${part.mime};base64,${base64(part.bytes)}`;
  part.bytes = null;
  return part.url;
}

/** @param {DataView|Uint8Array} view */
function base64({ buffer, byteOffset, byteLength }) {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  let text = "";
  // As many at once as a call can have arguments.
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
