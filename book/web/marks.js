// Hints as marks on a photo's pixels, at full size or on squares of them, as draw_hints
// (colorlab/data/hints.py) and the shrinking in colorlab/classic/levin.py do it.

import { chromaOf } from "./color.js";

/** @typedef {import("./types").Hint} Hint */
/** @typedef {import("./types").Marks} Marks */
/** @typedef {import("./types").Painted} Painted */
/** @typedef {import("./types").Plane} Plane */
/** @typedef {import("./types").Size} Size */

/**
 * Which colour each pixel of a photo is told, if any; a later hint covers an earlier one.
 * @param {Hint[]} hints
 * @param {Size} size
 * @returns {Painted}
 */
export function paint(hints, { wide, high }) {
  const which = new Uint16Array(wide * high);
  /** @type {[number, number][]} */
  const colours = [];
  const known = new Map();
  for (const { x, y, radius, rgb } of hints) {
    const colour = known.get(rgb.join()) ?? colours.push(chromaOf(rgb));
    known.set(rgb.join(), colour);
    const reach = Math.ceil(radius) + 1, column = Math.round(x), row = Math.round(y);
    for (let v = Math.max(0, row - reach); v <= Math.min(high - 1, row + reach); v++) {
      for (let u = Math.max(0, column - reach); u <= Math.min(wide - 1, column + reach); u++) {
        const inside = (v - y) ** 2 + (u - x) ** 2 <= radius ** 2 || (v === row && u === column);
        if (inside) which[v * wide + u] = colour;
      }
    }
  }
  return { which, colours };
}

/**
 * The means of squares of `step` pixels, rests at the edges too.
 * @param {Plane} plane
 * @param {number} step
 * @returns {Plane}
 */
export function shrink(plane, step) {
  if (step === 1) return plane;
  const { wide, high, across, place } = squares(plane, step);
  const sums = new Float64Array(wide * high), counts = new Uint32Array(wide * high);
  for (let y = 0, i = 0; y < plane.high; y++) {
    const row = place(y);
    for (let x = 0; x < plane.wide; x++, i++) {
      sums[row + across[x]] += plane.data[i];
      counts[row + across[x]]++;
    }
  }
  return { wide, high, data: Float32Array.from(sums, (sum, k) => sum / counts[k]) };
}

/**
 * The marks of squares of `step` pixels: marked where one of them is, with the marked ones' mean
 * chroma. `which` is the colour of the last of them.
 * @param {Painted} painted
 * @param {Size} size of the photo
 * @param {number} step
 * @returns {Marks}
 */
export function marksOf({ which, colours }, size, step) {
  const { wide, high, across, place } = squares(size, step), length = wide * high;
  const small = new Uint16Array(length), counts = new Uint32Array(length);
  const a = new Float32Array(length), b = new Float32Array(length);
  for (let y = 0, i = 0; y < size.high; y++) {
    const row = place(y);
    for (let x = 0; x < size.wide; x++, i++) {
      if (!which[i]) continue;
      const k = row + across[x], [toA, toB] = colours[which[i] - 1];
      small[k] = which[i];
      counts[k]++;
      a[k] += toA;
      b[k] += toB;
    }
  }
  const known = new Uint8Array(length);
  for (let k = 0; k < length; k++) {
    if (!counts[k]) continue;
    known[k] = 1;
    a[k] /= counts[k];
    b[k] /= counts[k];
  }
  return { known, which: small, a, b };
}

/** @param {Size} size @param {number} step */
function squares(size, step) {
  const wide = Math.ceil(size.wide / step), high = Math.ceil(size.high / step);
  const across = Uint32Array.from({ length: size.wide }, (_, x) => Math.floor(x / step));
  return { wide, high, across, place: (/** @type {number} */ y) => wide * Math.floor(y / step) };
}
