// sRGB and CIE L*a*b* (D65): colorlab/color.py again, for the book's pages and the chapters' figures.
// Values between the table's entries are within a tenth of an 8-bit step.

/** @typedef {[number, number, number]} Triple */

const WHITE_X = 0.95047, WHITE_Z = 1.08883; // D65
const EPSILON = (6 / 29) ** 3; // where CIE's cube root gives way to its straight line
const SLOPE = (29 / 6) ** 2 / 3, OFFSET = 4 / 29;
const STEPS = 1 << 14;

/** Linear light of each 8-bit value. */
export const LINEAR = Float32Array.from({ length: 256 }, (_, i) => {
  const value = i / 255;
  return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
});

/** The 8-bit value of linear light from 0 to 1 in equal steps. */
const ENCODED = Uint8Array.from({ length: STEPS + 1 }, (_, i) => {
  const light = i / STEPS;
  const value = light > 0.0031308 ? 1.055 * light ** (1 / 2.4) - 0.055 : light * 12.92;
  return Math.round(255 * value);
});

/** CIE's cube root. @param {number} y luminance in [0, 1] */
export const root = (y) => (y > EPSILON ? Math.cbrt(y) : SLOPE * y + OFFSET);

/** @param {number} f */
const unroot = (f) => (f > 6 / 29 ? f * f * f : (f - OFFSET) / SLOPE);

/** Linear light to its 8-bit value, cut. @param {number} light */
export const encode = (light) =>
  ENCODED[(light <= 0 ? 0 : light >= 1 ? STEPS : light * STEPS + 0.5) | 0];

/** Linear light of R, G and B, of the pixel that was converted last. */
export const light3 = new Float64Array(3);

/**
 * L*a*b*, as CIE's f of X, Y and Z, to linear sRGB in `light3`.
 * @type {(x: number, y: number, z: number) => void}
 */
export function toLinear(x, y, z) {
  const X = WHITE_X * unroot(x), Y = unroot(y), Z = WHITE_Z * unroot(z);
  light3[0] = 3.24048134 * X - 1.53715152 * Y - 0.49853633 * Z;
  light3[1] = -0.96925495 * X + 1.87599 * Y + 0.04155593 * Z;
  light3[2] = 0.05564664 * X - 0.20404134 * Y + 1.05731107 * Z;
}

/** How far outside [0, 1] the farthest of `light3` is; below 0 inside. */
export const outside = () =>
  Math.max(Math.abs(light3[0] - 0.5), Math.abs(light3[1] - 0.5), Math.abs(light3[2] - 0.5)) - 0.5;

/**
 * The largest share of chroma that sRGB can show, found by halving; `share_in_gamut` in Python.
 * @type {(f: number, a: number, b: number) => number}
 */
export function shareInGamut(f, a, b) {
  let inside = 0;
  for (let halving = 0, step = 0.5; halving < 12; halving++, step /= 2) {
    const share = inside + step;
    toLinear(f + a * share, f, f - b * share);
    if (outside() <= 9e-5) inside = share;
  }
  return inside;
}

/** sRGB in 0..255, whole numbers, to L*a*b*. @param {ArrayLike<number>} rgb @returns {Triple} */
export function rgbToLab(rgb) {
  const r = LINEAR[rgb[0]], g = LINEAR[rgb[1]], b = LINEAR[rgb[2]];
  const x = root((0.412453 * r + 0.35758 * g + 0.180423 * b) / WHITE_X);
  const y = root(0.212671 * r + 0.71516 * g + 0.072169 * b);
  const z = root((0.019334 * r + 0.119193 * g + 0.950227 * b) / WHITE_Z);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** L*a*b* to sRGB in 0..255, cut channel by channel. @param {Triple} lab @returns {Triple} */
export function labToRgb([L, a, b]) {
  const f = (L + 16) / 116;
  toLinear(f + a / 500, f, Math.max(0, f - b / 200));
  return [encode(light3[0]), encode(light3[1]), encode(light3[2])];
}

/** Whether sRGB can show it; `in_gamut` in Python. @param {Triple} lab */
export function inGamut([L, a, b]) {
  const f = (L + 16) / 116;
  toLinear(f + a / 500, f, Math.max(0, f - b / 200));
  return outside() <= 1e-4;
}

/** Chroma cut to the gamut's edge at constant L* and hue; `reduce_to_gamut` in Python.
 * @param {Triple} lab @returns {Triple} */
export function reduceToGamut(lab) {
  if (inGamut(lab)) return lab;
  const [L, a, b] = lab, share = shareInGamut((L + 16) / 116, a / 500, b / 200);
  return [L, a * share, b * share];
}

/**
 * CIEDE2000, after Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula", 2005.
 * @param {Triple} one @param {Triple} two
 */
export function deltaE2000([L1, a1, b1], [L2, a2, b2]) {
  const TURN = 2 * Math.PI, degrees = TURN / 360, half = Math.PI * (1 + 1e-6); // opposite, rounded
  const bend = (/** @type {number} */ C) => Math.sqrt(C ** 7 / (C ** 7 + 25 ** 7));
  const more = 1.5 - bend((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2) / 2; // of a*, near grey
  const C1 = Math.hypot(more * a1, b1), C2 = Math.hypot(more * a2, b2);
  const h1 = (Math.atan2(b1, more * a1) + TURN) % TURN, h2 = (Math.atan2(b2, more * a2) + TURN) % TURN;
  const grey = C1 * C2 === 0, apart = h2 - h1; // grey has no hue
  const turn = grey ? 0 : apart > half ? apart - TURN : apart < -half ? apart + TURN : apart;
  const H = grey ? h1 + h2 : h1 + turn / 2, C = (C1 + C2) / 2, fromGrey = (L1 + L2) / 2 - 50;
  const T = 1 - 0.17 * Math.cos(H - 30 * degrees) + 0.24 * Math.cos(2 * H) +
    0.32 * Math.cos(3 * H + 6 * degrees) - 0.2 * Math.cos(4 * H - 63 * degrees);
  const L = (L2 - L1) / (1 + (0.015 * fromGrey ** 2) / Math.sqrt(20 + fromGrey ** 2));
  const chroma = (C2 - C1) / (1 + 0.045 * C);
  const hue = (2 * Math.sqrt(C1 * C2) * Math.sin(turn / 2)) / (1 + 0.015 * C * T);
  const blue = (((H / degrees + 360) % 360) - 275) / 25; // chroma and hue there lean on each other
  const lean = -2 * bend(C) * Math.sin(60 * degrees * Math.exp(-(blue ** 2)));
  return Math.sqrt(Math.max(0, L ** 2 + chroma ** 2 + hue ** 2 + lean * chroma * hue));
}
