// What a network answers through its training: a slider over checkpoints, linked with the curves.

import { movable } from "./plane.js";

/**
 * @typedef {Object} Frame a checkpoint
 * @property {number} x where it is on the chart, a share of its width
 * @property {number[]} dots how high each curve is there, shares of the height
 * @property {string} value of the slider, in words
 * @property {string} words all that is told of it
 * @property {string[]} pictures of each track, as URIs
 */

/** @param {HTMLElement} root @param {Frame[]} frames */
export function scrubber(root, frames) {
  const slider = /** @type {HTMLInputElement} */ (root.querySelector("input"));
  const button = /** @type {HTMLElement} */ (root.querySelector("button"));
  const stage = /** @type {HTMLElement} */ (root.querySelector(".stage"));
  const cursor = /** @type {HTMLElement} */ (root.querySelector(".cursor"));
  const dots = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".chart b"));
  const images = /** @type {NodeListOf<HTMLImageElement>} */ (root.querySelectorAll("img[data-track]"));
  const status = /** @type {HTMLElement} */ (root.querySelector(".status"));
  let timer = 0;

  function redraw() {
    const { x, dots: heights, value, words, pictures } = frames[Number(slider.value)];
    pictures.forEach((uri, i) => { images[i].src = uri; });
    for (const each of [cursor, ...dots]) each.style.left = `${100 * x}%`;
    heights.forEach((height, i) => { dots[i].style.bottom = `${100 * height}%`; });
    const output = root.querySelector("output");
    if (output) output.textContent = value;
    slider.setAttribute("aria-valuetext", value);
    status.textContent = words;
  }

  /** Go to a checkpoint, the first or last one if there is none. @param {number} at */
  function go(at) {
    slider.value = String(at); // a range keeps within its ends
    redraw();
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    button.textContent = "Play";
  }

  button.addEventListener("click", () => {
    if (timer) return stop();
    const at = Number(slider.value);
    go(at === frames.length - 1 ? 0 : at);
    button.textContent = "Pause";
    timer = setInterval(() => {
      go(Number(slider.value) + 1);
      if (Number(slider.value) === frames.length - 1) stop();
    }, 700);
  });
  slider.addEventListener("input", () => { stop(); redraw(); });
  movable(stage, [{
    element: slider,
    put(across) {
      stop();
      const away = frames.map(({ x }) => Math.abs(x - across));
      go(away.indexOf(Math.min(...away)));
    },
    nudge(right, up) { stop(); go(Number(slider.value) + right + up); },
  }]);
  redraw();
}
