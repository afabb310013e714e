// From a photo to what the network sees, as colorlab/inference/colorize.py does it: the size, and the
// antialiased bilinear resize that torch and Pillow share.

/** @typedef {import("./types").Picture} Picture */
/** @typedef {import("./types").Size} Size */

const STRIDE = 32, SHORT_SIDE = 224, MAX_ASPECT = 4;

/**
 * Short side 224, aspect kept to a multiple of 32.
 * @param {number} width
 * @param {number} height
 * @returns {Size}
 */
export function workingSize(width, height) {
  const short = Math.min(width, height);
  const [high, wide] = [height, width].map((side) => {
    const strides = (SHORT_SIDE * Math.min(side / short, MAX_ASPECT)) / STRIDE;
    return STRIDE * Math.max(1, roundHalfEven(strides));
  });
  return { high, wide };
}

/**
 * As Python rounds: a photo of 3:2 is 10.5 strides wide, and 10 it is.
 * @param {number} value
 */
function roundHalfEven(value) {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}

/**
 * Alpha is not looked at; it comes out as 255.
 * @param {Picture} picture
 * @param {Size} size
 * @returns {Picture}
 */
export function resize(picture, { high, wide }) {
  const { width, height, data } = picture;
  // Columns first, each pass rounded to 8 bits, as torch does it.
  const narrow = pass(data, height, 4 * width, 4, width, wide);
  const small = pass(narrow, wide, 4, 4 * wide, height, high);
  for (let i = 3; i < small.length; i += 4) small[i] = 255;
  return { width: wide, height: high, data: small };
}

/**
 * Resize along one axis. Of `lines` lines (rows or columns) each begins `line` values after the one
 * before, and its pixels lie `step` values apart.
 * @param {Uint8ClampedArray} from
 * @param {number} lines
 * @param {number} line
 * @param {number} step
 * @param {number} before pixels of a line
 * @param {number} after
 */
function pass(from, lines, line, step, before, after) {
  const along = step === 4; // rows stay whole, so a line of the result begins elsewhere
  const to = new Uint8ClampedArray(lines * after * 4);
  for (let i = 0; i < after; i++) {
    const { first, weights } = triangle(i, before, after);
    for (let n = 0; n < lines; n++) {
      let r = 0, g = 0, b = 0;
      for (let k = 0, at = n * line + first * step; k < weights.length; k++, at += step) {
        const weight = weights[k];
        r += weight * from[at];
        g += weight * from[at + 1];
        b += weight * from[at + 2];
      }
      const at = along ? 4 * (n * after + i) : n * line + i * step;
      to[at] = r; // clamped arrays round
      to[at + 1] = g;
      to[at + 2] = b;
    }
  }
  return to;
}

/**
 * The pixels that make up the i-th new one: a triangle, as wide as a new pixel and its neighbours,
 * or as two old ones where the picture grows.
 * @param {number} i
 * @param {number} before
 * @param {number} after
 */
function triangle(i, before, after) {
  const scale = before / after, support = Math.max(1, scale), centre = scale * (i + 0.5);
  const first = Math.max(0, Math.floor(centre - support + 0.5));
  const end = Math.min(before, Math.floor(centre + support + 0.5));
  const weights = Float64Array.from({ length: end - first }, (_, k) =>
    Math.max(0, 1 - Math.abs((first + k - centre + 0.5) / support)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return { first, weights: weights.map((weight) => weight / sum) };
}
