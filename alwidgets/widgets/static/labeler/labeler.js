// @ts-check
/** The labeling card. */

import { followTheme } from "../common/theme.js";
import { aroundCard } from "./armed.js";
import { performOnCard, toggleAlone, toggleHelp, walkOnCard } from "./card_acts.js";
import { drawCard, keysNow } from "./card_draw.js";
import { makeCardMessages } from "./card_messages.js";
import { makeCard } from "./card_parts.js";
import { followCardKeys } from "./labeler_keys.js";
import { followRoom } from "./room.js";

/** @param {HTMLElement} root @param {import("../common/sent.d.ts").Model<import("../common/sent.d.ts").LabelingState & {task: import("../common/sent.d.ts").TaskShown}>} model @param {import("./card_messages.js").CardMessages} card */
function makeCardView(root, model, card) {
  root.classList.add("alw-root", "alw-labeler");
  root.tabIndex = 0;
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", "Labeler. Keys answer, question mark shows them all.");
  const view = makeCard(root, model, card);
  const { box, armed, answers, grid, help, note, visibility, stale, rest } = view;
  const unfollowKeys = followCardKeys({
    root, box, armed, answers, grid, help, note, visibility,
    perform: (pressed) => performOnCard(view, pressed),
    toggleHelp: () => toggleHelp(view),
    walk: (step) => walkOnCard(view, step),
    toggleAlone: () => toggleAlone(view),
    isMulti: view.task.kind === "multi",
    isReading: () => view.reading,
    keys: () => keysNow(view),
  });
  const ends = [whenPlaced(root, () => followRoom(aroundCard(root))), rest.close, stale.close, visibility.close, armed.close, followTheme(root), unfollowKeys];
  drawCard(view);
  return { draw: () => drawCard(view), close: () => ends.forEach((end) => end()) };
}

/** Begin once an element has its place on the page. @param {HTMLElement} root @param {() => () => void} begin returns what ends it @returns {() => void} ends it */
function whenPlaced(root, begin) {
  let end = () => {};
  const observer = new ResizeObserver(() => {
    observer.disconnect();
    end = begin();
  });
  observer.observe(root);
  return () => {
    observer.disconnect();
    end();
  };
}

export default () => {
  /** @type {import("./card_messages.js").CardMessages} */ let card;
  /** @type {Set<ReturnType<typeof makeCardView>>} */ const views = new Set();
  return {
    /** @param {{model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").LabelingState & {task: import("../common/sent.d.ts").TaskShown}>}} context */
    initialize({ model }) {
      card = makeCardMessages(model, () => views.forEach((view) => view.draw()));
      return card.close;
    },
    /** @param {{model: import("../common/sent.d.ts").Model<import("../common/sent.d.ts").LabelingState & {task: import("../common/sent.d.ts").TaskShown}>, el: HTMLElement}} context */
    render({ model, el }) {
      const view = makeCardView(el, model, card);
      views.add(view);
      return () => {
        views.delete(view);
        view.close();
      };
    },
  };
};
