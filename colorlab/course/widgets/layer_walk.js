// A photo on its way through the network: a slider over the layers.

import { overlay } from "./heat.js";

/**
 * @typedef {Object} Stop
 * @property {string} name @property {string} part @property {string} picture a URI
 * @property {string} shape @property {number} side of the layer's grid
 * @property {string} field the receptive field @property {string} half where half of the gradient is
 * @property {string} parameters @property {string} words
 * @property {string} reach what the place depends on, in 255 steps, base64
 */

/** @typedef {Object} Walk @property {Stop[]} stops @property {number} cells of `reach`, a side
 * @property {[number, number]} at the place, in shares of the sides */

/** @param {HTMLElement} root @param {Walk} data */
export function layerWalk(root, { stops, cells, at }) {
  const slider = /** @type {HTMLInputElement} */ (root.querySelector("input"));
  const output = /** @type {HTMLElement} */ (root.querySelector("output"));
  const layer = /** @type {HTMLImageElement} */ (root.querySelector("img.layer"));
  const words = /** @type {HTMLElement} */ (root.querySelector(".layer-words"));
  const status = /** @type {HTMLElement} */ (root.querySelector(".status"));
  const tower = /** @type {HTMLElement} */ (root.querySelector(".tower"));
  const ctx = /** @type {CanvasRenderingContext2D} */ (root.querySelector("canvas")?.getContext("2d"));
  const facts = root.querySelectorAll(".facts dd");
  const grey = new Image();

  for (const { side, part } of stops) {
    const bar = document.createElement("i");
    bar.style.height = `${100 * (side / stops[0].side) ** 0.5}%`;
    bar.className = part === "frozen encoder" ? "" : part === "photo" ? "plain" : "trained";
    tower.append(bar);
  }

  function show() {
    const number = Number(slider.value), stop = stops[number];
    output.textContent = stop.name;
    slider.setAttribute("aria-valuetext", stop.name);
    status.textContent = stop.words;
    layer.src = stop.picture;
    layer.alt = `${stop.name}: ${stop.words}`;
    words.textContent = `${stop.name}, ${stop.shape}`;
    [stop.part, stop.shape, stop.field, stop.half, stop.parameters].forEach((fact, i) => {
      facts[i].textContent = fact;
    });
    [...tower.children].forEach((bar, i) => bar.classList.toggle("here", i === number));
    const { width, height } = ctx.canvas;
    ctx.drawImage(grey, 0, 0, width, height);
    const map = Float32Array.from(atob(stop.reach), (step) => step.charCodeAt(0) / 255);
    overlay(ctx, map, cells);
    // The place is a cell of the layer's grid.
    const cell = width / stop.side, [x, y] = at.map((share) => cell * (Math.floor(share * stop.side) + 0.5));
    for (const [ink, wide] of /** @type {[string, number][]} */ ([["#000", 6], ["#fff", 3]])) {
      ctx.strokeStyle = ink;
      ctx.lineWidth = wide;
      ctx.beginPath();
      if (cell < 16) ctx.arc(x, y, 12, 0, 7);
      else ctx.rect(x - cell / 2, y - cell / 2, cell, cell);
      ctx.stroke();
    }
  }

  slider.addEventListener("input", show);
  grey.onload = show;
  grey.src = stops[0].picture;
}
