// @ts-check
/** A plotly figure that follows the kernel and the notebook's theme. */

import { guard } from "../common/guard.js";
import { plotly } from "../common/plotly.js";
import { makeStaleLine } from "../common/stale.js";
import { followTheme } from "../common/theme.js";

// Nothing is sent to a server.
const CONFIG = { displaylogo: false, showSendToCloud: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d"] };

/**
 * The figure in the page's colors.
 * @param {any} figure
 * @param {{text: string, line: string, font: string}} theme
 */
export function themed(figure, theme) {
  const axis = { gridcolor: theme.line, linecolor: theme.line, tickcolor: theme.line };
  const layout = figure.layout ?? {};
  return {
    ...layout,
    font: { ...layout.font, color: theme.text, family: theme.font, size: 12 },
    xaxis: { ...layout.xaxis, ...axis },
    yaxis: { ...layout.yaxis, ...axis },
  };
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el }) {
  el.classList.add("alw-root", "alw-curve");
  const caption = document.createElement("p");
  const plot = document.createElement("div");
  plot.className = "alw-plot";
  const controls = document.createElement("div");
  controls.className = "alw-controls";
  const problem = document.createElement("p");
  problem.className = "alw-problem";
  problem.setAttribute("role", "alert");
  problem.hidden = true;
  const stale = makeStaleLine(model);
  el.append(caption, problem, stale.element, plot, controls);

  /** @param {any} message */
  function send(message) {
    try {
      model.send(message);
    } catch {
      say("The kernel is gone.");
    }
  }

  /** @param {string} text */
  function say(text) {
    problem.textContent = text;
    problem.hidden = !text;
  }

  /** @param {string} text @param {string} title @param {() => void} press @param {HTMLElement} [place] */
  function button(text, title, press, place = controls) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.title = title;
    made.addEventListener("click", press);
    place.append(made);
    return made;
  }

  const against = document.createElement("select");
  against.setAttribute("aria-label", "against");
  against.addEventListener("change", () => send({ kind: "against", against: against.value }));
  const againstLine = document.createElement("label");
  againstLine.append("against ", against);
  controls.append(againstLine);
  const baseline = button("random baseline", "Find what labels drawn at random would have reached", () => {
    say("");
    send({ kind: "baseline" });
  });
  const save = document.createElement("span");
  save.className = "alw-save";
  save.textContent = "save as";
  controls.append(save);
  button("image", "Save the figure as PNG", () => library?.downloadImage(plot, { format: "png", scale: 2, filename: "learning_curve" }), save);
  button("table", "Save the rounds as CSV", () => send({ kind: "save", what: "table" }), save);
  button("page", "Save the figure as one HTML file", () => send({ kind: "save", what: "page" }), save);

  /** @param {any} message @param {DataView[]} buffers */
  function receive(message, buffers) {
    if (message.kind === "problem") say(message.error);
    if (message.kind !== "file") return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([/** @type {any} */ (buffers[0])], { type: message.mime }));
    link.download = message.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function drawControls() {
    const axes = /** @type {string[]} */ (model.get("_axes"));
    if (against.options.length !== axes.length) against.replaceChildren(...axes.map((axis) => new Option(axis, axis)));
    against.value = model.get("_against");
    againstLine.hidden = axes.length < 2;
    const busy = model.get("_busy");
    baseline.disabled = busy;
    baseline.textContent = busy ? "random baseline: fitting ..." : "random baseline";
  }
  let gone = false;
  /** @type {any} */ let library = null;

  function colors() {
    const style = getComputedStyle(el);
    return {
      text: style.getPropertyValue("--alw-quiet") || "#333",
      line: style.getPropertyValue("--alw-faint") || "#ddd",
      font: style.fontFamily,
    };
  }

  function draw() {
    drawControls();
    caption.textContent = model.get("_caption");
    const figure = model.get("_figure");
    if (!library || gone || !figure?.data) return;
    plot.setAttribute("role", "group");
    plot.setAttribute("aria-label", `Learning curve: ${caption.textContent}`);
    library.react(plot, figure.data, themed(figure, colors()), CONFIG).then(() => {
      // For whoever waits for a redraw: the number of rounds drawn.
      plot.dataset.rounds = String(figure.data[1]?.x?.length ?? 0);
    });
  }

  model.on("change", draw);
  model.on("msg:custom", receive);
  const unguard = guard(el, () => {});
  const unfollow = followTheme(el, draw);
  const size = new ResizeObserver(() => library && plot.dataset.rounds && library.Plots.resize(plot));
  size.observe(el);
  draw();
  plotly(model).then((loaded) => {
    library = loaded;
    draw();
  });
  return () => {
    gone = true;
    stale.close();
    unguard();
    model.off("change", draw);
    model.off("msg:custom", receive);
    unfollow();
    size.disconnect();
    library?.purge(plot);
  };
}

export default { render };
