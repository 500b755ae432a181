// @ts-check
/**
 * The labeling card. One deck a model, shared by all its views: what is on screen is one thing, however many
 * cells show it.
 *
 * Traits carry state from the kernel (the last value wins); messages carry events (each counts once). An answer
 * names the item that was on screen, and stays in the browser's storage until the kernel has acknowledged it.
 */

import { advance, answer, answerable, makeDeck, missingPayloads, setQueue, settle, undo } from "./deck.js";
import { make, makeButton } from "./dom.js";
import { headline } from "./headline.js";
import { actionOf, keysOf } from "./keys.js";
import { drawn } from "./sample.js";
import { makeStorage } from "./storage.js";

/** @typedef {import("./deck.js").Deck} Deck */
/** @typedef {import("./deck.js").Message} Message */

const SLOW_MS = 4000;
const RETRY_MS = 3000;
const LOOK_MS = 3000;

export default () => {
  /** @type {any} */ let model;
  /** @type {Deck} */ let deck = makeDeck();
  /** @type {ReturnType<typeof makeStorage>} */ let storage;
  /** @type {Set<() => void>} */ const views = new Set();
  let alive = true;
  /** Whether this page ever had word from the kernel. */
  let heard = false;
  let slow = false;
  /** How many events the kernel knew of when it told what is to be asked. @type {number|null} */ let asOf = null;
  let notice = "";
  let spoken = "";
  const newId = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
  const draw = () => views.forEach((view) => view());

  /** @param {any} message */
  function send(message) {
    try {
      model.send(message);
      return true;
    } catch {
      alive = false;
      return false;
    }
  }

  /** @param {Message|null} message */
  function post(message) {
    if (!message) return;
    storage.keep(message);
    if (message.target) storage.forget(message.target);
    send(message);
    setTimeout(() => {
      slow = deck.waiting.has(message.event_id);
      if (slow) draw();
    }, SLOW_MS);
    ask();
    draw();
  }

  function ask() {
    const items = missingPayloads(deck);
    if (items.length && !send({ kind: "need", items })) items.forEach((item) => deck.needed.delete(item));
  }

  function follow() {
    asOf = model.get("_status").n_events ?? null;
    setQueue(deck, model.get("_queue"), model.get("_withdrawn"));
    ask();
    draw();
  }

  /** @param {any} message @param {DataView[]} buffers */
  function receive(message, buffers) {
    heard = true;
    if (message.kind === "payload") {
      const payload = message.payload;
      if (buffers.length) {
        payload.url = URL.createObjectURL(new Blob([/** @type {any} */ (buffers[0])], { type: payload.mime }));
        // Loaded now, and kept: when the sample's turn comes, its picture is there in the same frame.
        payload.loaded = new Image();
        payload.loaded.src = payload.url;
      }
      deck.needed.delete(message.item);
      deck.payloads.set(message.item, payload);
    } else if (message.kind === "ack" || message.kind === "refused") {
      const sent = settle(deck, message);
      if (!message.retry) storage.forget(message.event_id);
      slow = false;
      notice = message.retry ? "" : (message.error ?? (sent && message.notice) ?? "");
      if (message.kind === "ack" && sent?.kind === "answer") spoken = said(sent);
      if (message.kind === "ack" && sent?.kind === "undo") spoken = "taken back";
      if (message.retry && sent) setTimeout(() => deck.waiting.has(sent.event_id) && send(sent), RETRY_MS);
    } else if (message.kind === "problem") {
      notice = message.error;
    }
    ask();
    draw();
  }

  /** @param {Message} sent */
  function said(sent) {
    return sent.value === null ? "skipped, next" : `saved as ${model.get("_classes")[/** @type {number} */ (sent.value)]}, next`;
  }

  /** @param {{action: string, value?: number}} pressed */
  function act({ action, value }) {
    if (!alive || model.get("_status").held_by) return;
    const moment = { event_id: newId(), now: Date.now(), round: model.get("_status").round ?? 0, as_of: asOf };
    if (action === "answer") post(answer(deck, value ?? null, moment));
    if (action === "skip") post(answer(deck, null, moment));
    if (action === "undo") post(undo(deck, moment.event_id));
    if (action === "flag" && answerable(deck)) {
      const message = { kind: "flag", event_id: moment.event_id, item: /** @type {number} */ (deck.current) };
      deck.waiting.set(message.event_id, message);
      deck.flagged.add(message.item);
      spoken = "flagged for review";
      post(message);
    }
  }

  /** @param {{model: any, signal?: AbortSignal}} context */
  function initialize(context) {
    model = context.model;
    storage = makeStorage(model.get("_session"));
    deck = makeDeck(storage.load());
    // Answered before a reload, perhaps never acknowledged: not to be asked again, and sent once more.
    for (const message of deck.waiting.values()) {
      if (message.kind === "answer") deck.answered.set(/** @type {number} */ (message.item), message.event_id);
    }
    // Fires when the connection comes or goes, without saying which: a message that asks for nothing tells.
    const kernel = () => {
      alive = send({ kind: "need", items: [] });
      draw();
    };
    model.on("msg:custom", receive);
    // The one event that every host has for an update of several traits, once for all of them.
    model.on("change", follow);
    model.on("comm_live_update", kernel);
    // A kernel that was shut down says nothing; the page can see that there is none any more. Seen twice, because
    // there is none for a moment when a connection is made anew. Hosts other than Jupyter do not show it.
    const shown = "kernel" in (model.widget_manager ?? {});
    let looks = 0;
    let known = Boolean(model.widget_manager?.kernel);
    const looking = setInterval(() => {
      const present = model.widget_manager?.kernel;
      known ||= heard || Boolean(present);
      looks = shown && known && (!present || present.isDisposed) ? looks + 1 : 0;
      if (alive && looks >= 2) {
        alive = false;
        draw();
      }
    }, LOOK_MS);
    [...deck.waiting.values()].forEach(send);
    follow();
    return () => {
      model.off("msg:custom", receive);
      model.off("change", follow);
      model.off("comm_live_update", kernel);
      clearInterval(looking);
    };
  }

  /** @param {{model: any, el: HTMLElement}} context */
  function render({ el }) {
    const root = el;
    root.classList.add("alw-root", "alw-labeler");
    root.tabIndex = 0;
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", "Labeler. Number keys answer, question mark shows all keys.");
    /** @type {string[]} */ let classes = [];
    /** @type {string[]} */ let keys = [];

    const header = make("div", "alw-header");
    const words = make("div", "alw-words");
    const helpButton = makeButton("?", "keys", () => toggleHelp());
    helpButton.classList.add("alw-help-button");
    helpButton.setAttribute("aria-expanded", "false");
    header.append(words, helpButton);
    const progress = make("div", "alw-progress");
    const bar = document.createElement("div");
    progress.append(bar);
    progress.setAttribute("aria-hidden", "true");
    const banner = make("div", "alw-banner");
    banner.setAttribute("role", "alert");
    const advice = make("div", "alw-banner alw-advice");
    const takeOver = makeButton("", "take over", () => post({ kind: "take_over", event_id: newId() }));
    takeOver.classList.add("alw-take-over");
    const help = make("div", "alw-help");
    help.hidden = true;
    const card = make("div", "alw-card");
    card.setAttribute("role", "region");
    card.setAttribute("aria-label", "Sample");
    const answers = make("div", "alw-answers");
    /** @type {HTMLButtonElement[]} */ let buttons = [];
    /** A class may be added at any time: its button comes last, the others stay. */
    function drawAnswers() {
      const now = /** @type {string[]} */ (model.get("_classes"));
      if (now.join("\n") === classes.join("\n")) return;
      classes = now;
      keys = keysOf(classes);
      const longest = Math.min(40, Math.max(...classes.map((name) => name.length)));
      answers.style.setProperty("--alw-answer", `${longest + 10}ch`);
      buttons = classes.map((name, value) => {
        const button = makeButton(keys[value], name, () => press({ action: "answer", value }));
        button.append(make("span", "alw-count"));
        return button;
      });
      answers.replaceChildren(...buttons);
      help.replaceChildren(...helpLines(keys.filter(Boolean)));
    }
    const actions = make("div", "alw-actions");
    const skipButton = makeButton("Space", "skip", () => press({ action: "skip" }));
    const flagButton = makeButton("F", "flag", () => press({ action: "flag" }));
    const undoButton = makeButton("Backspace", "undo", () => press({ action: "undo" }));
    actions.append(skipButton, flagButton, undoButton);
    const last = make("div", "alw-last");
    const live = make("div", "alw-spoken");
    live.setAttribute("aria-live", "polite");
    root.append(header, progress, banner, takeOver, advice, help, card, answers, actions, last, live);

    /** @param {{action: string, value?: number}} pressed */
    function press(pressed) {
      act(pressed);
      root.focus({ preventScroll: true });
    }

    function toggleHelp() {
      help.hidden = !help.hidden;
      helpButton.setAttribute("aria-expanded", String(!help.hidden));
      root.focus({ preventScroll: true });
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
      if (event.key === "Escape") {
        if (!help.hidden) toggleHelp();
        else target.blur();
        return;
      }
      if (chord && event.key !== "Enter") return;
      event.stopPropagation();
      // A button that has the focus is pressed by Enter or the space bar, as everywhere.
      const onButton = target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter");
      const action = chord || onButton ? null : actionOf(event.key, keys);
      if (!action) return;
      event.preventDefault();
      // A key held down answers once; undo may be held to go back.
      if (event.repeat && action.action !== "undo") return;
      if (action.action === "help") toggleHelp();
      else act(action);
    }
    window.addEventListener("keydown", onKey, true);

    /** @type {any} */ let onScreen = null;
    function drawCard() {
      const payload = deck.current === null ? null : deck.payloads.get(deck.current);
      const message = payload ? null : waitingText();
      if (payload ? payload === onScreen : message === onScreen) return;
      onScreen = payload ?? message;
      card.replaceChildren(payload ? drawn(payload) : make("p", "alw-message", message ?? ""));
      card.scrollTop = 0;
      if (payload) deck.shownAt = Date.now();
      root.dataset.item = payload ? String(deck.current) : "";
    }

    function waitingText() {
      const status = model.get("_status");
      if (status.exhausted) return "Every sample has an answer.";
      if (deck.current !== null) return "Loading the next sample ...";
      if (status.error) return "There is no question to show; see above.";
      return "Choosing what to ask next ...";
    }

    function drawNow() {
      const status = model.get("_status");
      drawAnswers();
      drawCard();
      const canAnswer = alive && !status.held_by && answerable(deck);
      takeOver.hidden = !alive || !status.held_by;
      buttons.forEach((button, value) => {
        button.disabled = !canAnswer;
        /** @type {HTMLElement} */ (button.lastChild).textContent = String(status.counts?.[value] ?? 0);
      });
      skipButton.disabled = flagButton.disabled = !canAnswer;
      const flagged = deck.current !== null && deck.flagged.has(deck.current);
      flagButton.setAttribute("aria-pressed", String(flagged));
      /** @type {HTMLElement} */ (flagButton.lastChild).textContent = flagged ? "flagged" : "flag";
      undoButton.disabled = !alive || deck.undoing !== null || !(deck.past.length || model.get("_recent").length);
      words.replaceChildren(...headline(status).map((word, i) => make(i ? "span" : "strong", "", word)));
      bar.style.width = `${Math.min(100, (100 * status.n_labelled) / (status.budget || status.n_samples || 1))}%`;
      const trouble = troubleText(status);
      banner.hidden = !trouble;
      if (banner.textContent !== trouble) banner.textContent = trouble;
      advice.hidden = !status.advice;
      advice.textContent = status.advice ?? "";
      last.replaceChildren(...lastAnswers());
      if (live.textContent !== spoken) live.textContent = spoken;
    }

    /** @param {any} status */
    function troubleText(status) {
      const waiting = deck.waiting.size;
      const answersWait = `${waiting} answer${waiting === 1 ? " waits" : "s wait"} in this browser`;
      if (!alive) return `The kernel is gone. ${goneText(status, waiting, answersWait)}`;
      const held = status.held_by
        ? `This session is held by ${status.held_by}; here it can only be read. Take it over to label here: the other kernel can write no more then.`
        : "";
      const busy = slow && waiting ? `The kernel is busy; ${answersWait}.` : "";
      const unsaved = [...deck.unsaved.values()].at(-1) ?? "";
      return [held, unsaved && `${unsaved} (${answersWait})`, notice, status.error, status.report, busy].filter(Boolean).join("\n");
    }

    /** @param {any} status @param {number} waiting @param {string} answersWait */
    function goneText(status, waiting, answersWait) {
      if (!status.saved_as) return "This session had no journal: its labels were in memory only.";
      const kept = waiting ? `${answersWait}, and will be sent then.` : "";
      return `Nothing that was saved is lost: run the cell again to go on. ${kept}`;
    }

    function lastAnswers() {
      const recent = /** @type {[string, number, number|null][]} */ (model.get("_recent")).slice(0, 10);
      if (!recent.length) return [];
      const names = recent.map(([, , value]) => make("b", "", value === null ? "skipped" : classes[value]));
      return [make("span", "", "last: "), ...names];
    }

    views.add(drawNow);
    drawNow();
    return () => {
      views.delete(drawNow);
      window.removeEventListener("keydown", onKey, true);
    };
  }

  return { initialize, render };
};

/** @param {string[]} classKeys */
function helpLines(classKeys) {
  const keys = [
    [`${classKeys[0]} to ${classKeys[classKeys.length - 1]}`, "answer with that class and go on"],
    ["Space", "skip: cannot tell, not asked again"],
    ["Backspace", "undo the last answer"],
    ["F", "flag this sample for review"],
    ["?", "show or hide this list"],
    ["Tab, Esc", "leave the labeler"],
  ];
  const list = make("dl", "");
  for (const [key, text] of keys) {
    const term = make("dt", "");
    term.append(make("kbd", "", key));
    list.append(term, make("dd", "", text));
  }
  const hint = "Click the card once, then keep your hands on the keys. Every answer is saved at once.";
  return [make("div", "", hint), list];
}
