// @ts-check
/** What whoever looks at a page may change: what would be refused is not offered. */

/** @param {import("./sent.d.ts").Model<any>} model @param {string} kind of message */
export function may(model, kind) {
  return model.get("_may").includes(kind);
}
