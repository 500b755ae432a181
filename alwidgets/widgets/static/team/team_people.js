// @ts-check
/** The people of a team, a row each, and what can be decided about their answers. */

import { make, makeButton } from "../common/dom.js";
import { percent } from "../common/figures.js";
import {
  answersText, goldText, paceText, presenceText, qualityText, weightText, workText,
} from "./team_words.js";

/** @typedef {import("../common/sent.d.ts").PersonShown} Person */
/** @typedef {(message: import("../common/said.d.ts").NewChange) => boolean} Change false where it cannot be sent */

/** What each column is, in words, and what it says of somebody. @type {[string, string, (person: Person) => string][]} */
const COLUMNS = [
  ["works on", "Questions that are before them now", workText],
  ["labels", "Items that they labeled, and those where they could not tell", answersText],
  ["pace", "Median time of an answer; answers a minute, of the last 20", paceText],
  ["equal answers", "How often another's answer to the same item is the same", ({ percent: share }) => percent(share)],
  ["as the others", "How often their answer is what the others amount to, with its 95 % interval", qualityText],
  ["gold right", "Right answers to items whose labels are known, with the 95 % interval of their share", goldText],
  ["answers count", "How much their answers count; items that are asked again of others", weightText],
];

/** A moment, in the words of whoever looks. @param {number} seconds since 1970 */
function momentText(seconds) {
  const at = new Date(1000 * seconds);
  const isToday = at.toDateString() === new Date().toDateString();
  return at.toLocaleString([], isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" });
}

/** @param {Change} change @param {(kind: string) => boolean} may */
export function makePeople(change, may) {
  const element = make("table", "alw-team-people");
  element.append(make("caption", "alw-spoken", "People of the team"), makeHead());
  /** @type {Map<string, ReturnType<typeof makePerson>>} */ const rows = new Map();
  return {
    element,
    /** @param {Person[]} people */
    draw(people) {
      const names = people.map(({ name }) => name);
      if ([...rows.keys()].join("\n") !== names.join("\n")) {
        rows.forEach(({ body }) => body.remove());
        rows.clear();
        for (const name of names) rows.set(name, makePerson(name, change, may));
        element.append(...[...rows.values()].map(({ body }) => body));
      }
      for (const person of people) rows.get(person.name)?.draw(person);
    },
  };
}

function makeHead() {
  const head = make("thead");
  const row = make("tr");
  const first = make("th", "", "who");
  first.setAttribute("scope", "col");
  row.append(first);
  for (const [name, title] of COLUMNS) {
    const cell = make("th", "", name);
    cell.setAttribute("scope", "col");
    cell.title = title;
    row.append(cell);
  }
  head.append(row);
  return head;
}

/** @param {string} name @param {Change} change @param {(kind: string) => boolean} may */
function makePerson(name, change, may) {
  const body = make("tbody", "alw-team-person");
  const row = make("tr");
  const who = make("th");
  who.setAttribute("scope", "row");
  const role = make("span", "alw-team-role");
  const presence = make("span", "alw-team-presence");
  who.append(make("b", "", name), role, presence);
  const cells = COLUMNS.map(([column]) => {
    const cell = make("td");
    cell.dataset.column = column;
    return cell;
  });
  const decisions = makeDecisionsOn(name, change, may);
  const words = cells.map(() => make("span"));
  cells.forEach((cell, place) => cell.append(words[place]));
  cells[cells.length - 1].append(decisions.toggle);
  const below = make("tr", "alw-team-below");
  const wide = /** @type {HTMLTableCellElement} */ (make("td"));
  wide.colSpan = COLUMNS.length + 1;
  const warning = make("p", "alw-team-warning");
  wide.append(warning, decisions.element);
  below.append(wide);
  row.append(who, ...cells);
  body.append(row, below);
  return {
    body,
    /** @param {Person} person */
    draw(person) {
      role.textContent = person.role === "expert" ? "expert" : "";
      presence.textContent = presenceText(person, momentText);
      presence.dataset.open = String(person.n_pages > 0);
      COLUMNS.forEach(([, , say], place) => {
        const text = say(person);
        words[place].textContent = text;
        words[place].className = text === "not measured" ? "alw-none" : "";
      });
      warning.textContent = person.warning;
      warning.hidden = !person.warning;
      decisions.draw(person);
      decisions.follow(() => (below.hidden = warning.hidden && decisions.element.hidden));
    },
  };
}

/** What can be decided about somebody's answers; each can be undone. @param {string} name @param {Change} change @param {(kind: string) => boolean} may */
function makeDecisionsOn(name, change, may) {
  const element = make("div", "alw-team-decisions");
  element.hidden = true;
  let followed = () => {};
  const toggle = makeButton("", "decide", () => {
    element.hidden = !element.hidden;
    toggle.setAttribute("aria-expanded", String(!element.hidden));
    followed();
    if (!element.hidden) reason.focus();
  });
  toggle.setAttribute("aria-expanded", "false");
  toggle.setAttribute("aria-label", `Decide how the answers of ${name} count`);
  toggle.hidden = !may("weigh") && !may("ask_again");
  const reason = /** @type {HTMLInputElement} */ (make("input"));
  Object.assign(reason, { type: "text", maxLength: 500, placeholder: "why (goes into the journal)" });
  reason.setAttribute("aria-label", `Reason of what is decided about ${name}`);
  /** @param {string} text @param {() => boolean} decide */
  const button = (text, decide) => {
    const made = makeButton("", text, () => {
      if (decide()) reason.value = "";
    });
    element.append(made);
    return made;
  };
  const weigh = (/** @type {number} */ weight) =>
    change({ kind: "weigh", of: name, weight, reason: reason.value, about: `weigh ${name}` });
  const ask = (/** @type {boolean} */ on) =>
    change({ kind: "ask_again", of: name, on, reason: reason.value, about: `ask again ${name}` });
  element.append(reason);
  const half = button("count half", () => weigh(0.5));
  const none = button("do not count", () => weigh(0));
  const usual = button("count as usual", () => weigh(1));
  const again = button("ask others again", () => ask(true));
  again.title = `One more person answers each item that ${name} answered`;
  const back = button("ask as usual", () => ask(false));
  return {
    element, toggle,
    /** @param {() => void} then is called when this is opened or closed, and now */
    follow(then) {
      followed = then;
      then();
    },
    /** @param {Person} person */
    draw({ weight, n_asked_again, n_answers, role }) {
      half.hidden = !may("weigh") || weight === 0.5;
      none.hidden = !may("weigh") || weight === 0;
      usual.hidden = !may("weigh") || weight === 1;
      again.hidden = !may("ask_again") || !n_answers || role === "expert";
      back.hidden = !may("ask_again") || !n_asked_again;
    },
  };
}
