/** Draws the figures of a page of the site, in the colors of its scheme. */
const holders = [...document.querySelectorAll(".figure")];
const read = holders.map((holder) => JSON.parse(holder.querySelector("script").textContent));

function draw() {
  const color = getComputedStyle(document.body).color;
  const clear = "rgba(0,0,0,0)";
  holders.forEach((holder, at) => {
    const { data, layout } = read[at];
    const shown = { ...layout, width: undefined, height: undefined, autosize: true, font: { ...layout.font, color } };
    Plotly.react(holder, data, { ...shown, paper_bgcolor: clear, plot_bgcolor: clear }, { responsive: true, displayModeBar: false });
  });
}

holders.forEach((holder) => holder.replaceChildren());
draw();
new MutationObserver(draw).observe(document.body, { attributeFilter: ["data-md-color-scheme"] });
