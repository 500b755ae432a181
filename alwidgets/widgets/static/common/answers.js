// @ts-check
/** The answers under a sample: a button a class, pages of ten where there are more, a box to find one by its name. */

import { hasFocus, make, makeButton, makeSwatch } from "./dom.js";
import { found, keyName, onPage, PAGE, pages } from "./keys.js";

/**
 * @typedef {{classes: string[], keys: import("./keys.js").Keys, kind: string, counts: number[]|null, can: boolean,
 *            chosen: Set<number>|null, suggested: any}} Shown how many of all labels are of each class, null when that is
 *            not shown; the classes that are chosen, null where none can be
 */

/**
 * @param {{press: (value: number) => void, submit?: () => void, add?: (name: string) => void, leave: () => void, hold?: () => boolean}} on
 *   hold: whether a key may not answer now
 * @param {number} [page] the one that is turned up
 */
export function makeAnswers(on, page = 0) {
  const element = make("div", "alw-answer-area");
  const row = make("div", "alw-answers");
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "Answers");
  const more = make("div", "alw-more");
  const find = /** @type {HTMLInputElement} */ (make("input", "alw-find"));
  find.type = "search";
  find.setAttribute("aria-label", "Find a class by its name; Enter answers with the first that is found");
  const back = makeButton("PageUp", "", () => turn(-1));
  back.setAttribute("aria-label", "Ten classes before");
  const forth = makeButton("PageDown", "", () => turn(1));
  forth.setAttribute("aria-label", "Ten classes on");
  const place = make("span", "alw-place");
  const submit = makeButton("Enter", "answer", () => on.submit?.());
  submit.classList.add("alw-submit");
  const addButton = makeButton("", "+ add class", () => open(true));
  const add = /** @type {HTMLInputElement} */ (make("input", "alw-new-class"));
  add.setAttribute("aria-label", "Name of the new class; Enter adds it");
  add.placeholder = "name of the new class, then Enter";
  add.hidden = true;
  const adding = make("span", "alw-adding");
  adding.append(addButton, add);
  const turning = make("span", "alw-turning");
  turning.append(back, place, forth);
  more.append(find, turning, submit);
  element.append(row, more);

  /** The page of what is found. */
  let foundPage = 0;
  let drawn = "";
  /** @type {Shown} */ let state = {
    classes: [], keys: { classes: [], actions: {} }, kind: "single", counts: null, can: false, chosen: null, suggested: null,
  };
  /** @type {{value: number, key: string}[]} */ let shown = [];
  /** @type {HTMLButtonElement[]} */ let buttons = [];

  /** @param {boolean} yes */
  function open(yes) {
    add.hidden = !yes;
    addButton.hidden = yes;
    if (yes) add.focus();
  }

  const isSearching = () => Boolean(find.value.trim());

  /** Turn the pages of all classes, or of those that are found. @param {number} by @returns {boolean} whether there are more than one */
  function turn(by) {
    if (isSearching()) {
      const n = pages(found(state.classes, find.value).length);
      foundPage = (foundPage + by + n) % n;
      draw(state);
      find.focus();
      return true;
    }
    const n = pages(state.classes.length);
    if (n === 1) return false;
    page = (page + by + n) % n;
    draw(state);
    on.leave();
    return true;
  }

  find.addEventListener("input", () => {
    foundPage = 0;
    // As high as the page was that they stand in for: what is below stays where it is.
    if (!isSearching()) row.style.minHeight = "";
    else if (!row.style.minHeight) row.style.minHeight = `${row.offsetHeight}px`;
    draw(state);
  });
  add.addEventListener("blur", () => open(false));

  /** @param {Shown} now */
  function draw(now) {
    state = now;
    if (page >= pages(now.classes.length)) page = 0;
    const searching = isSearching();
    const matches = searching ? found(now.classes, find.value) : [];
    const from = foundPage * PAGE;
    shown = searching
      ? matches.slice(from, from + PAGE).map((value) => ({ value, key: "" }))
      : onPage(now.classes.length, now.keys, page);
    const wanted = JSON.stringify([shown, shown.map(({ value }) => now.classes[value]), now.kind, searching]);
    if (wanted !== drawn) {
      drawn = wanted;
      const longest = Math.min(40, Math.max(...now.classes.map((name) => name.length)));
      row.style.setProperty("--alw-answer", `${longest + 10}ch`);
      row.dataset.kind = now.kind;
      buttons = shown.map(({ value, key }, i) => {
        const first = searching && i === 0 ? "Enter" : "";
        const button = makeButton(key ? keyName(key) : first, now.classes[value], () => {
          empty();
          on.press(value);
        });
        button.prepend(makeSwatch(value));
        button.append(make("span", "alw-count"));
        return button;
      });
      row.replaceChildren(...buttons, ...(shown.length ? [] : [make("p", "alw-message", "No class has that in its name.")]));
      if (searching) {
        // The first that is found is answered by the Enter key of the box.
        buttons[0]?.setAttribute("data-first", "");
      }
    }
    const many = now.classes.length > PAGE;
    find.hidden = turning.hidden = !many;
    if (many) {
      find.placeholder = `${keyName(now.keys.actions.find)}  find one of ${now.classes.length} classes`;
      place.textContent = searching ? placeOf(from, shown.length, matches.length) : `${page + 1} of ${pages(now.classes.length)}`;
      back.disabled = forth.disabled = searching && matches.length <= PAGE;
    }
    adding.hidden = now.kind === "yes_no" || now.kind === "pair";
    submit.hidden = now.kind !== "multi";
    submit.disabled = !now.can;
    /** @type {HTMLElement} */ (submit.lastChild).textContent = now.chosen?.size ? "answer" : "answer: none of these";
    const counts = now.counts ?? [];
    const total = Math.max(1, ...counts);
    buttons.forEach((button, i) => {
      const { value } = shown[i];
      const count = /** @type {HTMLElement} */ (button.lastChild);
      const text = now.counts ? String(counts[value] ?? 0) : "";
      button.disabled = !now.can;
      count.hidden = !now.counts;
      if (count.textContent !== text) count.textContent = text;
      button.style.setProperty("--alw-share", String((counts[value] ?? 0) / total));
      if (now.chosen) button.setAttribute("aria-pressed", String(now.chosen.has(value)));
      const suggested = Array.isArray(now.suggested) ? now.suggested.includes(value) : now.suggested === value;
      button.classList.toggle("alw-suggested", suggested);
    });
  }

  function empty() {
    find.value = "";
    row.style.minHeight = "";
  }

  return {
    element,
    page: () => page,
    /** For a class that nobody had thought of. */
    adding,
    draw,
    turn,
    /** The classes that keys answer now. */
    keys: () => (isSearching() ? [] : shown),
    /** Go to the box; false where there is none. */
    search() {
      if (find.hidden) return false;
      find.focus();
      return true;
    },
    /** @param {KeyboardEvent} event @returns {boolean} whether it was meant for one of the boxes */
    onKey(event) {
      const [target] = event.composedPath();
      if (target !== find && target !== add) {
        // No class has a digit while some are found: it is one more letter of the name.
        if (target instanceof HTMLInputElement || !isSearching() || !/^[0-9]$/.test(event.key)) return false;
        find.focus();
        return true;
      }
      if (target === find && (event.key === "PageDown" || event.key === "PageUp")) {
        event.preventDefault();
        if (isSearching()) turn(event.key === "PageDown" ? 1 : -1);
      } else if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        if (target === add) {
          if (add.value.trim()) on.add?.(add.value.trim());
          add.value = "";
          on.leave();
        } else if (shown.length && isSearching() && !on.hold?.()) {
          const { value } = shown[0];
          empty();
          on.press(value);
        }
      }
      return true;
    },
    /** Empty the boxes. @returns {boolean} whether there was something in them, or one had the focus */
    close() {
      const busy = find.value !== "" || [find, add].some(hasFocus);
      empty();
      add.value = "";
      open(false);
      if (busy) draw(state);
      return busy;
    },
  };
}

/** @param {number} from @param {number} n_shown @param {number} n_found */
function placeOf(from, n_shown, n_found) {
  return n_found > PAGE ? `${from + 1} to ${from + n_shown} of ${n_found} found` : `${n_found} found`;
}
