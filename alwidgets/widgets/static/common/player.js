// @ts-check
/** Audio with the form of its wave: a button that plays and stops, a slider to go to a moment. Nothing plays by itself. */

import { make, makeButton } from "./dom.js";
import { readFile } from "./files.js";

const N_PEAKS = 400;
const SVG = "http://www.w3.org/2000/svg";

/** Minutes and seconds. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * The loudest moment in each of n parts, 0 to 100.
 * @param {ArrayLike<number>} wave
 * @param {number} [n]
 */
export function peaksOf(wave, n = N_PEAKS) {
  const count = Math.min(n, wave.length);
  const peaks = Array.from({ length: count }, (_, part) => {
    const end = Math.floor(((part + 1) * wave.length) / count);
    let loudest = 0;
    for (let i = Math.floor((part * wave.length) / count); i < end; i++) loudest = Math.max(loudest, Math.abs(wave[i]));
    return loudest;
  });
  const most = Math.max(...peaks, 1e-9);
  return peaks.map((peak) => Math.round((100 * peak) / most));
}

/** The outline of a wave, as the path of an SVG that is 100 high. @param {readonly number[]} peaks */
export function outline(peaks) {
  const upper = peaks.map((peak, i) => `${i} ${50 - peak / 2}`);
  const lower = peaks.map((peak, i) => `${i} ${50 + peak / 2}`).reverse();
  return `M${[...upper, ...lower].join("L")}Z`;
}

/** @param {import("./sent.d.ts").Sound} payload @param {string} key */
export function drawnPlayer(payload, key) {
  const root = make("div", "alw-audio");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", payload.alt);
  // In the page, so that it falls silent when it is taken from there.
  const audio = /** @type {HTMLAudioElement} */ (make("audio", ""));
  const toggle = () => {
    if (audio.paused) audio.play().catch(() => {});
    else audio.pause();
  };
  const button = makeButton(key, "play", toggle);
  const time = make("span", "alw-time");
  const wave = make("div", "alw-wave");
  const slider = /** @type {HTMLInputElement} */ (make("input", ""));
  slider.type = "range";
  slider.step = "0.01";
  slider.setAttribute("aria-label", "moment");
  const bar = make("div", "alw-audio-bar");
  bar.append(button, time);
  root.append(wave, bar, audio);
  wave.append(slider);
  root.addEventListener("alw-play", toggle);
  followAudio({ payload, root, audio, button, time, slider });
  drawWave(payload, wave);
  return root;
}

/**
 * @typedef {{payload: import("./sent.d.ts").Sound, root: HTMLElement, audio: HTMLAudioElement, button: HTMLButtonElement, time: HTMLElement,
 *            slider: HTMLInputElement}} Player
 */

/** @param {Player} player */
function followAudio(player) {
  const { payload, root, audio, button, slider } = player;
  const show = () => showMoment(player);
  const follow = () => {
    show();
    if (!audio.paused) requestAnimationFrame(follow);
  };
  const state = () => {
    root.classList.toggle("alw-playing", !audio.paused);
    /** @type {HTMLElement} */ (button.lastChild).textContent = audio.paused ? "play" : "stop";
    follow();
  };
  slider.addEventListener("input", () => {
    audio.currentTime = Number(slider.value);
    show();
  });
  for (const name of ["play", "pause", "ended"]) audio.addEventListener(name, state);
  for (const name of ["loadedmetadata", "durationchange", "seeked"]) audio.addEventListener(name, show);
  readFile(audio, payload, () => {
    const why = "This audio cannot be played: its file is damaged, or of a kind that this browser does not know.";
    root.replaceChildren(make("p", "alw-message", why));
  });
  show();
}

/** @param {Player} player */
function showMoment({ payload, root, audio, time, slider }) {
  const all = Number.isFinite(audio.duration) ? audio.duration : (payload.seconds ?? 0);
  const now = audio.currentTime;
  time.textContent = `${clock(now)} / ${clock(all)}`;
  slider.max = String(all);
  slider.value = String(now);
  slider.setAttribute("aria-valuetext", `${clock(now)} of ${clock(all)}`);
  root.style.setProperty("--alw-played", `${all ? (100 * now) / all : 0}%`);
}

/** @param {import("./sent.d.ts").Sound} payload @param {HTMLElement} wave */
function drawWave(payload, wave) {
  const draw = () => wave.prepend(drawnWave(payload.peaks ?? []));
  if (payload.peaks) return draw();
  // Kept with the payload: it may be drawn again. Without peaks there is still the slider.
  decoded(payload.url ?? "").then((peaks) => {
    payload.peaks = peaks;
    draw();
  }, () => {});
}

/** @param {readonly number[]} peaks */
function drawnWave(peaks) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", `0 0 ${Math.max(1, peaks.length - 1)} 100`);
  picture.setAttribute("preserveAspectRatio", "none");
  picture.setAttribute("aria-hidden", "true");
  for (const name of ["alw-to-come", "alw-played"]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    path.setAttribute("d", outline(peaks));
    picture.append(path);
  }
  return picture;
}

/** @param {string} url */
async function decoded(url) {
  const file = await (await fetch(url)).arrayBuffer();
  const sound = await new OfflineAudioContext(1, 1, 44100).decodeAudioData(file);
  return peaksOf(sound.getChannelData(0));
}
