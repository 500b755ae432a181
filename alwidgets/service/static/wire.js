// @ts-check
/** Messages on the way: JSON, or bytes where there are binary parts (see `wire.py`). */

/** @param {any} message @param {readonly (ArrayBuffer|ArrayBufferView)[]} [buffers] @returns {string|Uint8Array} */
export function packed(message, buffers = []) {
  if (!buffers.length) return JSON.stringify(message);
  const parts = buffers.map((buffer) =>
    ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer));
  const head = new TextEncoder().encode(JSON.stringify({ message, lengths: parts.map(({ length }) => length) }));
  const all = new Uint8Array(4 + head.length + parts.reduce((sum, { length }) => sum + length, 0));
  new DataView(all.buffer).setUint32(0, head.length, true);
  all.set(head, 4);
  let start = 4 + head.length;
  for (const part of parts) {
    all.set(part, start);
    start += part.length;
  }
  return all;
}

/** @param {string|ArrayBuffer} data @returns {{message: any, buffers: DataView[]}} */
export function unpacked(data) {
  if (typeof data === "string") return { message: JSON.parse(data), buffers: [] };
  let start = 4 + new DataView(data).getUint32(0, true);
  const { message, lengths } = JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, start - 4)));
  const buffers = lengths.map((/** @type {number} */ length) => {
    start += length;
    return new DataView(data, start - length, length);
  });
  return { message, buffers };
}
