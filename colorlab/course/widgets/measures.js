// Measures of a changed picture against the true one, as colorlab.evaluate.metrics defines them.
// Pictures are 8-bit RGBA, `lab` planes L*, a*, b* one after the other.

import { deltaE2000, rgbToLab } from "./lab.js";

/** @typedef {Omit<ImageData, "colorSpace">} Pixels */

/** L*a*b* of every pixel: all L*, then all a*, then all b*. @param {Pixels} picture */
export function labOf({ width, height, data }) {
  const count = width * height, lab = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    rgbToLab(data.subarray(4 * i, 4 * i + 3)).forEach((value, k) => (lab[k * count + i] = value));
  }
  return lab;
}

/** In dB, of R, G and B together. @param {Pixels} shown @param {Pixels} truth */
export function psnr(shown, truth) {
  let sum = 0;
  for (let i = 0; i < truth.data.length; i++) {
    if (i % 4 < 3) sum += (shown.data[i] - truth.data[i]) ** 2;
  }
  return 10 * Math.log10((255 ** 2 * 0.75 * truth.data.length) / sum);
}

/** Eq. 1 over that of grey; NaN where the truth has no colour: less than 0.1 of mean chroma.
 * @param {Float32Array} shown L*a*b* @param {Float32Array} truth */
export function errorToGrey(shown, truth) {
  const count = truth.length / 3;
  let error = 0, grey = 0, chroma = 0;
  for (let i = count; i < 3 * count; i++) {
    error += (shown[i] - truth[i]) ** 2;
    grey += truth[i] ** 2;
    if (i < 2 * count) chroma += Math.hypot(truth[i], truth[i + count]);
  }
  return chroma / count < 0.1 ? NaN : error / grey;
}

/** Mean CIEDE2000. @param {Float32Array} shown L*a*b* @param {Float32Array} truth */
export function meanDeltaE(shown, truth) {
  const count = truth.length / 3;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    sum += deltaE2000([shown[i], shown[count + i], shown[2 * count + i]],
      [truth[i], truth[count + i], truth[2 * count + i]]);
  }
  return sum / count;
}

/** Hasler and Suesstrunk's M3, signed. @param {Pixels} picture */
export function colourfulness({ data }) {
  const count = data.length / 4, sums = [0, 0, 0, 0];
  for (let i = 0; i < data.length; i += 4) {
    const rg = data[i] - data[i + 1], yb = (data[i] + data[i + 1]) / 2 - data[i + 2];
    [rg, yb, rg * rg, yb * yb].forEach((value, k) => (sums[k] += value / count));
  }
  const [rg, yb, rg2, yb2] = sums;
  return Math.sqrt(Math.max(0, rg2 - rg ** 2 + yb2 - yb ** 2)) + 0.3 * Math.hypot(rg, yb);
}

/** Taps of a Gaussian, sum 1, `reach` to each side. @param {number} sigma @param {number} reach */
export function gaussian(sigma, reach) {
  const taps = Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)));
  const sum = taps.reduce((total, tap) => total + tap);
  return taps.map((tap) => tap / sum);
}

/** A plane under the taps in both directions, mirrored at its border's middle.
 * @param {Float32Array} plane @param {number} width @param {number[]} taps */
export function smooth(plane, width, taps) {
  const height = plane.length / width, reach = (taps.length - 1) / 2;
  /** From lines of `along` values, `step` apart, that begin `next` apart.
   * @type {(from: Float32Array, along: number, step: number, next: number) => Float32Array} */
  const pass = (from, along, step, next) => {
    const to = new Float32Array(from.length), period = Math.max(1, 2 * (along - 1));
    const places = Int32Array.from({ length: along + 2 * reach }, (_, i) => {
      const at = Math.abs(i - reach) % period;
      return step * Math.min(at, period - at);
    });
    for (let line = 0; line < from.length / along; line++) {
      for (let i = 0; i < along; i++) {
        let sum = 0;
        for (let k = 0; k < taps.length; k++) sum += taps[k] * from[line * next + places[i + k]];
        to[line * next + step * i] = sum;
      }
    }
    return to;
  };
  return pass(pass(plane, width, 1, width), height, width, 1);
}

/** Structural similarity of R, G and B (Wang et al. 2004), as torchmetrics has it: a Gaussian of
 * sigma 1.5 on 11 pixels. NaN for smaller pictures. @param {Pixels} shown @param {Pixels} truth */
export function ssim(shown, truth) {
  const { width, height } = truth, count = width * height, taps = gaussian(1.5, 5);
  if (Math.min(width, height) < 11) return NaN;
  const x = shown.data, y = truth.data;
  let sum = 0;
  for (let channel = 0; channel < 3; channel++) {
    const local = (/** @type {(i: number) => number} */ value) =>
      smooth(Float32Array.from({ length: count }, (_, i) => value(4 * i + channel)), width, taps);
    const mx = local((i) => x[i] / 255), my = local((i) => y[i] / 255);
    const xx = local((i) => (x[i] / 255) ** 2), yy = local((i) => (y[i] / 255) ** 2);
    const xy = local((i) => (x[i] * y[i]) / 255 ** 2);
    for (let i = 0; i < count; i++) {
      const both = mx[i] * my[i], squares = mx[i] ** 2 + my[i] ** 2;
      sum += ((2 * both + 1e-4) * (2 * (xy[i] - both) + 9e-4)) /
        ((squares + 1e-4) * (xx[i] + yy[i] - squares + 9e-4));
    }
  }
  return sum / (3 * count);
}
