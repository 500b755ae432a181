// node in_pyodide.mjs MODULE PACKAGE TESTS: runs in_pyodide.py there, and prints what it returns or the error.
import { pathToFileURL } from "node:url";

const [module, ours, tests] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(module).href);
const pyodide = await loadPyodide();
for (const [place, root] of Object.entries({ "/ours/alwidgets": ours, "/tests": tests })) {
  pyodide.FS.mkdirTree(place);
  pyodide.FS.mount(pyodide.FS.filesystems.NODEFS, { root }, place);
}
try {
  console.log(pyodide.runPython("import sys; sys.path[:0] = ['/ours', '/tests']; import in_pyodide; in_pyodide.main()"));
} catch (error) {
  // Not thrown: Node would print the line it comes from, which is all of Pyodide.
  console.log(error.message);
  process.exitCode = 1;
}
