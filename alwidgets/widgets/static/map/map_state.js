// @ts-check
/** What is known of a map, one for all views of it: plain functions on a plain value, without a page. */

import { released } from "../common/sample.js";
import { takeLabels } from "./points.js";

const KEPT_PAYLOADS = 200;

export function makeMapState() {
  return {
    /** @type {Float32Array|null} */ xy: null,
    /** @type {import("./points.js").Pool} */
    pool: { labels: new Int16Array(0), predicted: null, uncertainty: null },
    /** @type {Uint32Array} */ selected: new Uint32Array(0),
    /** How many selections made here the kernel has not confirmed. */ unconfirmed: 0,
    /** The sample that is to be shown next, until the kernel shows it. @type {number|null} */ coming: null,
    /** What each sample shows. @type {Map<number, import("../common/sent.d.ts").Drawable>} */ payloads: new Map(),
    /** Samples that were asked for and have not come. @type {Set<number>} */ needed: new Set(),
    /** The sample that is glanced at. @type {number|null} */ peeked: null,
    /** The one that was asked for to be glanced at, until it comes. @type {number|null} */ fetching: null,
    /** How often what the colors show has changed. */ version: 0,
  };
}

/** @typedef {ReturnType<typeof makeMapState>} MapState */

/** @param {DataView} view */
function bytesOf(view) {
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}

/**
 * Take what the kernel tells of the points.
 * @param {MapState} state
 * @param {{kind: string, reset?: boolean}} message
 * @param {DataView[]} buffers
 * @returns {boolean} whether it was that
 */
export function takePoints(state, { kind, reset = false }, buffers) {
  if (kind === "points") {
    state.xy = new Float32Array(bytesOf(buffers[0]));
    state.pool.labels = new Int16Array(state.xy.length / 2).fill(-1);
  } else if (kind === "labels") {
    takeLabels(state.pool.labels, new Uint32Array(bytesOf(buffers[0])), new Int16Array(bytesOf(buffers[1])), reset);
  } else if (kind === "predictions") {
    state.pool.predicted = buffers.length > 0 ? new Int16Array(bytesOf(buffers[0])) : null;
    state.pool.uncertainty = buffers.length > 1 ? new Uint8Array(bytesOf(buffers[1])) : null;
  } else if (kind === "selected") {
    takeSelected(state, new Uint32Array(bytesOf(buffers[0])));
  } else return false;
  return true;
}

/** Of several made here in a row, only the newest is what the kernel will have. @param {MapState} state @param {Uint32Array} rows */
function takeSelected(state, rows) {
  state.unconfirmed = Math.max(0, state.unconfirmed - 1);
  const same = rows.length === state.selected.length && rows.every((row, i) => row === state.selected[i]);
  if (state.unconfirmed || same) return;
  state.selected = rows;
  state.version += 1;
}

/** Select rows, of which the kernel does not know yet. @param {MapState} state @param {Iterable<number>} rows */
export function selectHere(state, rows) {
  state.selected = Uint32Array.from(rows);
  state.unconfirmed += 1;
  state.version += 1;
}

/** How many of the selected have no label. @param {MapState} state */
export function countUnlabeled(state) {
  return state.selected.filter((row) => state.pool.labels[row] < 0).length;
}

/** Forget the oldest samples, and none that is shown. @param {MapState} state @param {number[]} shown */
export function forgetSamples(state, shown) {
  for (const [row, payload] of state.payloads) {
    if (state.payloads.size <= KEPT_PAYLOADS) break;
    if (shown.includes(row) || row === state.peeked) continue;
    released(payload);
    state.payloads.delete(row);
  }
}

/** The sample to ask for to be glanced at, null while another is on its way. @param {MapState} state */
export function takePeeked(state) {
  const { peeked, fetching, payloads, needed } = state;
  if (peeked === null || fetching !== null || payloads.has(peeked) || needed.has(peeked)) return null;
  needed.add(peeked);
  state.fetching = peeked;
  return peeked;
}

/** A sample has come. @param {MapState} state @param {number} row */
export function takeCome(state, row) {
  state.needed.delete(row);
  if (state.fetching === row) state.fetching = null;
}

/** Samples to ask for now. @param {MapState} state @param {number[]} shown */
export function takeMissing(state, shown) {
  const missing = shown.filter((row) => !state.payloads.has(row) && !state.needed.has(row));
  missing.forEach((row) => state.needed.add(row));
  return missing;
}
