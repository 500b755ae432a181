// @ts-check
/** plotly.js as a script of the page's own server: a page may not run text that it is sent. */

/** What could not be loaded is tried again after so long. */
export const AGAIN_MS = 2000;

/** Have figures find plotly.js here (see `common/plotly.js`), fetched by the first one. @param {Document} document */
export function offerPlotly(document) {
  const page = /** @type {any} */ (globalThis);
  page[Symbol.for("alwidgets.plotly")] = {
    library: null, host: null, askedAt: 0, waiting: new Set(),
    // It draws on WebGL by functions made of text.
    plain: true,
    ofHost: () => script(document),
  };
}

/** @param {Document} document @returns {Promise<any>} */
function script(document) {
  return new Promise((resolve) => {
    const load = () => {
      const element = document.createElement("script");
      element.src = "plotly.js";
      element.addEventListener("load", () => resolve(/** @type {any} */ (globalThis).Plotly));
      element.addEventListener("error", () => {
        element.remove();
        setTimeout(load, AGAIN_MS);
      });
      document.head.append(element);
    };
    load();
  });
}
