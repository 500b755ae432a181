// @ts-check
/** plotly.js, fetched once a page. */

const PLOTLY = Symbol.for("alwidgets.plotly");
const PATIENCE_MS = 10000;

/**
 * plotly.js, fetched by one model for all figures of the page; by another, if that one's kernel never answers.
 * @param {any} model
 * @returns {Promise<any>}
 */
export function plotly(model) {
  const page = /** @type {any} */ (globalThis);
  const shared = (page[PLOTLY] ??= { library: null, askedAt: 0, waiting: new Set() });
  const receive = (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => {
    if (message.kind !== "plotly" || shared.library) return;
    // A plain script: given a module to fill, it leaves no global behind.
    const module = { exports: {} };
    new Function("module", "exports", "define", new TextDecoder().decode(buffers[0]))(module, module.exports, undefined);
    shared.library = module.exports;
    shared.waiting.forEach((/** @type {(library: any) => void} */ resolve) => resolve(shared.library));
  };
  const ask = () => {
    if (shared.library) return;
    const left = shared.askedAt + PATIENCE_MS - Date.now();
    if (left > 0) return void setTimeout(ask, left);
    shared.askedAt = Date.now();
    try {
      model.send({ kind: "need_plotly" });
    } catch {
      // This model's kernel is gone; a newer one will ask.
    }
  };
  return new Promise((resolve) => {
    if (shared.library) return resolve(shared.library);
    shared.waiting.add(resolve);
    model.on("msg:custom", receive);
    ask();
  });
}
