// sRGB to CIE lightness, and lightness with other chroma back to sRGB, on 8-bit RGBA.

import { LINEAR, encode, light3, outside, rgbToLab, root, shareInGamut, toLinear } from "./lab.js";

/** @typedef {import("./types").Picture} Picture */
/** @typedef {import("./types").Chroma} Chroma */

/**
 * Lightness of each pixel, as f = (L* + 16) / 116, in [4/29, 1].
 * @param {Picture} picture
 */
export function lightness({ width, height, data }) {
  const f = new Float32Array(width * height);
  for (let i = 0, at = 0; i < f.length; i++, at += 4) {
    const r = LINEAR[data[at]], g = LINEAR[data[at + 1]], b = LINEAR[data[at + 2]];
    f[i] = root(0.212671 * r + 0.71516 * g + 0.072169 * b);
  }
  return f;
}

/**
 * What the network is given: L* / 100 of each pixel.
 * @param {Picture} picture
 */
export const luma = (picture) => lightness(picture).map((f) => 1.16 * f - 0.16);

/**
 * CIE a* and b* of a colour, sRGB in 0..255.
 * @param {[number, number, number]} rgb
 * @returns {[number, number]}
 */
export function chromaOf(rgb) {
  const [, a, b] = rgbToLab(rgb.map(Math.round));
  return [a, b];
}

/**
 * `picture`'s lightness with other chroma, enlarged bicubically; its alpha stays. Colours outside
 * the gamut lose chroma at constant L* and hue. No chroma gives the grey photo.
 * @param {Picture} picture
 * @param {Float32Array} light of the picture, from `lightness`
 * @param {Chroma | null} chroma
 * @returns {Picture}
 */
export function join({ width, height, data }, light, chroma) {
  const joined = new Uint8ClampedArray(data.length);
  const { wide, high, data: values, slope } =
    chroma ?? { wide: 1, high: 1, data: new Float32Array(2), slope: undefined };
  const columns = enlarging(wide, width), rows = enlarging(high, height);
  const a = new Float32Array(wide), b = new Float32Array(wide);
  const steepA = new Float32Array(wide), steepB = new Float32Array(wide);
  /** A row of the enlarged planes, in units of f. @param {Float32Array} of @param {number} y
   * @param {Float32Array} a @param {Float32Array} b */
  function mix(of, y, a, b) {
    for (let x = 0; x < wide; x++) {
      a[x] = b[x] = 0;
      for (let tap = 4 * y; tap < 4 * y + 4; tap++) {
        const from = wide * rows.from[tap] + x;
        a[x] += rows.weight[tap] * of[from] * (128 / 500);
        b[x] += rows.weight[tap] * of[from + wide * high] * (128 / 200);
      }
    }
  }
  for (let y = 0, i = 0; y < height; y++) {
    mix(values, y, a, b);
    if (slope) mix(slope, y, steepA, steepB);
    for (let x = 0; x < width; x++, i++) {
      const f = light[i];
      let toX = 0, toZ = 0;
      for (let tap = 4 * x; tap < 4 * x + 4; tap++) {
        toX += columns.weight[tap] * a[columns.from[tap]];
        toZ += columns.weight[tap] * b[columns.from[tap]];
      }
      if (slope) {
        const luma = 1.16 * f - 0.16;
        for (let tap = 4 * x; tap < 4 * x + 4; tap++) {
          toX += columns.weight[tap] * steepA[columns.from[tap]] * luma;
          toZ += columns.weight[tap] * steepB[columns.from[tap]] * luma;
        }
      }
      toLinear(f + toX, f, f - toZ);
      if (outside() > 2e-4) {
        const share = shareInGamut(f, toX, toZ);
        toLinear(f + toX * share, f, f - toZ * share);
      }
      const at = 4 * i;
      joined[at] = encode(light3[0]);
      joined[at + 1] = encode(light3[1]);
      joined[at + 2] = encode(light3[2]);
      joined[at + 3] = data[at + 3];
    }
  }
  return { width, height, data: joined };
}

/**
 * Bicubic enlarging of one axis, as torch's: of which four values each new one is made, and their
 * weights. Pixels are areas (align_corners=False); the edge's values are repeated.
 * @param {number} small
 * @param {number} large
 */
function enlarging(small, large) {
  const from = new Int32Array(4 * large), weight = new Float32Array(4 * large);
  for (let i = 0; i < large; i++) {
    const at = ((i + 0.5) * small) / large - 0.5, first = Math.floor(at) - 1;
    for (let tap = 0; tap < 4; tap++) {
      from[4 * i + tap] = Math.min(Math.max(0, first + tap), small - 1);
      weight[4 * i + tap] = cubic(Math.abs(at - first - tap));
    }
  }
  return { from, weight };
}

/**
 * Keys's kernel with a = -0.75 ("Cubic convolution interpolation", 1981), at a distance from 0 to 2.
 * @param {number} x
 */
const cubic = (x) =>
  x <= 1 ? (1.25 * x - 2.25) * x * x + 1 : ((-0.75 * x + 3.75) * x - 6) * x + 3;
