// Channels of the encoder's taps, sorted by how they answer to a place of the photo.

import { heat, overlay } from "./heat.js";
import { movable } from "./plane.js";

/**
 * @typedef {Object} FeatureTap
 * @property {number} stride pixels of the photo from one place of the tap to the next
 * @property {number} side of a channel's map, in cells @property {number} all its channels
 * @property {number[]} numbers those that are here @property {string} sprite their maps, one below
 *   the other, each from its least to its largest value, as a URI
 */

/** @typedef {Object} Channel @property {Uint8ClampedArray} map @property {number} mean
 * @property {number} deviation */

const SHOWN = 12;

/** The channels in a sprite. @param {HTMLImageElement} sprite @param {number} side
 * @returns {Channel[]} */
function channelsOf(sprite, side) {
  const canvas = document.createElement("canvas"), count = sprite.naturalHeight / side;
  canvas.width = side;
  canvas.height = sprite.naturalHeight;
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ctx.drawImage(sprite, 0, 0);
  const { data } = ctx.getImageData(0, 0, side, canvas.height), cells = side * side;
  return Array.from({ length: count }, (_, k) => {
    const map = new Uint8ClampedArray(cells).map((_, i) => data[4 * (k * cells + i)]);
    const mean = map.reduce((sum, value) => sum + value, 0) / cells;
    const square = map.reduce((sum, value) => sum + (value - mean) ** 2, 0) / cells;
    return { map, mean, deviation: Math.sqrt(square) || 1 };
  });
}

/** @typedef {Object} Browsed @property {FeatureTap[]} taps
 * @property {[number, number]} at the first place, in shares of the sides */

/** @param {HTMLElement} root @param {Browsed} data */
export function featureBrowser(root, { taps, at }) {
  const slider = /** @type {HTMLInputElement} */ (root.querySelector("input"));
  const output = /** @type {HTMLElement} */ (root.querySelector("output"));
  const status = /** @type {HTMLElement} */ (root.querySelector(".status"));
  const stage = /** @type {HTMLElement} */ (root.querySelector(".stage"));
  const photo = /** @type {HTMLImageElement} */ (root.querySelector(".stage img"));
  const shown = /** @type {HTMLCanvasElement} */ (root.querySelector(".stage canvas"));
  const handle = /** @type {HTMLElement} */ (root.querySelector(".handle"));
  const row = /** @type {HTMLElement} */ (root.querySelector(".channels"));
  /** @type {Channel[][]} */
  const channels = [];
  let chosen = -1; // the channel whose map is shown; -1 for the one that stands out most
  let [x, y] = at;

  const deep = () => Number(slider.value);
  const cellOf = (/** @type {number} */ side) => Math.floor(y * side) * side + Math.floor(x * side);

  /** A map as a picture of its own, the place marked. @param {HTMLCanvasElement} canvas
   * @param {Channel} channel @param {number} side */
  function paint(canvas, { map }, side) {
    canvas.width = canvas.height = side;
    const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const image = ctx.createImageData(side, side);
    map.forEach((value, i) => image.data.set([...heat(value / 255), 255], 4 * i));
    image.data.set([255, 255, 255, 255], 4 * cellOf(side));
    ctx.putImageData(image, 0, 0);
  }

  function redraw() {
    const tap = taps[deep()], list = channels[deep()], cell = cellOf(tap.side);
    const stands = list.map(({ map, mean, deviation }) => (map[cell] - mean) / deviation);
    const order = [...list.keys()].sort((one, two) => stands[two] - stands[one]);
    const over = chosen < 0 ? order[0] : chosen;
    const says = (/** @type {number} */ k) => `${stands[k] < 0 ? "−" : "+"}${Math.abs(stands[k]).toFixed(1)} σ`;

    [...row.children].forEach((button, i) => {
      const k = order[i];
      paint(/** @type {HTMLCanvasElement} */ (button.querySelector("canvas")), list[k], tap.side);
      const words = /** @type {HTMLElement} */ (button.querySelector("span"));
      words.textContent = `${tap.numbers[k]}: ${says(k)}`;
      button.setAttribute("aria-label", `channel ${tap.numbers[k]}, ${says(k)}`);
      button.setAttribute("aria-pressed", String(k === over));
      button.setAttribute("data-channel", String(k));
    });

    const ctx = /** @type {CanvasRenderingContext2D} */ (shown.getContext("2d"));
    ctx.drawImage(photo, 0, 0, shown.width, shown.height);
    overlay(ctx, Float32Array.from(list[over].map, (value) => value / 255), tap.side, false);
    const size = shown.width / tap.side, left = Math.floor(x * tap.side) * size, top = Math.floor(y * tap.side) * size;
    for (const [ink, wide] of /** @type {[string, number][]} */ ([["#000", 5], ["#fff", 2]])) {
      ctx.strokeStyle = ink;
      ctx.lineWidth = wide;
      ctx.strokeRect(left, top, size, size);
    }

    handle.style.left = `${(100 * (left + size / 2)) / shown.width}%`;
    handle.style.top = `${(100 * (top + size / 2)) / shown.width}%`;
    const [right, down] = [x, y].map((share) => Math.round(100 * share));
    handle.setAttribute("aria-valuenow", String(right));
    handle.setAttribute("aria-valuetext", `${right} % from the left, ${down} % from the top`);
    const name = `stride ${tap.stride}`;
    output.textContent = String(tap.stride);
    slider.setAttribute("aria-valuetext", name);
    const loud = stands.filter((value) => value > 1).length;
    status.textContent = `At ${name} a place is ${tap.stride} × ${tap.stride} pixels, and ${list.length} of ` +
      `its ${tap.all} channels are here. Most of all channel ${tap.numbers[order[0]]} stands out, ` +
      `${says(order[0])}; ${loud} are more than 1 σ above their mean. Over the photo: channel ` +
      `${tap.numbers[over]}.`;
  }

  for (let i = 0; i < SHOWN; i++) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(document.createElement("canvas"), document.createElement("span"));
    button.addEventListener("click", () => {
      chosen = Number(button.dataset.channel);
      redraw();
    });
    row.append(button);
  }
  const most = 1 - 1e-9;
  movable(stage, [{
    element: handle,
    put(toX, toY) {
      [x, y] = [toX, toY];
      redraw();
    },
    nudge(right, up) {
      const { side } = taps[deep()], within = (/** @type {number} */ share) => Math.min(most, Math.max(0, share));
      // To the middle of the next cell.
      x = within((Math.floor(x * side) + 0.5 + right) / side);
      y = within((Math.floor(y * side) + 0.5 - up) / side);
      redraw();
    },
  }]);
  slider.addEventListener("input", () => {
    chosen = -1;
    redraw();
  });

  Promise.all([photo.decode(), ...taps.map(async ({ sprite, side }, i) => {
    const image = new Image();
    image.src = sprite;
    await image.decode();
    channels[i] = channelsOf(image, side);
  })]).then(redraw);
}
