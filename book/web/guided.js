// Chroma that was found at a small size, carried up along the edges of the photo's own luma: the
// guided filter of colorlab/classic/guided.py (K. He, J. Sun and X. Tang, PAMI 35(6), 2013).

/** @typedef {import("./types").Chroma} Chroma */
/** @typedef {import("./types").Plane} Plane */

const RADIUS = 4, EPSILON = 1e-4;

/**
 * a* and b* as local linear functions of luma: what `join` in color.js can put under a larger photo.
 * @param {Plane} luma in [0, 1]
 * @param {Float32Array[]} ab
 * @returns {Chroma}
 */
export function guided({ wide, high, data: luma }, ab) {
  const length = wide * high;
  /** @param {(i: number) => number} value */
  const mean = (value) => box(Float64Array.from({ length }, (_, i) => value(i)), wide, high);
  const guide = mean((i) => luma[i]), square = mean((i) => luma[i] * luma[i]);
  const data = new Float32Array(2 * length), slope = new Float32Array(2 * length);
  ab.forEach((values, channel) => {
    const mine = mean((i) => values[i]), both = mean((i) => luma[i] * values[i]);
    const steep = (/** @type {number} */ i) =>
      (both[i] - guide[i] * mine[i]) / (Math.max(square[i] - guide[i] * guide[i], 0) + EPSILON);
    const slopes = mean(steep), offsets = mean((i) => mine[i] - steep(i) * guide[i]);
    for (let i = 0; i < length; i++) {
      slope[channel * length + i] = slopes[i] / 128;
      data[channel * length + i] = offsets[i] / 128;
    }
  });
  return { wide, high, data, slope };
}

/**
 * Means of windows of 2 RADIUS + 1 pixels each way; beyond its edges the picture is mirrored.
 * @param {Float64Array} values
 * @param {number} wide
 * @param {number} high
 */
function box(values, wide, high) {
  const rows = new Float64Array(values.length), both = new Float64Array(values.length);
  for (let y = 0; y < high; y++) slide(values, rows, y * wide, 1, wide);
  for (let x = 0; x < wide; x++) slide(rows, both, x, wide, high);
  return both;
}

/**
 * @type {(from: Float64Array, to: Float64Array, first: number, step: number, count: number) => void}
 */
function slide(from, to, first, step, count) {
  const at = (/** @type {number} */ i) => {
    const turned = ((i % (2 * count)) + 2 * count) % (2 * count);
    return from[first + step * (turned < count ? turned : 2 * count - 1 - turned)];
  };
  let sum = 0;
  for (let i = -RADIUS; i <= RADIUS; i++) sum += at(i);
  for (let i = 0; i < count; i++) {
    to[first + step * i] = sum / (2 * RADIUS + 1);
    const inside = i >= RADIUS && i + RADIUS + 1 < count;
    sum += inside
      ? from[first + step * (i + RADIUS + 1)] - from[first + step * (i - RADIUS)]
      : at(i + RADIUS + 1) - at(i - RADIUS);
  }
}

/**
 * a* and b* where the small photo's luma is another's, bilinear between its pixels.
 * @param {Chroma} chroma from `guided`
 * @param {Plane} luma
 */
export function under({ wide, high, data, slope }, luma) {
  const length = wide * high, slopes = slope ?? new Float32Array(2 * length);
  return [0, length].map((channel) => {
    const values = new Float32Array(luma.data.length);
    for (let y = 0, i = 0; y < luma.high; y++) {
      const v = Math.max(0, ((y + 0.5) * high) / luma.high - 0.5), top = Math.floor(v);
      const down = channel + wide * Math.min(top + 1, high - 1), up = channel + wide * top;
      for (let x = 0; x < luma.wide; x++, i++) {
        const u = Math.max(0, ((x + 0.5) * wide) / luma.wide - 0.5), left = Math.floor(u);
        const right = Math.min(left + 1, wide - 1), part = u - left;
        const at = (/** @type {Float32Array} */ from) =>
          (1 - (v - top)) * ((1 - part) * from[up + left] + part * from[up + right])
          + (v - top) * ((1 - part) * from[down + left] + part * from[down + right]);
        values[i] = 128 * (at(data) + at(slopes) * luma.data[i]);
      }
    }
    return values;
  });
}
