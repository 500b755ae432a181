// @ts-check
/**
 * The labeling card. One queue a model, shared by all its views: what is on screen is one thing, however many
 * cells show it.
 *
 * Traits carry state from the kernel (the last value wins); messages carry events (each counts once). An answer
 * names the item that was on screen, and stays in the browser's storage until the kernel has acknowledged it.
 */

import {
  answer, answerable, answerTogether, makeQueueState, missingPayloads, noteOf, revisit, sameGroup, setQueue, settle, tellable, toggle,
  undo, untilOverdue,
} from "./queue_state.js";
import { makeAnswers } from "../common/answers.js";
import { makeArmed } from "./armed.js";
import { DEBOUNCE_MS, makeDebounce } from "../common/debounce.js";
import { makeCardGrid } from "./card_grid.js";
import { focusBeside, holdsFocus, make, makeButton } from "../common/dom.js";
import { headline } from "./headline.js";
import { makeHelp } from "./help.js";
import { actionOf, keyName } from "../common/keys.js";
import { markdown } from "./markdown.js";
import { messagesIn } from "../common/outbox.js";
import { drawn, isAudio, keep, play, zoom } from "../common/sample.js";
import { makeSending, newId } from "../common/sending.js";
import { makeVisibility, scrollWithin } from "../common/visibility.js";
import { makeStaleLine } from "../common/stale.js";
import { makeStorage } from "../common/storage.js";
import { makeRecentAnswers } from "./recent_answers.js";
import { onSwipe } from "./swipe.js";
import { followTheme } from "../common/theme.js";
import { statusText, waitingText } from "../common/status_text.js";

/** @typedef {import("./queue_state.js").QueueState} QueueState */
/** @typedef {import("../common/outbox.js").Message} Message */

/** A fit that runs so long may be one that never ends. */
const LONG_FIT_MS = 30_000;
/** Timers may be early. */
const EARLY_MS = 5;
/** Who stays on a sample so long may want to know more of it. */
const LINGER_MS = 250;
/** What is sent again after a reload; the rest was meant for the moment. */
const KEPT_KINDS = ["answer", "undo", "flag", "note"];
/** What is said of the sample that is seen. */
const TELLING = ["answer", "submit", "skip", "unsure", "flag"];
const SLIDER_KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];

export default () => {
  /** @type {any} */ let model;
  /** @type {QueueState} */ let queue = makeQueueState();
  /** @type {ReturnType<typeof makeStorage>} */ let storage;
  /** @type {Set<() => void>} */ const views = new Set();
  /** @type {ReturnType<typeof makeSending>} */ let sending;
  /** The fit that runs, and since when this page knows of it. @type {{round: number, at: number}|null} */ let fit = null;
  /** How many events the kernel knew of when it told what is to be asked. @type {number|null} */ let asOf = null;
  let notice = "";
  let spoken = "";
  /** What was told of the sample on screen. @type {import("./card_grid.js").Told} */
  let told = { item: null, suggest: "", why: "", alike: null };
  /** Whether to tell of every sample why it is asked. */
  let wantsWhy = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let asking;
  const debounce = makeDebounce();
  const draw = () => views.forEach((view) => view());
  const send = (/** @type {any} */ message) => sending.send(message);
  const isHeld = () => Boolean(model.get("_session").held_by);

  /** @param {Message|null} message */
  function post(message) {
    if (!message) return;
    sending.post(message, KEPT_KINDS.includes(message.kind));
    if (message.target) storage.forget(message.target);
    ask();
    draw();
  }

  /** What changes no label: sent at once, and again until it is acknowledged. @param {any} message */
  function tell(message) {
    post({ event_id: newId(), about: message.item ?? message.kind, ...message });
  }

  function ask() {
    const items = missingPayloads(queue, performance.now());
    if (items.length && !send({ kind: "need", items })) items.forEach((item) => queue.needed.delete(item));
    const wait = untilOverdue(queue, performance.now());
    clearTimeout(asking);
    if (wait !== null && sending.isAlive()) asking = setTimeout(ask, wait + EARLY_MS);
  }

  /** Ask what the kernel knows of the sample on screen, once it has been there for a moment. */
  function inquire() {
    const item = queue.current;
    if (item === null || !sending.isAlive()) return;
    const task = model.get("_task");
    if (typeof task.suggest === "number") send({ kind: "suggest", item });
    setTimeout(() => {
      if (queue.current !== item) return;
      if (wantsWhy) send({ kind: "why", item });
      if (task.alike) send({ kind: "alike", item });
    }, LINGER_MS);
  }

  /** Whether a fit runs that may never end. */
  const isFitLong = () => fit !== null && performance.now() - fit.at >= LONG_FIT_MS;

  function follow() {
    const { busy, round } = model.get("_status");
    if (!busy) fit = null;
    else if (fit?.round !== round) fit = { round, at: performance.now() };
    asOf = model.get("_status").n_events ?? null;
    queue.looks = new Set(model.get("_looks"));
    setQueue(queue, model.get("_queue"), model.get("_withdrawn"));
    ask();
    draw();
  }

  /** @param {any} message @param {DataView[]} buffers */
  function receive(message, buffers) {
    if (message.kind === "payload") {
      queue.needed.delete(message.item);
      if (message.remark) queue.remarks.set(message.item, message.remark);
      keep(queue.payloads, message, buffers, draw);
    } else if (message.kind === "remarks") {
      for (const [item, note, flag] of message.remarks) queue.remarks.set(item, [note, flag]);
    } else if (message.kind === "ack" || message.kind === "refused") {
      const sent = settle(queue, message);
      sending.settled(message);
      notice = message.retry ? "" : (message.error ?? (sent && message.notice) ?? "");
      if (message.kind === "ack" && sent) spoken = said(sent) || spoken;
    } else if (message.kind === "problem") {
      notice = message.error;
    } else if (message.item === queue.current) {
      if (message.kind === "suggest") {
        told.suggest = message.text;
        queue.suggested = message.value;
      } else if (message.kind === "why") {
        told.why = message.text;
      } else if (message.kind === "alike") {
        told.alike = message.items ?? [];
      }
    }
    ask();
    draw();
  }

  /** @param {any} sent */
  function said(sent) {
    const names = model.get("_classes");
    if (sent.kind === "undo") return "taken back";
    if (sent.note !== undefined) return sent.note ? "note kept" : "note taken away";
    if (sent.kind === "add_class") return `class ${sent.name} added`;
    if (sent.kind === "remap") return "key changed";
    // Of several at once, how many there were was said.
    if (sent.kind !== "answer" || sent.via) return "";
    if (sent.value === null) return sent.unsure ? "unsure, next item" : "skipped, next item";
    const labels = [sent.value].flat().map((value) => names[value]);
    return `labelled ${labels.join(", ") || "none of these"}, next item`;
  }

  /** @param {string} answered */
  function repeats(answered) {
    if (debounce.again(answered)) return true;
    setTimeout(draw, DEBOUNCE_MS + EARLY_MS);
    return false;
  }

  /** @param {import("../common/keys.js").Action} pressed */
  function act({ action, value }) {
    if (!sending.isAlive() || isHeld()) return;
    const multi = model.get("_task").kind === "multi";
    const moment = { event_id: newId(), now: Date.now(), round: model.get("_status").round ?? 0, as_of: asOf };
    const item = queue.current;
    if (action === "answer" && multi) {
      if (!tellable(queue) || repeats(`toggle ${value}`)) return;
      toggle(queue, value ?? 0);
      draw();
    } else if (action === "undo") {
      const group = queue.past.at(-1)?.group;
      post(undo(queue, moment.event_id));
      while (sameGroup(queue, group)) post(undo(queue, newId()));
      draw();
    } else if (["answer", "submit", "skip", "unsure"].includes(action)) {
      // What cannot be shown can be skipped, and nothing else be said of it.
      const telling = action === "answer" || action === "submit";
      if (!(telling ? tellable(queue) : answerable(queue)) || repeats(`${action} ${value ?? ""}`)) return;
      const chosen = [...queue.chosen].sort((a, b) => a - b);
      const given = action === "answer" ? (value ?? null) : action === "submit" ? chosen : null;
      post(answer(queue, given, { ...moment, unsure: action === "unsure" }));
    } else if (item === null || !answerable(queue)) {
      return;
    } else if (action === "flag") {
      if (repeats("flag")) return;
      const on = !flagged(item);
      spoken = on ? "flagged for review" : "flag taken away";
      tell({ kind: "flag", item, on });
    } else if (action === "suggest") {
      send({ kind: "suggest", item });
    } else if (action === "why") {
      wantsWhy = !wantsWhy;
      if (wantsWhy) send({ kind: "why", item });
      else told.why = "";
      draw();
    }
  }

  /**
   * What is given for several samples at once.
   * @param {{item: number, value: number}[]} answers
   * @param {{since: number, as_of: number|null, via: string}} moment what was known when they were first shown
   */
  function actTogether(answers, moment) {
    if (!sending.isAlive() || isHeld()) throw new Error("There is no kernel that could take these answers.");
    const round = model.get("_status").round ?? 0;
    answerTogether(queue, answers, { newId, now: Date.now(), round, ...moment }).forEach(post);
  }

  /** As the page knows it: what was sent last counts. @param {number} item */
  function flagged(item) {
    const sent = messagesIn(queue.waiting).filter((message) => message.kind === "flag" && message.item === item);
    return sent.length ? sent[sent.length - 1].on : model.get("_flagged").includes(item);
  }

  /** @param {{model: any, signal?: AbortSignal}} context */
  function initialize(context) {
    model = context.model;
    storage = makeStorage(model.get("_session").id);
    queue = makeQueueState(storage.load());
    // Answered before a reload, perhaps never acknowledged: not to be asked again, and sent once more.
    for (const message of messagesIn(queue.waiting)) {
      if (message.kind === "answer") queue.answered.set(message.item, message.event_id);
    }
    const back = () => {
      queue.needed.clear();
      ask();
    };
    sending = makeSending({ model, outbox: queue.waiting, storage, draw, back, isRestless: isFitLong });
    model.on("msg:custom", receive);
    // The one event that every host has for an update of several traits, once for all of them.
    model.on("change", follow);
    follow();
    return () => {
      sending.close();
      model.off("msg:custom", receive);
      model.off("change", follow);
      clearTimeout(asking);
    };
  }

  /** @param {{model: any, el: HTMLElement}} context */
  function render({ el }) {
    const root = el;
    root.classList.add("alw-root", "alw-labeler");
    root.tabIndex = 0;
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Labeler. Keys answer, question mark shows them all.");
    const armed = makeArmed(root);
    const { focus } = armed;
    const task = model.get("_task");
    /** Whether the instructions are before the sample. */
    let reading = Boolean(task.instructions) && !storage.seen("instructions");

    const header = make("div", "alw-header");
    const words = make("div", "alw-words");
    const helpButton = makeButton("?", "keys", () => toggleHelp());
    helpButton.setAttribute("aria-expanded", "false");
    const giveUp = makeButton("", "give up this fit", () => send({ kind: "abandon_fit", event_id: newId() }));
    giveUp.title = "It has run for long. Labels stay, and the next batch tries again.";
    giveUp.hidden = true;
    const endColdStart = makeButton("", "end cold start", () => tell({ kind: "end_cold_start" }));
    endColdStart.hidden = true;
    header.append(words, giveUp, endColdStart, helpButton);
    const progress = make("div", "alw-progress");
    const bar = document.createElement("div");
    progress.append(bar);
    progress.setAttribute("aria-hidden", "true");
    const banner = make("div", "alw-banner");
    banner.setAttribute("role", "alert");
    const stale = makeStaleLine(model);
    const advice = make("div", "alw-banner alw-advice");
    const takeOver = makeButton("", "take over", () => send({ kind: "take_over", event_id: newId() }));
    takeOver.classList.add("alw-take-over");
    const help = makeHelp({ remap: (what, name, key) => tell({ kind: "remap", what, name, key }), leave: focus });
    const instructions = make("div", "alw-instructions");
    instructions.append(...markdown(task.instructions), makeButton("Enter", "start labeling", () => read(false)));
    const question = make("p", "alw-question", task.question);
    question.hidden = !task.question;
    const card = make("div", "alw-card");
    card.setAttribute("role", "region");
    card.setAttribute("aria-label", "Sample");
    const about = make("div", "alw-about");
    about.classList.toggle("alw-suggesting", task.suggest !== "never");
    const answers = makeAnswers({
      press: (value) => press({ action: "answer", value }),
      submit: () => press({ action: "submit" }),
      add: (name) => tell({ kind: "add_class", name }),
      leave: focus,
      hold: () => visibility.hold(),
    });
    const actions = make("div", "alw-actions");
    /** @type {Record<string, HTMLButtonElement>} */ const buttons = {};
    for (const action of ["skip", "unsure", "flag", "note", "undo", "why", "suggest", "instructions", "zoom", "alike", "grid"]) {
      buttons[action] = makeButton("", action, () => press({ action }));
      buttons[action].prepend(make("kbd", ""));
      actions.append(buttons[action]);
    }
    actions.append(answers.adding);
    /** @type {HTMLElement} */ (buttons.suggest.lastChild).textContent = "ask the model";
    buttons.suggest.hidden = task.suggest === "never";
    buttons.instructions.hidden = !task.instructions;
    /** Whether one key is an answer, so that several samples can have the same. */
    const plain = task.kind === "single" || task.kind === "ordinal" || task.kind === "yes_no";
    buttons.grid.hidden = !plain;
    const note = /** @type {HTMLInputElement} */ (make("input", "alw-note"));
    /** What the note was when it was opened. @type {ReturnType<typeof noteOf>} */ let written = { item: 0, kind: "note", text: "" };
    note.hidden = true;
    note.addEventListener("blur", () => (note.hidden = true));
    const grid = makeCardGrid({
      queue, send, focus, fetch: ask, redraw: drawNow, give: actTogether,
      told: () => told,
      asOf: () => asOf,
      answers: () => ({ classes: model.get("_classes"), keys: model.get("_keys"), page: answers.page() }),
      draw: (item) => (queue.payloads.has(item) ? drawn(queue.payloads.get(item), shownHow()) : null),
      say: (text) => {
        spoken = text;
        live.textContent = text;
      },
    });
    const recentAnswers = makeRecentAnswers((item) => {
      if (grid.isOpen()) grid.close();
      revisit(queue, item);
      ask();
      draw();
      focus();
    });
    const live = make("div", "alw-spoken");
    live.setAttribute("aria-live", "polite");
    const visibility = makeVisibility(root, [card], (text) => {
      spoken = text;
      live.textContent = text;
    });
    const foot = make("div", "alw-foot");
    foot.append(recentAnswers.element, note);
    root.append(
      header, progress, banner, stale.element, takeOver, advice, help.element, question, instructions, card, armed.hint, about, answers.element,
      actions, grid.element, foot, live,
    );

    /** @param {import("../common/keys.js").Action} pressed */
    function press(pressed) {
      perform(pressed);
      if (note.hidden) focus();
    }

    /** @param {import("../common/keys.js").Action} pressed */
    function perform(pressed) {
      const { action } = pressed;
      if (action === "help") toggleHelp();
      else if (action === "instructions") read(!reading);
      else if (action === "find") answers.search();
      else if (reading || (grid.isOpen() && action !== "undo")) return;
      else if (action === "grid" && plain) grid.questions();
      else if (action === "alike" && plain) grid.alike();
      else if (action === "note") writeNote();
      else if (action === "zoom" && card.firstElementChild) zoom(card.firstElementChild);
      else if (action === "play" && card.firstElementChild) play(card.firstElementChild);
      else {
        // What is taken back is to be seen.
        if (grid.isOpen()) grid.close();
        act(pressed);
      }
    }

    function toggleHelp() {
      help.element.hidden = !help.element.hidden;
      helpButton.setAttribute("aria-expanded", String(!help.element.hidden));
      drawNow();
      focus();
    }

    /** @param {boolean} yes */
    function read(yes) {
      if (!task.instructions) return;
      reading = yes;
      if (!yes) storage.see("instructions");
      // The clock of a sample runs while it can be seen.
      queue.shownAt = Date.now();
      drawNow();
      focus();
    }

    function writeNote() {
      if (!answerable(queue)) return;
      const item = /** @type {number} */ (queue.current);
      written = noteOf(queue, item, flagged(item));
      // A field has one line.
      written.text = written.text.replace(/\s+/g, " ").trim();
      const why = written.kind === "flag";
      note.setAttribute("aria-label", why ? "Why this sample is flagged; Enter keeps it" : "Note about this sample; Enter keeps it");
      note.placeholder = why ? "why it is flagged, then Enter" : "a note about this sample, then Enter";
      note.hidden = false;
      note.value = written.text;
      note.focus();
    }

    function saveNote() {
      const { item, kind, text } = written;
      const now = note.value.trim();
      if (now !== text) tell({ kind, item, note: now, ...(kind === "flag" && { on: true }) });
      focus();
    }

    const shownHow = () => ({ highlight: task.highlight, playKey: keyName(keysNow().actions.play) });

    /** What a key does with this sample: Space plays what can be played. */
    function keysNow() {
      const keys = model.get("_keys");
      const payload = queue.payloads.get(queue.current ?? -1);
      if (!payload || !isAudio(payload)) return keys;
      const { play, skip } = keys.actions;
      return { ...keys, actions: { ...keys.actions, play: skip, skip: play } };
    }

    /**
     * Jupyter listens for its shortcuts on the document, in Notebook 7 while the event still travels down: only
     * the window comes before. Keys outside this card, and chords, are nobody's business here.
     * @param {KeyboardEvent} event
     */
    function onKey(event) {
      // In a host that shows each output in a shadow root, the event's own target is that root's host.
      const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
      if (!root.contains(target) || event.isComposing || event.key === "Tab") return;
      const chord = event.ctrlKey || event.metaKey || event.altKey;
      if (chord && event.key !== "Enter") return;
      event.stopPropagation();
      if (help.onKey(event)) return;
      if (grid.onKey(event)) return;
      if (event.key === "Escape") {
        leave();
        return;
      }
      if (answers.onKey(event)) return;
      if (target === note) {
        if (event.key === "Enter") saveNote();
        return;
      }
      // A slider needs a few keys, a field all of them.
      if (target instanceof HTMLInputElement && (target.type !== "range" || SLIDER_KEYS.includes(event.key))) return;
      // A button that has the focus is pressed by Enter or the space bar, as everywhere.
      const onButton = target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter");
      if (chord || onButton) return;
      const turning = event.key === "PageDown" || event.key === "PageUp";
      if (turning && answers.turn(event.key === "PageDown" ? 1 : -1)) {
        event.preventDefault();
        return;
      }
      const action = event.key === "Enter" ? onEnter() : actionOf(event, keysNow(), answers.keys());
      // Instructions may be longer than the window.
      if (action || (!reading && scrollWithin(card, event))) event.preventDefault();
      // A key held down answers once; undo may be held to go back.
      if (!action || (event.repeat && action.action !== "undo")) return;
      if (TELLING.includes(action.action) && !card.hidden && visibility.hold()) return;
      perform(action);
    }
    window.addEventListener("keydown", onKey, true);

    function onEnter() {
      if (reading) return { action: "instructions" };
      return task.kind === "multi" ? { action: "submit" } : null;
    }

    /** Out of what is open, one at a time, and at last out of the card. */
    function leave() {
      if (answers.close() || !note.hidden) focus();
      else if (!help.element.hidden) toggleHelp();
      else {
        armed.leave();
        focusBeside(root)?.blur();
      }
    }

    const sides = () => (model.get("_classes").length === 2 && task.kind !== "multi" ? [0, 1] : null);
    onSwipe(
      card,
      (to) => {
        const two = sides();
        if (two) return model.get("_classes")[to === "left" ? 0 : 1];
        return to === "left" ? "skip" : "undo";
      },
      (to) => {
        const two = sides();
        const value = to === "left" ? 0 : 1;
        press(two ? { action: "answer", value } : { action: to === "left" ? "skip" : "undo" });
      },
    );

    /** @type {any} */ let onScreen = null;
    function drawCard() {
      const payload = queue.current === null ? null : queue.payloads.get(queue.current);
      const message = payload ? null : waitingText(model.get("_status"), queue.current !== null);
      if (payload ? payload === onScreen : message === onScreen) return;
      onScreen = payload ?? message;
      // What had the focus goes with its sample: the keys stay.
      const held = holdsFocus(card);
      card.replaceChildren(payload ? drawn(payload, shownHow()) : make("p", "alw-message", message ?? ""));
      if (held) root.focus({ preventScroll: true });
      card.scrollTop = 0;
      if (payload && told.item !== queue.current) {
        queue.shownAt = Date.now();
        told = { item: queue.current, suggest: "", why: "", alike: null };
        inquire();
      }
      root.dataset.item = payload ? String(queue.current) : "";
    }

    let headed = "";
    function drawNow() {
      const status = model.get("_status");
      const classes = /** @type {string[]} */ (model.get("_classes"));
      const keys = keysNow();
      drawCard();
      grid.follow();
      const alive = sending.isAlive();
      const can = alive && !isHeld() && !reading && answerable(queue);
      instructions.hidden = !reading;
      card.hidden = reading || grid.isOpen();
      armed.draw(can && !card.hidden);
      about.hidden = answers.element.hidden = actions.hidden = grid.isOpen();
      grid.draw();
      giveUp.hidden = !alive || !isFitLong();
      const missing = status.waits_for ?? [];
      endColdStart.hidden = !alive || !missing.length;
      endColdStart.title = `Ask what the model is least sure of, though it waits for labels of ${missing.join(", ")}.`;
      takeOver.hidden = !alive || !isHeld();
      answers.draw({
        classes, keys, kind: task.kind, counts: status.counts ?? [], can: can && tellable(queue),
        chosen: task.kind === "multi" ? queue.chosen : null, suggested: queue.suggested,
      });
      // While it is set, the same answer again does not count.
      root.toggleAttribute("data-fresh", debounce.isFresh());
      for (const [action, button] of Object.entries(buttons)) {
        const key = keyName(keys.actions[action]);
        const shown = /** @type {HTMLElement} */ (button.firstChild);
        if (shown.textContent !== key) shown.textContent = key;
        button.disabled = !can && action !== "instructions";
      }
      const isFlagged = queue.current !== null && flagged(queue.current);
      buttons.flag.setAttribute("aria-pressed", String(isFlagged));
      /** @type {HTMLElement} */ (buttons.flag.lastChild).textContent = isFlagged ? "flagged" : "flag";
      buttons.why.setAttribute("aria-pressed", String(wantsWhy));
      about.classList.toggle("alw-explained", wantsWhy);
      buttons.zoom.hidden = queue.payloads.get(queue.current ?? -1)?.type !== "image";
      const nAlike = told.item === queue.current ? (told.alike?.length ?? 0) : 0;
      buttons.alike.hidden = !plain || (!nAlike && task.alike);
      const alikeText = nAlike ? `${nAlike + 1} alike` : "near duplicates";
      /** @type {HTMLElement} */ (buttons.alike.lastChild).textContent = alikeText;
      buttons.undo.disabled = !alive || queue.undoing !== null || !(queue.past.length || model.get("_recent").length || queue.revisited);
      /** @type {HTMLElement} */ (buttons.undo.lastChild).textContent = queue.revisited ? "back" : "undo";
      const heading = headline(status);
      if (heading.join() !== headed) {
        headed = heading.join();
        words.replaceChildren(...heading.map((word, i) => make(i ? "span" : "strong", "", word)));
        bar.style.width = `${Math.min(100, (100 * status.n_labelled) / (status.budget || status.n_samples || 1))}%`;
      }
      const lines = [notice, status.error, status.report];
      const trouble = statusText({ ...sending.standing(), session: model.get("_session"), lines });
      banner.hidden = !trouble;
      if (banner.textContent !== trouble) banner.textContent = trouble;
      advice.hidden = !status.advice;
      if (advice.textContent !== status.advice) advice.textContent = status.advice ?? "";
      const tellings = told.item === queue.current && !reading ? [told.suggest, told.why].filter(Boolean) : [];
      if (queue.revisited) tellings.unshift("Answered before; a new answer replaces the old one.");
      if (about.textContent !== tellings.join("")) {
        about.replaceChildren(...tellings.map((line) => make("p", "", line)));
      }
      recentAnswers.draw(model.get("_recent"), classes, status.agreement);
      help.draw({ classes, keys: model.get("_keys"), saved: Boolean(status.saved_as) });
      if (live.textContent !== spoken) live.textContent = spoken;
    }

    const unfollow = followTheme(root);
    views.add(drawNow);
    drawNow();
    return () => {
      views.delete(drawNow);
      stale.close();
      visibility.close();
      armed.close();
      unfollow();
      window.removeEventListener("keydown", onKey, true);
    };
  }

  return { initialize, render };
};
