// @ts-check
/** The second look: samples that have a label, shown without it. */

import { makeAnswers } from "../common/answers.js";
import { DEBOUNCE_MS, makeDebounce } from "../common/debounce.js";
import { make, makeButton } from "../common/dom.js";
import { keyName } from "../common/keys.js";
import { toggled } from "./review_list.js";
import { drawn } from "../common/sample.js";
import { makeVisibility, scrollWithin } from "../common/visibility.js";

const AHEAD = 3;

/**
 * The first sample that waits and was not answered on this page, null when there is none.
 * @param {number[]} looks
 * @param {Set<number>} answered
 */
export function nextLook(looks, answered) {
  return looks.find((item) => !answered.has(item)) ?? null;
}

/**
 * @param {{samples: any, send: (message: any) => string|null, leave: () => void, differing: () => void, say: (text: string) => void}} options
 */
export function makeSecondLook({ samples, send, leave, differing, say }) {
  const element = make("div", "alw-blind");
  element.tabIndex = 0;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", "Second look. Your first answer is not shown; class keys answer, of several Enter saves them.");
  const title = make("p", "");
  const card = make("div", "alw-review-card");
  const focus = () => element.focus({ preventScroll: true });
  const answers = makeAnswers({
    press: pressed((value) => choose(value)),
    submit: pressed(() => answer(chosen)),
    leave: focus,
    hold: () => visibility.hold(),
  });
  const actions = make("div", "alw-acts");
  element.append(title, card, answers.element, actions);
  const visibility = makeVisibility(element, [card], say);
  let on = false;
  let enabled = true;
  let known = "";
  /** @type {any} */ let status = { looks: [], n_looks: 0, classes: [], many: false, keys: { classes: [], actions: {} } };
  /** @type {number|null} */ let item = null;
  /** @type {any} */ let onCard;
  let shownAt = 0;
  /** Of many labels, the classes chosen for what is on the card. @type {number[]} */ let chosen = [];
  let agreement = "";
  let nDiffering = 0;
  const debounce = makeDebounce();
  /** Answered here and not yet acknowledged. */
  /** @type {Set<number>} */ const answered = new Set();
  /** @type {{id: string, item: number}[]} */ const given = [];
  /** @type {HTMLButtonElement} */ let skip;
  /** @type {HTMLButtonElement} */ let undo;
  const differ = makeButton("", "show those that differ", differing);

  /** Do what a button says, and take the keys back. @param {(value: number) => void} done @returns {(value?: number) => void} */
  function pressed(done) {
    return (value = 0) => {
      done(value);
      focus();
    };
  }

  /** Whether a class can be told: of what cannot be shown it cannot. */
  function tellable() {
    const payload = samples.get(item);
    return enabled && Boolean(payload) && payload.type !== "error";
  }

  /** A class answers, or of many labels is chosen. @param {number} number */
  function choose(number) {
    if (!status.many) answer(number);
    else if (tellable()) {
      chosen = toggled(chosen, number);
      draw();
    }
  }

  /** @param {import("./review_list.js").Value} value */
  function answer(value) {
    if (!enabled || item === null || !samples.get(item) || (value !== null && !tellable()) || debounce.again(JSON.stringify(value))) return;
    const id = send({ kind: "second", item, value, seconds: (Date.now() - shownAt) / 1000, shown_at: shownAt / 1000 });
    if (id === null) return;
    answered.add(item);
    given.push({ id, item });
    draw();
    // Timers may be early.
    setTimeout(draw, DEBOUNCE_MS + 5);
  }

  function takeBack() {
    const last = enabled && given.pop();
    if (last) send({ kind: "undo", target: last.id, about: last.item });
  }

  function makeButtons() {
    const now = JSON.stringify(status.keys);
    if (now === known) return;
    known = now;
    const key = (/** @type {string} */ name) => keyName(status.keys.actions[name] ?? "");
    skip = makeButton(key("skip"), "cannot tell", pressed(() => answer(null)));
    undo = makeButton(key("undo"), "undo", pressed(takeBack));
    actions.replaceChildren(skip, undo, makeButton("Esc", "back to the table", leave), differ);
  }

  function draw() {
    element.hidden = !on;
    if (!on) return;
    makeButtons();
    const next = nextLook(status.looks, answered);
    if (next !== item) {
      chosen = [];
      answers.close();
    }
    item = next;
    samples.ask(status.looks.filter((/** @type {number} */ look) => !answered.has(look)).slice(0, AHEAD));
    const left = Math.max(0, status.n_looks - answered.size);
    title.textContent = left ? `Second look: ${left} to answer, without seeing what you said first` : "Second look: all are answered.";
    const payload = item === null ? null : samples.get(item);
    const now = payload ?? item ?? agreement;
    if (now !== onCard) {
      onCard = now;
      shownAt = Date.now();
      const text = item === null ? agreement : "Loading ...";
      card.replaceChildren(payload ? drawn(payload) : make("p", "alw-message", text));
      card.scrollTop = 0;
    }
    element.dataset.item = payload ? String(item) : "";
    // While it is set, the same answer again does not count.
    element.toggleAttribute("data-fresh", debounce.isFresh());
    skip.disabled = !enabled || !payload;
    answers.draw({
      classes: status.classes, keys: status.keys, kind: status.many ? "multi" : "single", counts: null, can: tellable(),
      chosen: status.many ? new Set(chosen) : null, suggested: null,
    });
    undo.disabled = !enabled || !given.length;
    differ.hidden = left > 0 || !nDiffering;
  }

  return {
    element,
    answers,
    /** @param {boolean} open @param {any} now */
    open(open, now) {
      on = open;
      status = now;
      draw();
    },
    /** @param {any} now */
    follow(now) {
      status = now;
      draw();
    },
    /** @param {boolean} can */
    enable(can) {
      enabled = can;
      draw();
    },
    /** @param {string} agreed @param {number} differing how many are still to be decided */
    told(agreed, differing) {
      agreement = agreed;
      nDiffering = differing;
      draw();
    },
    /** @param {number} came */
    drawSample(came) {
      if (came === item) draw();
    },
    /** The kernel has said what became of a message. @param {any} sent @param {any} reply */
    settle(sent, reply) {
      if (sent.kind !== "second") return;
      answered.delete(sent.item);
      const place = given.findIndex(({ id }) => id === sent.event_id);
      if (reply.kind === "refused" && place >= 0) given.splice(place, 1);
      draw();
    },
    close: visibility.close,
    /** @param {import("../common/keys.js").Action|null} pressed @param {KeyboardEvent} event */
    press(pressed, event) {
      const action = pressed?.action;
      if (action === undefined) return scrollWithin(card, event);
      if (event.repeat && action !== "undo") return true;
      if (["answer", "submit", "skip", "unsure"].includes(action) && visibility.hold()) return true;
      if (action === "answer") choose(/** @type {number} */ (pressed?.value));
      else if (action === "submit") answer(chosen);
      else if (action === "skip" || action === "unsure") answer(null);
      else if (action === "undo") takeBack();
      return true;
    },
  };
}
