// @ts-check
/** The advice in one sentence, and every criterion as a row. */

/** @param {number|null} value */
export function shown(value) {
  if (value === null || value === undefined) return "-";
  return Math.abs(value) >= 0.01 || value === 0 ? value.toFixed(2) : value.toPrecision(1);
}

/** @param {string} text @param {string} tag */
function cell(text, tag = "td") {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el }) {
  el.classList.add("alw-root", "alw-stopping");
  const verdict = document.createElement("p");
  verdict.setAttribute("aria-live", "polite");
  const table = document.createElement("table");
  el.append(verdict, table);

  function draw() {
    const advice = model.get("_advice");
    if (verdict.textContent !== advice.sentence) verdict.textContent = advice.sentence ?? "";
    verdict.className = `alw-verdict${advice.stop ? " alw-stop" : ""}`;
    table.replaceChildren(
      ...(advice.readings ?? []).map((/** @type {any} */ reading) => {
        const row = document.createElement("tr");
        const name = cell(reading.name, "th");
        name.setAttribute("scope", "row");
        const value = reading.value === null ? "" : `${shown(reading.value)} of ${shown(reading.threshold)}`;
        row.append(name, cell(reading.fired ? "stop" : reading.value === null ? "open" : "go on"), cell(value), cell(reading.why));
        return row;
      }),
    );
  }

  model.on("change:_advice", draw);
  draw();
  return () => model.off("change:_advice", draw);
}

export default { render };
