// @ts-check
/**
 * Looking over one's answers. The kernel says in which order they stand; the page asks for the rows it shows. The
 * order stays as it is while someone works in it: a row whose label was changed does not jump away.
 */

import { holdsFocus, make, makeButton } from "../common/dom.js";
import { actionOf, keyName } from "../common/keys.js";
import { makeDetail } from "./review_detail.js";
import {
  ROWS, SHOWS, SORTS, asChanged, firstLine, itemsOf, labelText, marksOf, nPages, namesOf, percent, rangeText, sameOrder,
  sameValue, secondsText, toggled,
} from "./review_list.js";
import { makeSamples } from "./review_samples.js";
import { makeSecondLook } from "./review_second.js";
import { makeSendingWidget, newId } from "../common/sending.js";
import { makeVisibility, scrollWithin } from "../common/visibility.js";
import { makeStaleLine } from "../common/stale.js";
import { followTheme } from "../common/theme.js";
import { statusText } from "../common/status_text.js";

const LOOK_MS = 400;
/** What a key says of the sample that is seen. */
const TELLING = ["answer", "submit", "skip", "unsure", "flag"];
const COLUMNS = ["sample", "label", "model", "time", "round", "remarks"];

/**
 * @param {{model: any, el: HTMLElement}} context
 * @param {ReturnType<import("../common/sending.js").makeSending>} sending
 * @returns {import("../common/sending.js").View}
 */
function render({ model, el }, sending) {
  const root = el;
  root.classList.add("alw-root", "alw-review");
  /** @type {ArrayLike<number>} */ let order = [];
  /** @type {ArrayLike<number>|null} */ let newer = null;
  /** @type {Map<number, any>} */ const rows = new Map();
  /** @type {Map<number, HTMLTableRowElement>} */ let lines = new Map();
  let page = 0;
  /** @type {number|null} */ let current = null;
  /** Of many labels, the classes chosen for a sample and not saved. @type {{item: number, values: number[]}|null} */
  let draft = null;
  let blind = false;
  let request = 0;
  /** Requests whose order is to be shown whatever someone is doing. */
  /** @type {Set<number>} */ const wanted = new Set();
  let asked = { at: 0, request: 0, took: 0 };
  /** @type {ReturnType<typeof setTimeout>|undefined} */ let timer;
  let visible = true;
  /** What was refused, and why. */
  let notice = "";
  let takingOver = "";
  /** Answers given here, the last at the end. */
  /** @type {{id: string, item: number}[]} */ const given = [];
  const view = Math.floor(Math.random() * 2 ** 30);
  const status = () => model.get("_status");
  const heldBy = () => model.get("_session").held_by;

  const header = make("div", "alw-review-head");
  const banner = make("div", "alw-banner");
  banner.setAttribute("role", "alert");
  banner.hidden = true;
  const takeOver = makeButton("", "take over", () => {
    takingOver = newId();
    sending.send({ kind: "take_over", event_id: takingOver });
  });
  const tools = make("div", "alw-tools");
  const show = select("show", SHOWS);
  const label = select("class", [["", "every class"]]);
  const sort = select("order", SORTS);
  const search = /** @type {HTMLInputElement} */ (make("input", ""));
  search.type = "search";
  search.maxLength = 200;
  search.placeholder = "search";
  search.setAttribute("aria-label", "search samples and notes");
  search.addEventListener("input", () => later(() => look(true)));
  const update = makeButton("", "update the list", () => {
    const row = current;
    if (newer) setOrder(newer, page);
    lookAtRows();
    focusRow(row);
  });
  tools.append(show.line, label.line, sort.line, search, update);

  const table = document.createElement("table");
  table.setAttribute("role", "grid");
  table.setAttribute("aria-label", "Answers");
  const titles = table.createTHead().insertRow();
  for (const name of COLUMNS) {
    const cell = make("th", `alw-${name}`, name);
    cell.setAttribute("scope", "col");
    titles.append(cell);
  }
  const body = table.createTBody();
  const scroller = make("div", "alw-list");
  const empty = make("p", "alw-empty");
  scroller.append(table, empty);
  const before = makeButton("", "previous", () => turn(page - 1));
  const after = makeButton("", "next", () => turn(page + 1));
  const range = make("span", "alw-range");
  range.setAttribute("aria-live", "polite");
  const pager = make("div", "alw-pager");
  pager.append(before, range, after);
  const list = make("div", "alw-answers-list");
  list.append(scroller, pager);

  const live = make("div", "alw-spoken");
  live.setAttribute("aria-live", "polite");
  const samples = makeSamples((items) => sending.send({ kind: "need", items }), drawSample);
  const speak = (/** @type {string} */ text) => (live.textContent = text);
  const detail = makeDetail({ samples, act, say: speak });
  const second = makeSecondLook({ samples, send: change, leave: () => lookAgain(false), differing, say: speak });
  // A row shows its sample too.
  const visibility = makeVisibility(root, [list, detail.card], speak);
  const split = make("div", "alw-split");
  split.append(list, detail.element);

  const shareLine = make("div", "alw-second");
  const share = /** @type {HTMLInputElement} */ (make("input", ""));
  share.type = "number";
  share.min = "1";
  share.max = "100";
  share.value = "10";
  const shareLabel = make("label", "", "answer ");
  shareLabel.append(share, " % again, without seeing the first answer");
  const draw10 = makeButton("", "draw them", () => {
    const value = Number(share.value);
    if (value >= 1 && value <= 100) change({ kind: "look_again", share: value / 100 });
    else say(`${share.value || "Nothing"} is no share; give a number from 1 to 100.`);
  });
  const goOn = makeButton("", "", () => lookAgain(true));
  const agreement = make("span", "alw-agreement");
  const differ = makeButton("", "show those that differ", differing);
  shareLine.append(shareLabel, draw10, goOn, agreement, differ);
  const stale = makeStaleLine(model);
  root.append(header, banner, stale.element, takeOver, tools, split, second.element, shareLine, live);

  /** @param {string} name @param {string[][]} options */
  function select(name, options) {
    const input = /** @type {HTMLSelectElement} */ (make("select", ""));
    input.setAttribute("aria-label", name);
    input.append(...options.map(([value, text]) => new Option(text, value)));
    input.addEventListener("change", () => look(true));
    const line = make("label", "", "");
    line.append(input);
    return { line, input };
  }

  /**
   * Something that changes the session, and is sent until it is acknowledged.
   * @param {any} message
   * @returns {string|null} its id
   */
  function change(message) {
    if (!sending.isAlive() || heldBy()) return null;
    const event_id = newId();
    sending.post({ about: message.item, ...message, event_id });
    drawRows();
    return event_id;
  }

  /** @param {string} text */
  function say(text) {
    notice = text;
    drawTrouble();
  }

  function drawTrouble() {
    const trouble = statusText({ ...sending.standing(), session: model.get("_session"), lines: [notice] });
    banner.hidden = !trouble;
    if (banner.textContent !== trouble) banner.textContent = trouble;
  }

  /** An answer as it will be when all that was changed here is acknowledged. @param {number} item */
  function rowOf(item) {
    const row = rows.get(item);
    return row && asChanged(row, sending.waiting());
  }

  /** @param {() => void} then */
  function later(then) {
    clearTimeout(timer);
    timer = setTimeout(then, LOOK_MS);
  }

  /** Ask how the answers stand now. @param {boolean} apply whether what comes is shown in any case */
  function look(apply) {
    clearTimeout(timer);
    timer = undefined;
    request += 1;
    if (apply) wanted.add(view + request);
    asked = { at: Date.now(), request: view + request, took: asked.took };
    const code = label.input.value;
    const query = { show: show.input.value, label: code === "" ? null : Number(code), sort: sort.input.value, search: search.value };
    sending.send({ kind: "look", request: view + request, query, items: apply ? null : itemsOf(order, page) });
  }

  function lookAtRows() {
    const items = itemsOf(order, page);
    if (items.length) sending.send({ kind: "look", request: view, items });
  }

  /** A newer state is asked for soon, but a slow kernel is not kept busy with it. */
  function follow() {
    drawControls();
    second.follow(status());
    if (!visible || timer !== undefined) return;
    const pause = Math.max(LOOK_MS, 5 * asked.took) - (Date.now() - asked.at);
    timer = setTimeout(() => look(false), Math.max(0, pause));
  }

  /** @param {any} message @param {DataView[]} buffers */
  function receive(message, buffers) {
    if (message.kind === "payload") samples.receive(message, buffers);
    else if (message.kind === "seen" && message.request >= view && message.request <= view + request) seen(message, buffers);
    else if (message.kind === "problem") say(message.error);
  }

  /** @param {import("../common/outbox.js").Message|undefined} sent @param {any} message */
  function settled(sent, message) {
    if (!sent && message.event_id !== takingOver) return;
    // What could not be saved waits, and the banner says why.
    if (sent && message.retry) return drawTrouble();
    if (message.kind === "refused") {
      say(`Not changed: ${message.error}`);
      const place = given.findIndex(({ id }) => id === message.event_id);
      if (place >= 0) given.splice(place, 1);
    } else {
      say("");
      live.textContent = "";
      live.textContent = message.said;
      const row = rows.get(sent?.item);
      // Until the kernel tells it.
      if (sent && row) rows.set(row.item, asChanged(row, [sent]));
    }
    if (sent) second.settle(sent, message);
    if (sent?.kind === "look_again" && message.kind === "ack" && status().n_looks) lookAgain(true);
    drawRows();
    lookAtRows();
  }

  /** @param {any} message @param {DataView[]} buffers */
  function seen(message, buffers) {
    if (message.request === asked.request) asked.took = Date.now() - asked.at;
    for (const row of message.rows) rows.set(row.item, row);
    if (buffers.length) {
      const { buffer, byteOffset, byteLength } = buffers[0];
      const found = new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength));
      const same = sameOrder(found, order);
      newer = same ? null : found;
      const apply = wanted.delete(message.request);
      if (apply) setOrder(found, 0);
      else if (!same && !holdsFocus(root)) {
        setOrder(found, page);
        lookAtRows();
      }
      agreement.textContent = message.agreement;
      counts(message.counts);
    } else {
      // Rows whose answer was taken back are no longer among them.
      const known = new Set(message.rows.map((/** @type {any} */ row) => row.item));
      for (const item of itemsOf(order, page)) if (!known.has(item)) rows.delete(item);
    }
    drawRows();
    drawControls();
  }

  /** @param {Record<string, number>} known */
  function counts(known) {
    for (const [place, [name, text]] of SHOWS.entries()) {
      show.input.options[place].textContent = `${text}: ${known[name].toLocaleString("en")}`;
    }
    differ.hidden = !known.changed;
    second.told(agreement.textContent ?? "", known.changed);
    header.dataset.all = String(known.all);
  }

  /** @param {ArrayLike<number>} found @param {number} at */
  function setOrder(found, at) {
    order = found;
    newer = null;
    page = Math.min(at, nPages(order) - 1);
    const items = itemsOf(order, page);
    if (current === null || !items.includes(current)) current = items[0] ?? null;
    makeRows();
  }

  /** @param {number} at */
  function turn(at) {
    page = Math.min(Math.max(at, 0), nPages(order) - 1);
    current = itemsOf(order, page)[0] ?? null;
    makeRows();
    drawControls();
    lookAtRows();
    focusRow(current);
  }

  function makeRows() {
    samples.watchNone();
    lines = new Map();
    for (const [place, item] of itemsOf(order, page).entries()) {
      const line = document.createElement("tr");
      line.setAttribute("aria-rowindex", String(page * ROWS + place + 2));
      line.addEventListener("click", () => choose(item, true));
      COLUMNS.forEach((name) => line.append(make("td", `alw-${name}`)));
      line.dataset.item = String(item);
      lines.set(item, line);
      samples.watch(line, item);
    }
    body.replaceChildren(...lines.values());
    table.setAttribute("aria-rowcount", String(order.length + 1));
    scroller.scrollTop = 0;
    drawRows();
  }

  function drawRows() {
    for (const [item, line] of lines) drawRow(item, line);
    empty.textContent = order.length ? "" : emptyText();
    table.hidden = !order.length;
    drawDetail();
  }

  function drawDetail() {
    const chosen = draft && draft.item === current ? draft.values : null;
    detail.draw(current, current === null ? null : (rowOf(current) ?? null), chosen, status());
  }

  function emptyText() {
    const narrowed = show.input.value !== "all" || label.input.value !== "" || search.value !== "";
    return narrowed ? "No answer is like that." : "There are no answers yet.";
  }

  /** @param {number} item @param {HTMLTableRowElement} line */
  function drawRow(item, line) {
    const row = rowOf(item);
    const { classes } = status();
    line.tabIndex = item === current ? 0 : -1;
    line.setAttribute("aria-selected", String(item === current));
    const cells = line.cells;
    drawSample(item);
    if (!row) {
      cells[1].textContent = "no answer now";
      for (const cell of [...cells].slice(2)) cell.textContent = "";
      for (const cell of cells) cell.title = "";
      return;
    }
    cells[1].textContent = cells[1].title = labelText(row, classes);
    cells[1].classList.toggle("alw-quiet", row.skipped);
    const doubt = row.disagrees ? [make("span", "alw-differs", "\u2260 ")] : [];
    const name = make("span", "alw-name", namesOf(row.predicted, classes));
    cells[2].title = name.textContent ?? "";
    cells[2].replaceChildren(...doubt, name, ` ${percent(row.confidence)}`);
    cells[3].textContent = secondsText(row.seconds);
    cells[4].textContent = String(row.round);
    cells[5].textContent = marksOf(row).join(" \u00b7 ");
  }

  /** @param {number} item */
  function drawSample(item) {
    const cell = lines.get(item)?.cells[0];
    const payload = samples.get(item);
    if (cell && payload && cell.dataset.drawn !== payload.type) {
      cell.dataset.drawn = payload.type;
      table.classList.toggle("alw-pictures", payload.type === "image");
      cell.replaceChildren(thumb(payload));
    } else if (cell && !payload && !cell.textContent) cell.textContent = `row ${item}`;
    if (item === current) drawDetail();
    second.drawSample(item);
  }

  /** @param {any} payload */
  function thumb(payload) {
    if (payload.type !== "image") return make("span", "alw-line", firstLine(payload));
    const image = /** @type {HTMLImageElement} */ (make("img", ""));
    image.alt = payload.alt;
    image.src = payload.url;
    return image;
  }

  /** @param {number} item @param {boolean} focus */
  function choose(item, focus) {
    current = item;
    samples.ask([item]);
    drawRows();
    if (focus) focusRow(item);
  }

  /** @param {number|null} item */
  function focusRow(item) {
    const line = item === null ? undefined : lines.get(item);
    (line ?? [...lines.values()][0] ?? show.input).focus({ preventScroll: true });
    // The rows under the titles of the columns, and not the notebook, are scrolled.
    if (!line) return;
    const top = line.offsetTop - /** @type {HTMLElement} */ (table.tHead).offsetHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    const bottom = line.offsetTop + line.offsetHeight - scroller.clientHeight;
    if (bottom > scroller.scrollTop) scroller.scrollTop = bottom;
  }

  /** What a key or a button does to the answer that is chosen. @param {{action: string, value?: number, text?: string}} done */
  function act({ action, value, text }) {
    if (action === "undo") return takeBack();
    if (action === "find") return search.focus();
    if (action === "note" && text === undefined) return detail.focusNote();
    if (action === "back") return focusRow(current);
    const row = current === null ? undefined : rowOf(current);
    if (current === null || !row) return;
    if (action === "answer") classPressed(row, /** @type {number} */ (value));
    if (action === "submit") relabel(row, chosenFor(row));
    if (action === "skip" || action === "unsure") answered(change({ kind: "skip", item: current, unsure: action === "unsure" }), current);
    if (action === "flag") change(row.flagged ? { kind: "unflag", item: current } : { kind: "flag", item: current, note: text ?? "" });
    if (action === "note") change({ kind: "note", item: current, note: text });
  }

  /** @param {any} row @returns {number[]} what Enter saves */
  function chosenFor(row) {
    return draft && draft.item === row.item ? draft.values : (row.label ?? []);
  }

  /** A class is the label, or of many labels one more or one less that is chosen. @param {any} row @param {number} number */
  function classPressed(row, number) {
    if (!status().many) return relabel(row, number);
    draft = { item: row.item, values: toggled(chosenFor(row), number) };
    live.textContent = `chosen: ${namesOf(draft.values, status().classes)}; Enter saves`;
    drawDetail();
  }

  /** @param {any} row @param {import("./review_list.js").Value} value */
  function relabel(row, value) {
    draft = null;
    if (sameValue(row.label, value) && !row.changed) {
      live.textContent = `${namesOf(value, status().classes)} already`;
      drawDetail();
      return;
    }
    answered(change({ kind: "label", item: row.item, value }), row.item);
  }

  /** @param {string|null} id @param {number} item */
  function answered(id, item) {
    if (id !== null) given.push({ id, item });
  }

  function takeBack() {
    draft = null;
    const last = given.pop();
    if (!last) {
      live.textContent = "nothing was changed here yet";
      return;
    }
    change({ kind: "undo", target: last.id, about: last.item });
    if (lines.has(last.item)) choose(last.item, holdsFocus(root));
  }

  function differing() {
    lookAgain(false);
    show.input.value = "changed";
    look(true);
    show.input.focus();
  }

  /** Show samples blind, or the table again. @param {boolean} on */
  function lookAgain(on) {
    blind = on;
    second.open(on, status());
    drawControls();
    if (on) second.element.focus({ preventScroll: true });
    else {
      look(false);
      focusRow(current);
    }
  }

  function drawControls() {
    const { keys, classes, checking, how, n_looks } = status();
    const can = sending.isAlive() && !heldBy();
    search.placeholder = `search (${keyName(keys.actions.find)})`;
    const options = ["", ...classes.map((/** @type {string} */ _, /** @type {number} */ code) => String(code))];
    if (label.input.options.length !== options.length) {
      const chosen = label.input.value;
      label.input.replaceChildren(...options.map((value) => new Option(value === "" ? "every class" : classes[Number(value)], value)));
      label.input.value = chosen;
    }
    const n = Number(header.dataset.all ?? 0);
    const words = [make("strong", "", `${n.toLocaleString("en")} answer${n === 1 ? "" : "s"}`)];
    const checks = make("span", "alw-how", checking ? "Checking the labels ..." : how);
    header.replaceChildren(...words, checks);
    split.hidden = tools.hidden = shareLine.hidden = header.hidden = blind;
    update.hidden = newer === null;
    range.textContent = rangeText(order, page);
    before.disabled = page === 0;
    after.disabled = page >= nPages(order) - 1;
    pager.hidden = order.length <= ROWS;
    takeOver.hidden = !heldBy() || !sending.isAlive();
    drawTrouble();
    goOn.hidden = !n_looks;
    goOn.textContent = `go on: ${n_looks} to answer again`;
    draw10.disabled = !can;
    detail.enable(can);
    second.enable(can);
  }

  /** @param {string} key */
  function move(key) {
    const items = itemsOf(order, page);
    const place = current === null ? -1 : items.indexOf(current);
    const steps = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: items.length - 1 };
    if (key === "PageDown" || key === "PageUp") {
      const to = page + (key === "PageDown" ? 1 : -1);
      if (to >= 0 && to < nPages(order)) turn(to);
      return true;
    }
    if (!(key in steps)) return false;
    const item = items[Math.min(Math.max(steps[/** @type {keyof typeof steps} */ (key)], 0), items.length - 1)];
    if (item !== undefined) choose(item, true);
    return true;
  }

  /**
   * Jupyter listens for its shortcuts on the document, in Notebook 7 while the event still travels down: only the
   * window comes before. Keys outside this widget, and chords, are nobody's business here.
   * @param {KeyboardEvent} event
   */
  function onKey(event) {
    const target = /** @type {HTMLElement} */ (event.composedPath()[0]);
    if (!root.contains(target) || event.isComposing || event.key === "Tab") return;
    if (event.key === "Escape") return leave(event, target);
    const chord = event.ctrlKey || event.metaKey || event.altKey;
    if (chord && event.key !== "Enter") return;
    event.stopPropagation();
    if (chord) return;
    if (answers().onKey(event)) return;
    if (target instanceof HTMLInputElement) {
      if (event.key === "Enter") enter(event, target);
      return;
    }
    const onButton = target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter");
    if (target instanceof HTMLSelectElement || onButton) return;
    if (pressed(event, target)) event.preventDefault();
  }

  /** @param {KeyboardEvent} event @param {HTMLElement} target @returns {boolean} whether the key was ours */
  function pressed(event, target) {
    const action = actionNow(event);
    // Beside the sample a class is looked for, elsewhere an answer.
    const beside = blind || detail.element.contains(target);
    if (beside && action?.action === "find" && answers().search()) return true;
    if (beside && turnsClasses(event.key)) return true;
    if (blind) return second.press(action, event);
    if (target instanceof HTMLTableRowElement && move(event.key)) return true;
    // On a row Enter opens it, unless there is something to save.
    if (target instanceof HTMLTableRowElement && event.key === "Enter" && draft?.item !== current) {
      detail.element.focus({ preventScroll: true });
      return true;
    }
    if (!action) return beside && scrollWithin(detail.card, event);
    if (event.repeat && action.action !== "undo") return true;
    if (TELLING.includes(action.action) && (beside ? detail.visibility : visibility).hold()) return true;
    act(action);
    return true;
  }

  /** The buttons that answer now. */
  function answers() {
    return blind ? second.answers : detail.answers;
  }

  /** Turn the pages of many classes. @param {string} key @returns {boolean} whether it is one that does */
  function turnsClasses(key) {
    return (key === "PageDown" || key === "PageUp") && answers().turn(key === "PageDown" ? 1 : -1);
  }

  /** @param {KeyboardEvent} event @returns {import("../common/keys.js").Action|null} */
  function actionNow(event) {
    const { keys, many } = status();
    if (event.key === "Enter") return many ? { action: "submit" } : null;
    return actionOf(event, keys, answers().keys());
  }

  /** @param {KeyboardEvent} event @param {HTMLInputElement} target */
  function enter(event, target) {
    event.preventDefault();
    if (target === search) {
      look(true);
      focusRow(current);
    } else if (target === share) draw10.click();
    else detail.saveNote();
  }

  /** Escape goes back to the row, and from there out of the widget. @param {KeyboardEvent} event @param {HTMLElement} target */
  function leave(event, target) {
    if (answers().close()) {
      event.stopPropagation();
      event.preventDefault();
      (blind ? second : detail).element.focus({ preventScroll: true });
      return;
    }
    draft = null;
    drawDetail();
    if (blind) {
      event.stopPropagation();
      lookAgain(false);
    } else if (detail.element.contains(target) || target === search) {
      event.stopPropagation();
      event.preventDefault();
      focusRow(current);
    } else target.blur();
  }

  const onScreen = new IntersectionObserver((entries) => {
    const now = entries.some((entry) => entry.isIntersecting);
    if (now && !visible) {
      visible = now;
      follow();
    }
    visible = now;
  });
  onScreen.observe(root);
  window.addEventListener("keydown", onKey, true);
  model.on("change:_status", follow);
  model.on("change:_session", follow);
  model.on("msg:custom", receive);
  const unfollow = followTheme(root);
  drawControls();
  second.open(false, status());
  look(true);
  function close() {
    clearTimeout(timer);
    onScreen.disconnect();
    samples.close();
    [visibility, detail.visibility, second].forEach((each) => each.close());
    stale.close();
    unfollow();
    window.removeEventListener("keydown", onKey, true);
    model.off("change:_status", follow);
    model.off("change:_session", follow);
    model.off("msg:custom", receive);
  }
  return { draw: drawControls, back: () => look(false), settled, close };
}

export default () => makeSendingWidget("review", render);
