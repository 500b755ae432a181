// @ts-check
/** plotly.js, once a page: the notebook's own, or else fetched from the kernel. */

const PLOTLY = Symbol.for("alwidgets.plotly");
const PATIENCE_MS = 10000;

/**
 * plotly.js for all figures of the page.
 * @param {import("./sent.d.ts").Model<any>} model
 * @returns {Promise<any>}
 */
export async function plotly(model) {
  const page = /** @type {any} */ (globalThis);
  const shared = (page[PLOTLY] ??= { library: null, host: null, askedAt: 0, waiting: new Set(), plain: false, ofHost });
  shared.library ??= await (shared.host ??= shared.ofHost());
  return shared.library ?? fetched(model, shared);
}

/** Whether figures are drawn without WebGL: the page of a server lets no library make functions of text. @returns {boolean} */
export function isPlain() {
  return Boolean(/** @type {any} */ (globalThis)[PLOTLY]?.plain);
}

/** JupyterLab has read plotly's extension when it started; that gives the library after it has drawn a figure. */
async function ofHost() {
  try {
    const extension = /** @type {any} */ (globalThis)._JUPYTERLAB["jupyterlab-plotly"];
    const { MIME_TYPE, RenderedPlotly, rendererFactory } = (await extension.get("./mimeExtension"))();
    const figure = { data: [], layout: {} };
    await rendererFactory.createRenderer({ mimeType: MIME_TYPE }).renderModel({ data: { [MIME_TYPE]: figure } });
    return RenderedPlotly.Plotly ?? null;
  } catch {
    // Another host, no such extension, or one of another kind.
    return null;
  }
}

/**
 * plotly.js, fetched by one model for all figures of the page; by another, if that one's kernel never answers.
 * @param {import("./sent.d.ts").Model<any>} model
 * @param {any} shared
 * @returns {Promise<any>}
 */
function fetched(model, shared) {
  const receive = (/** @type {import("./sent.d.ts").Sent} */ message, /** @type {DataView[]} */ buffers) => {
    if (message.kind !== "plotly" || shared.library) return;
    // A plain script, given a module to fill.
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
    shared.waiting.add(resolve);
    model.on("msg:custom", receive);
    ask();
  });
}
