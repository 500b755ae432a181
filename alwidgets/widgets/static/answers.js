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
 * @param {{press: (value: number) => void, submit: () => void, add?: (name: string) => void, leave: () => void}} on
 */
export function makeAnswers(on) {
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
  const submit = makeButton("Enter", "save", () => on.submit());
  submit.classList.add("alw-submit");
  const addButton = makeButton("", "+ add class", () => open(true));
  const add = /** @type {HTMLInputElement} */ (make("input", "alw-new-class"));
  add.setAttribute("aria-label", "Name of the new class; Enter adds it");
  add.placeholder = "name of the new class, then Enter";
  add.hidden = true;
  const adding = make("span", "alw-adding");
  adding.append(addButton, add);
  more.append(find, back, place, forth, submit);
  element.append(row, more);

  let page = 0;
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

  /** @param {number} by */
  function turn(by) {
    page = (page + by + pages(state.classes.length)) % pages(state.classes.length);
    draw(state);
    on.leave();
  }

  /** The classes that are shown: of a page, or found. */
  function choose() {
    if (find.value.trim()) {
      return found(state.classes, find.value).slice(0, PAGE).map((value) => ({ value, key: "" }));
    }
    return onPage(state.classes.length, state.keys, page);
  }

  find.addEventListener("input", () => draw(state));
  add.addEventListener("blur", () => open(false));

  /** @param {Shown} now */
  function draw(now) {
    state = now;
    if (page >= pages(now.classes.length)) page = 0;
    shown = choose();
    const searching = Boolean(find.value.trim());
    const wanted = JSON.stringify([shown, shown.map(({ value }) => now.classes[value]), now.kind, searching]);
    if (wanted !== drawn) {
      drawn = wanted;
      const longest = Math.min(40, Math.max(...now.classes.map((name) => name.length)));
      row.style.setProperty("--alw-answer", `${longest + 10}ch`);
      row.dataset.kind = now.kind;
      buttons = shown.map(({ value, key }, i) => {
        const first = searching && i === 0 ? "Enter" : "";
        const button = makeButton(key ? keyName(key) : first, now.classes[value], () => {
          find.value = "";
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
    find.hidden = back.hidden = forth.hidden = place.hidden = !many;
    if (many) {
      find.placeholder = `${keyName(now.keys.actions.find)}  find one of ${now.classes.length} classes`;
      place.textContent = searching ? `${shown.length} found` : `${page + 1} of ${pages(now.classes.length)}`;
    }
    adding.hidden = now.kind === "yes_no" || now.kind === "pair";
    submit.hidden = now.kind !== "multi";
    submit.disabled = !now.can;
    /** @type {HTMLElement} */ (submit.lastChild).textContent = now.chosen?.size ? "save" : "save: none of these";
    const counts = now.counts ?? [];
    const total = Math.max(1, ...counts);
    buttons.forEach((button, i) => {
      const { value } = shown[i];
      const count = /** @type {HTMLElement} */ (button.lastChild);
      const text = String(counts[value] ?? 0);
      button.disabled = !now.can;
      count.hidden = !now.counts;
      if (count.textContent !== text) count.textContent = text;
      button.style.setProperty("--alw-share", String((counts[value] ?? 0) / total));
      if (now.chosen) button.setAttribute("aria-pressed", String(now.chosen.has(value)));
      const suggested = Array.isArray(now.suggested) ? now.suggested.includes(value) : now.suggested === value;
      button.classList.toggle("alw-suggested", suggested);
    });
  }

  return {
    element,
    /** For a class that nobody had thought of. */
    adding,
    draw,
    turn,
    /** The classes that keys answer now. */
    keys: () => (find.value.trim() ? [] : shown),
    /** Go to the box; false where there is none. */
    search() {
      if (find.hidden) return false;
      find.focus();
      return true;
    },
    /** @param {KeyboardEvent} event @returns {boolean} whether it was meant for one of the boxes */
    onKey(event) {
      const [target] = event.composedPath();
      if (target !== find && target !== add) return false;
      if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        if (target === add) {
          if (add.value.trim()) on.add?.(add.value.trim());
          add.value = "";
          on.leave();
        } else if (shown.length && find.value.trim()) {
          const { value } = shown[0];
          find.value = "";
          on.press(value);
        }
      }
      return true;
    },
    /** Empty the boxes. @returns {boolean} whether there was something in them, or one had the focus */
    close() {
      const busy = find.value !== "" || [find, add].some(hasFocus);
      find.value = add.value = "";
      open(false);
      if (busy) draw(state);
      return busy;
    },
  };
}
