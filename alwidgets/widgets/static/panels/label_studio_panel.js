// @ts-check
/** How a session stands in Label Studio: the connection, the tasks, the answers, and those that do not fit. */

import { make } from "../common/dom.js";
import { makeStaleLine } from "../common/stale.js";
import { followTheme } from "../common/theme.js";
import { connectionText, countsText, quarantineText, taskAddress } from "./label_studio_words.js";

const COLUMNS = /** @type {const} */ (["task", "annotator", "reason"]);

/** @param {{model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").StudioState>, el: HTMLElement}} context */
function render({ model, el: root }) {
  root.classList.add("alw-root", "alw-studio");
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", "Label Studio");
  const stale = makeStaleLine(model);
  const link = makeLink();
  const state = make("span");
  const place = make("p");
  place.append(state, " Label in ", link);
  const problem = make("div", "alw-banner");
  problem.setAttribute("role", "alert");
  const counts = make("p", "alw-counts");
  counts.setAttribute("role", "status");
  const quarantine = makeQuarantine();
  root.append(place, problem, stale.element, counts, quarantine.element);
  const draw = () => {
    const shown = model.get("_shown");
    link.href = link.textContent = shown.url;
    state.textContent = connectionText(shown);
    problem.textContent = shown.problem || shown.error;
    problem.hidden = !problem.textContent;
    counts.textContent = countsText(shown);
    quarantine.draw(shown);
  };
  model.on("change:_shown", draw);
  const unfollow = followTheme(root);
  draw();
  return () => {
    model.off("change:_shown", draw);
    stale.close();
    unfollow();
  };
}

function makeLink() {
  const link = /** @type {HTMLAnchorElement} */ (make("a"));
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

/** What does not fit, as a table that is closed until somebody wants it. */
function makeQuarantine() {
  const element = make("details");
  const summary = make("summary");
  const table = make("table");
  const head = make("tr");
  head.append(...COLUMNS.map((name) => make("th", "", name)));
  const body = make("tbody");
  const top = make("thead");
  top.append(head);
  table.append(top, body);
  element.append(summary, table);
  return {
    element,
    /** @param {import("../common/sent.d.ts").StudioShown} shown */
    draw(shown) {
      element.hidden = !shown.n_quarantined;
      summary.textContent = quarantineText(shown);
      body.replaceChildren(...shown.quarantined.map((one) => makeRow(one, shown.url)));
    },
  };
}

/** @param {import("../common/sent.d.ts").QuarantinedShown} one @param {string} url */
function makeRow(one, url) {
  const row = make("tr");
  row.append(...COLUMNS.map((name) => make("td", "", String(one[name] ?? ""))));
  // Where it is put right.
  const link = makeLink();
  link.href = taskAddress(url, one.task);
  link.textContent = String(one.task);
  row.firstElementChild?.replaceChildren(link);
  return row;
}

export default { render };
