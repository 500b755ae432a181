// @ts-check
/** What is said of a change that the kernel has acknowledged. */

/** @param {any} sent @param {string[]} classes @returns {string} empty where there is nothing to say */
export function saidOf(sent, classes) {
  if (sent.kind === "undo") return "undone";
  if (sent.note !== undefined) return sent.note ? "note kept" : "note removed";
  if (sent.kind === "add_class") return `class ${sent.name} added`;
  if (sent.kind === "remap") return "key changed";
  // Of several at once, how many there were was said.
  if (sent.kind !== "answer" || sent.via) return "";
  if (sent.value === null) return sent.unsure ? "unsure, next item" : "skipped, next item";
  const labels = [sent.value].flat().map((value) => classes[value]);
  return `labeled ${labels.join(", ") || "none of these"}, next item`;
}
