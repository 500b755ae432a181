// @ts-check
/** Where the page begins: the parts that a person may see are loaded when it is known who that is. */

// @ts-ignore: its modules are joined into one beside this file.
import { startPage } from "./page.js";

// A module that could not be loaded is not loaded again under the same address.
startPage(document, (/** @type {string} */ name, /** @type {number} */ times) => import(`./${name}.js${times ? `?${times}` : ""}`));
