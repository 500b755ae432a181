// @ts-check
/** Drift of a pool that grows: the last check, what moved, and what to do about it. */

import { make, makeButton, showText } from "../common/dom.js";
import { makeFiguresPanel, sendFromPanel, showFigures } from "../common/figures_panel.js";
import { may } from "../common/may.js";
import { makeSendingWidget } from "../common/sending.js";
import { makeAlarms, makeClasses, makeColumns, makeParts, timeText } from "./drift_tables.js";
import { askText } from "./drift_words.js";

/** @typedef {import("../common/figures_panel.js").FiguresPanel} FiguresPanel */

/**
 * @typedef {object} Drift
 * @property {FiguresPanel} panel
 * @property {string|null} part that is looked at; null for the newest
 * @property {import("../common/sent.d.ts").DriftCheck|null} checked
 * @property {ReturnType<typeof makeDriftParts>} parts
 */

/** @param {import("../common/figures_panel.js").Context} context @param {FiguresPanel["sending"]} sending */
function render(context, sending) {
  const options = { name: "drift", label: "Drift", looking: "Looking for drift ..." };
  const panel = makeFiguresPanel(context, sending, { ...options, look: () => ({ kind: "look", part: drift.part }) });
  const parts = makeDriftParts(panel, {
    ask: () => askAudit(drift),
    choose(part) {
      drift.part = part;
      panel.looks.soon();
    },
  });
  /** @type {Drift} */ const drift = { panel, part: null, checked: null, parts };
  return showFigures(panel, {
    kind: "drift",
    draw: (message) => drawDrift(drift, message),
    settled: () => (parts.ask.disabled = false),
  });
}

/** @param {FiguresPanel} panel @param {{ask: () => void, choose: (part: string) => void}} on */
function makeDriftParts({ all, done }, on) {
  const advice = make("p", "alw-drift-advice");
  advice.setAttribute("role", "status");
  const select = /** @type {HTMLSelectElement} */ (make("select"));
  select.addEventListener("change", () => on.choose(select.value));
  const about = make("label", "alw-drift-about", "part ");
  const when = make("span", "alw-drift-quiet");
  about.append(select, when);
  const ask = makeButton("", "", on.ask);
  const tables = { parts: makeParts(), columns: makeColumns(), classes: makeClasses(), alarms: makeAlarms() };
  const [compared, errors] = [make("p", "alw-drift-quiet"), make("p", "alw-drift-quiet")];
  const found = make("div", "alw-drift-found");
  found.append(tables.columns.element, tables.classes.element);
  all.append(about, advice, ask, done, compared, errors, found, tables.parts.element, tables.alarms.element);
  return { advice, select, when, ask, tables, compared, errors };
}

/** @param {Drift} drift */
function askAudit({ panel, checked, parts: { ask } }) {
  if (!checked) return;
  const { n_to_ask: n, part } = checked;
  if (sendFromPanel(panel, { kind: "ask_audit", n, part, about: part })) ask.disabled = true;
}

/** @param {Drift} drift @param {import("../common/sent.d.ts").DriftShown} found */
function drawDrift(drift, { without, parts, checked, alarms }) {
  const { panel, parts: { advice, select, when, ask, tables, compared, errors } } = drift;
  showText(panel.without, without);
  panel.all.hidden = !checked;
  drift.checked = checked;
  if (!checked) return;
  const names = parts.slice(1).map(({ name }) => name);
  if ([...select.options].map(({ value }) => value).join("\n") !== names.join("\n"))
    select.replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name, textContent: name })));
  // What was chosen meanwhile is on its way.
  if (drift.part === null || drift.part === checked.part) select.value = checked.part;
  when.textContent = `checked ${timeText(checked.at)}`;
  showText(advice, checked.sentence);
  advice.classList.toggle("alw-drift-moved", checked.moved);
  ask.hidden = !checked.n_to_ask || !may(panel.model, "ask_audit");
  ask.disabled = false;
  if (ask.textContent !== askText(checked)) ask.textContent = askText(checked);
  showText(compared, checked.compared);
  showText(errors, checked.errors);
  tables.parts.draw(parts);
  tables.columns.draw(checked);
  tables.classes.draw(checked);
  tables.alarms.draw(alarms);
}

export default () => makeSendingWidget("drift", render);
