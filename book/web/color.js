// sRGB to CIE lightness, and lightness with other chroma back to sRGB: colorlab/color.py again, on
// 8-bit RGBA. Values between the tables' entries are within a tenth of an 8-bit step.

/** @typedef {import("./types").Picture} Picture */
/** @typedef {import("./types").Chroma} Chroma */

const WHITE_X = 0.95047, WHITE_Z = 1.08883; // D65
const EPSILON = (6 / 29) ** 3; // where CIE's cube root gives way to its straight line
const SLOPE = (29 / 6) ** 2 / 3, OFFSET = 4 / 29;
const STEPS = 1 << 14;

/** Linear light of each 8-bit value. */
const LINEAR = Float32Array.from({ length: 256 }, (_, i) => {
  const value = i / 255;
  return value > 0.04045 ? ((value + 0.055) / 1.055) ** 2.4 : value / 12.92;
});

/** The 8-bit value of linear light from 0 to 1 in equal steps. */
const ENCODED = Uint8Array.from({ length: STEPS + 1 }, (_, i) => {
  const light = i / STEPS;
  const value = light > 0.0031308 ? 1.055 * light ** (1 / 2.4) - 0.055 : light * 12.92;
  return Math.round(255 * value);
});

/** @param {number} y luminance in [0, 1] */
const root = (y) => (y > EPSILON ? Math.cbrt(y) : SLOPE * y + OFFSET);

/** @param {number} f */
const unroot = (f) => (f > 6 / 29 ? f * f * f : (f - OFFSET) / SLOPE);

/** @param {number} light */
const encode = (light) => ENCODED[(light <= 0 ? 0 : light >= 1 ? STEPS : light * STEPS + 0.5) | 0];

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
 * `picture`'s lightness with other chroma, enlarged bilinearly; its alpha stays. Colours outside
 * the gamut are cut channel by channel. No chroma gives the grey photo.
 * @param {Picture} picture
 * @param {Float32Array} light of the picture, from `lightness`
 * @param {Chroma | null} chroma
 * @returns {Picture}
 */
export function join({ width, height, data }, light, chroma) {
  const joined = new Uint8ClampedArray(data.length);
  const { wide, high, data: values } = chroma ?? { wide: 1, high: 1, data: new Float32Array(2) };
  const columns = enlarging(wide, width), rows = enlarging(high, height);
  const a = new Float32Array(wide), b = new Float32Array(wide);
  for (let y = 0, i = 0; y < height; y++) {
    const above = wide * rows.first[y], below = wide * rows.second[y], share = rows.share[y];
    for (let x = 0; x < wide; x++) {
      a[x] = mix(values[above + x], values[below + x], share) * (128 / 500);
      b[x] = mix(values[above + x + wide * high], values[below + x + wide * high], share) * (128 / 200);
    }
    for (let x = 0; x < width; x++, i++) {
      const left = columns.first[x], right = columns.second[x], part = columns.share[x];
      const f = light[i];
      const X = WHITE_X * unroot(f + mix(a[left], a[right], part));
      const Y = unroot(f);
      // As in scikit-image, a dark colour's z below 0 counts as none.
      const Z = WHITE_Z * unroot(Math.max(0, f - mix(b[left], b[right], part)));
      const at = 4 * i;
      joined[at] = encode(3.24048134 * X - 1.53715152 * Y - 0.49853633 * Z);
      joined[at + 1] = encode(-0.96925495 * X + 1.87599 * Y + 0.04155593 * Z);
      joined[at + 2] = encode(0.05564664 * X - 0.20404134 * Y + 1.05731107 * Z);
      joined[at + 3] = data[at + 3];
    }
  }
  return { width, height, data: joined };
}

/** @type {(from: number, to: number, share: number) => number} */
const mix = (from, to, share) => from + (to - from) * share;

/**
 * Bilinear enlarging of one axis: of which two values each new one is made, and how much of the
 * second. Pixels are areas (torch's align_corners=False).
 * @param {number} small
 * @param {number} large
 */
function enlarging(small, large) {
  const first = new Int32Array(large), second = new Int32Array(large);
  const share = new Float32Array(large);
  for (let i = 0; i < large; i++) {
    const at = Math.min(Math.max(0, ((i + 0.5) * small) / large - 0.5), small - 1);
    first[i] = Math.floor(at);
    second[i] = Math.min(first[i] + 1, small - 1);
    share[i] = at - first[i];
  }
  return { first, second, share };
}
