// @ts-check
/**
 * The labeling card. One deck a model, shared by all its views: what is on screen is one thing, however many
 * cells show it. The functions on a deck are pure of the page, so that they can be tested without one.
 *
 * Traits carry state from the kernel (the last value wins); messages carry events (each counts once). An answer
 * names the item that was on screen, and stays in the browser's storage until the kernel has acknowledged it.
 */

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];
const KEPT_PAYLOADS = 24;
/** Samples fetched ahead, and how many of them in one request: answers are handled between two requests. */
const AHEAD = 32;
const AT_ONCE = 4;
const SLOW_MS = 4000;
const RETRY_MS = 3000;
const LOOK_MS = 3000;
const FORGET_MS = 7 * 24 * 3600 * 1000;

/** @typedef {{event_id: string, kind: string, item?: number, value?: number|null, target?: string|null}} Message */

/** @param {Message[]} unacknowledged */
export function makeDeck(unacknowledged = []) {
  return {
    /** @type {number[]} */ queue: [],
    /** @type {number|null} */ current: null,
    shownAt: 0,
    /** What each item shows. @type {Map<number, any>} */ payloads: new Map(),
    /** Asked for, not arrived. @type {Set<number>} */ needed: new Set(),
    /** Answered here, and perhaps still in the queue that was last heard of. @type {Map<number, string>} */
    answered: new Map(),
    /** Answers of this page, oldest first. @type {{event_id: string, item: number}[]} */ past: [],
    /** Sent, not acknowledged. @type {Map<string, Message>} */
    waiting: new Map(unacknowledged.map((message) => [message.event_id, message])),
    /** Could not be saved yet, and why. @type {Map<string, string>} */ unsaved: new Map(),
    /** Flagged on this page. @type {Set<number>} */ flagged: new Set(),
    /** The undo whose item only the kernel knows. @type {string|null} */ undoing: null,
  };
}

/** @typedef {ReturnType<typeof makeDeck>} Deck */

/**
 * Take a new queue. What is on screen stays until it is answered, here or elsewhere: a question that a newer model
 * only ranks lower is not taken from under the annotator's eyes.
 * @param {Deck} deck
 * @param {number[]} queue
 * @param {number[]} withdrawn questions that were withdrawn lately, and are still unanswered
 */
export function setQueue(deck, queue, withdrawn) {
  deck.queue = queue;
  // A queue that comes after the acknowledgement of an answer knows of it: whatever it asks is to be asked.
  for (const [item, event_id] of deck.answered) {
    if (!deck.waiting.has(event_id)) deck.answered.delete(item);
  }
  const current = deck.current;
  const takingBack = [...deck.waiting.values()].some(({ kind }) => kind === "undo");
  if (current === null || !(queue.includes(current) || withdrawn.includes(current) || takingBack)) advance(deck);
  forgetPayloads(deck);
}

/** Put the next unanswered question on screen. @param {Deck} deck */
export function advance(deck) {
  const next = deck.queue.find((item) => !deck.answered.has(item) && item !== deck.current);
  deck.current = next ?? null;
}

/** Items whose content has to be fetched, the next ones first. @param {Deck} deck */
export function missingPayloads(deck) {
  const ahead = deck.queue.filter((item) => !deck.answered.has(item)).slice(0, AHEAD);
  const wanted = deck.current === null ? ahead : [deck.current, ...ahead];
  const missing = [...new Set(wanted)]
    .filter((item) => !deck.payloads.has(item) && !deck.needed.has(item))
    .slice(0, Math.max(0, AT_ONCE - deck.needed.size));
  missing.forEach((item) => deck.needed.add(item));
  return missing;
}

/** Whether an answer may be given: only to an item that can be seen. @param {Deck} deck */
export function answerable(deck) {
  return deck.current !== null && deck.undoing === null && deck.payloads.has(deck.current);
}

/**
 * Answer what is on screen and move on.
 * @param {Deck} deck
 * @param {number|null} value number of the class, null to skip
 * @param {{event_id: string, now: number, round: number}} moment now in milliseconds
 * @returns {Message|null} what to send; null when nothing can be answered
 */
export function answer(deck, value, { event_id, now, round }) {
  if (!answerable(deck)) return null;
  const item = /** @type {number} */ (deck.current);
  const message = {
    kind: "answer", event_id, item, value, round,
    shown_at: deck.shownAt / 1000, seconds: Math.max(0, now - deck.shownAt) / 1000,
  };
  deck.answered.set(item, event_id);
  deck.past.push({ event_id, item });
  deck.waiting.set(event_id, message);
  advance(deck);
  return message;
}

/**
 * Take back the last answer. One given on this page returns at once; for an older one the kernel is asked.
 * @param {Deck} deck
 * @param {string} event_id
 * @returns {Message|null}
 */
export function undo(deck, event_id) {
  if (deck.undoing !== null) return null;
  const last = deck.past.pop();
  const message = { kind: "undo", event_id, target: last ? last.event_id : null };
  if (last) {
    deck.answered.delete(last.item);
    deck.current = last.item;
    // Never sent again: a retry that came after the next answer would override it.
    deck.waiting.delete(last.event_id);
    deck.unsaved.delete(last.event_id);
  } else {
    deck.undoing = event_id;
  }
  deck.waiting.set(event_id, message);
  return message;
}

/**
 * Take a reply of the kernel.
 * @param {Deck} deck
 * @param {{kind: string, event_id: string, retry?: boolean, error?: string, items?: number[]}} reply
 */
export function settle(deck, reply) {
  const message = deck.waiting.get(reply.event_id);
  if (reply.kind === "refused" && reply.retry) {
    if (message) deck.unsaved.set(reply.event_id, reply.error ?? "");
    return message;
  }
  deck.waiting.delete(reply.event_id);
  deck.unsaved.delete(reply.event_id);
  if (reply.kind === "refused") {
    for (const [item, event_id] of deck.answered) {
      if (event_id === reply.event_id) deck.answered.delete(item);
    }
  }
  if (deck.undoing === reply.event_id) {
    deck.undoing = null;
    if (reply.items?.length) deck.current = reply.items[0];
  }
  if (deck.current === null) advance(deck);
  return message;
}

/** Keep what may be shown again soon. @param {Deck} deck */
function forgetPayloads(deck) {
  const keep = new Set([...deck.queue, deck.current, ...deck.past.slice(-KEPT_PAYLOADS).map(({ item }) => item)]);
  for (const [item, payload] of deck.payloads) {
    if (keep.has(item)) continue;
    if (payload.url) URL.revokeObjectURL(payload.url);
    deck.payloads.delete(item);
  }
}

/**
 * The key of each class: a digit has itself, so that 7 is typed for a 7; the others have what is left of 1 to 9 and 0.
 * @param {string[]} classes
 * @returns {string[]}
 */
export function keysOf(classes) {
  const free = KEYS.filter((key) => !classes.includes(key));
  return classes.map((name) => (KEYS.includes(name) ? name : (free.shift() ?? "")));
}

/**
 * What a key does, null when it is not ours.
 * @param {string} key
 * @param {string[]} keys the key of each class
 * @returns {{action: string, value?: number}|null}
 */
export function actionOf(key, keys) {
  if (KEYS.includes(key)) return keys.includes(key) ? { action: "answer", value: keys.indexOf(key) } : null;
  const actions = { backspace: "undo", " ": "skip", f: "flag", "?": "help" };
  const action = actions[/** @type {keyof typeof actions} */ (key.toLowerCase())];
  return action ? { action } : null;
}

/**
 * The header, as words; the first is the strongest.
 * @param {any} status
 * @returns {string[]}
 */
export function headline(status) {
  const goal = status.budget ? `${status.n_labelled} of ${status.budget} labels` : `${status.n_labelled} labels`;
  const behind = status.n_behind ? `, ${status.n_behind} behind` : "";
  const model = status.round ? `model: ${status.n_learnt} learnt${behind}` : "no model yet";
  return [
    status.saved_as ?? "not saved to disk",
    `round ${status.round}`,
    goal,
    status.n_skipped ? `${status.n_skipped} skipped` : "",
    status.cost,
    status.labels_per_minute ? `${status.labels_per_minute} labels/min` : "",
    model + (status.busy ? ", training" : ""),
    phaseInWords(status),
  ].filter(Boolean);
}

/** @param {any} status */
function phaseInWords(status) {
  if (status.phase !== "cold start") return `asking by ${status.phase}`;
  const seen = status.counts.filter((/** @type {number} */ count) => count > 0).length;
  return `cold start: varied samples until every class has a label (${seen} of ${status.counts.length})`;
}

/** Answers that wait for an acknowledgement, kept over a reload of the page. @param {string} session */
export function makeStorage(session) {
  const prefix = `alwidgets:${session}:`;
  /** Storage may be off or full: the answers then live as long as the page. @param {() => any} use */
  const attempt = (use) => {
    try {
      return use();
    } catch {
      return undefined;
    }
  };
  /** @returns {{key: string, at?: number, message?: Message}[]} */
  const entries = () =>
    Object.keys(localStorage)
      .filter((key) => key.startsWith("alwidgets:"))
      .map((key) => ({ key, ...attempt(() => JSON.parse(localStorage.getItem(key) ?? "")) }));
  return {
    /** @returns {Message[]} oldest first */
    load() {
      /** @type {ReturnType<typeof entries>} */
      const all = attempt(entries) ?? [];
      // What a session that never came back left behind.
      all.filter(({ at = 0 }) => Date.now() - at > FORGET_MS).forEach(({ key }) => localStorage.removeItem(key));
      const ours = all.filter(({ key, message }) => key.startsWith(prefix) && message);
      return ours.sort((a, b) => (a.at ?? 0) - (b.at ?? 0)).map(({ message }) => /** @type {Message} */ (message));
    },
    /** @param {Message} message */
    keep(message) {
      attempt(() => localStorage.setItem(prefix + message.event_id, JSON.stringify({ at: Date.now(), message })));
    },
    /** @param {string} event_id */
    forget(event_id) {
      attempt(() => localStorage.removeItem(prefix + event_id));
    },
  };
}

/** @param {string} tag @param {string} name @param {string} [text] */
function make(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

/** @param {string} key @param {string} text @param {() => void} press */
function makeButton(key, text, press) {
  const button = /** @type {HTMLButtonElement} */ (make("button", ""));
  button.type = "button";
  if (key) button.append(make("kbd", "", key));
  // A class that is its own key is written once.
  if (key !== text) button.append(make("span", "", text));
  button.addEventListener("click", press);
  return button;
}

export default () => {
  /** @type {any} */ let model;
  /** @type {Deck} */ let deck = makeDeck();
  /** @type {ReturnType<typeof makeStorage>} */ let storage;
  /** @type {Set<() => void>} */ const views = new Set();
  let alive = true;
  /** Whether this page ever had word from the kernel. */
  let heard = false;
  let slow = false;
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
      notice = message.retry ? "" : (message.error ?? "");
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
    const moment = { event_id: newId(), now: Date.now(), round: model.get("_status").round ?? 0 };
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
    model.on("change:_queue change:_withdrawn change:_status change:_recent change:_classes", follow);
    model.on("comm_live_update", kernel);
    // A kernel that was shut down says nothing; the page can see that there is none any more. Seen twice, because
    // there is none for a moment when a connection is made anew.
    let looks = 0;
    let known = Boolean(model.widget_manager?.kernel);
    const looking = setInterval(() => {
      const present = model.widget_manager?.kernel;
      known ||= heard || Boolean(present);
      looks = known && (!present || present.isDisposed) ? looks + 1 : 0;
      if (alive && looks >= 2) {
        alive = false;
        draw();
      }
    }, LOOK_MS);
    [...deck.waiting.values()].forEach(send);
    follow();
    return () => {
      model.off("msg:custom", receive);
      model.off("change:_queue change:_withdrawn change:_status change:_recent change:_classes", follow);
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
      const target = /** @type {HTMLElement} */ (event.target);
      if (!root.contains(target) || event.isComposing || event.key === "Tab") return;
      const chord = event.ctrlKey || event.metaKey || event.altKey;
      if (event.key === "Escape") {
        if (!help.hidden) toggleHelp();
        else /** @type {HTMLElement} */ (document.activeElement).blur();
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

/** @param {any} payload */
function drawn(payload) {
  if (payload.type === "image") {
    const image = /** @type {HTMLImageElement} */ (make("img", ""));
    const fit = () => image.classList.toggle("alw-small", Math.max(image.naturalWidth, image.naturalHeight) <= 64);
    image.alt = payload.alt;
    image.src = payload.url;
    if (image.complete) fit();
    else image.addEventListener("load", fit);
    return image;
  }
  if (payload.type === "row") {
    const table = document.createElement("table");
    for (const [name, value] of payload.cells) {
      const row = table.insertRow();
      const head = make("th", "", name);
      head.setAttribute("scope", "row");
      row.append(head);
      row.insertCell().textContent = value;
    }
    return table;
  }
  const text = make("div", payload.type === "error" ? "alw-message" : "alw-text", payload.text);
  text.dir = "auto";
  return text;
}

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
