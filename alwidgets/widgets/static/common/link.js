// @ts-check
/** What a page knows of the connection to its kernel. */

/** @typedef {"unknown"|"gone"|"lost"|"busy"|"idle"} Link
 * unknown: the host does not show it; gone: there is no kernel; lost: there is one, out of reach */

/**
 * The connection of a widget's model, as it is now.
 * @param {import("./sent.d.ts").Model<any>} model
 * @returns {Link}
 */
export function linkTo(model) {
  const manager = model.widget_manager;
  if (!manager || !("kernel" in manager)) return "unknown";
  const { kernel } = manager;
  if (!kernel || kernel.isDisposed) return "gone";
  // Kernels of JupyterLab and Notebook tell both.
  if ((kernel.connectionStatus ?? "connected") !== "connected") return "lost";
  return kernel.status === "busy" ? "busy" : "idle";
}
