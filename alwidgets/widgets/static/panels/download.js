// @ts-check
/** Files that come from the kernel. */

/** Hand a file to the browser to be saved. @param {{name: string, mime: string}} file @param {DataView} content */
export function download({ name, mime }, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([/** @type {any} */ (content)], { type: mime }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
