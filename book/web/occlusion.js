// Parts of a photo erased, and how far its colours move then.

/** @typedef {import("./types").Chroma} Chroma */
/** @typedef {import("./types").Plane} Plane */
/** @typedef {import("./types").Size} Size */
/** @typedef {[number, number, number, number]} Box left, top, right and bottom */

const SQUARE = 32, CELL = 8; // pixels of what the network sees

/** @param {Float32Array} values */
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A box in shares of the sides, in whole pixels: one at least. @param {Box} box @param {Size} size @returns {Box} */
export function boxOf([left, top, right, bottom], { wide, high }) {
  const x = Math.min(wide - 1, Math.round(left * wide)), y = Math.min(high - 1, Math.round(top * high));
  return [x, y, Math.max(x + 1, Math.round(right * wide)), Math.max(y + 1, Math.round(bottom * high))];
}

/** A copy with one value in the box. @param {Plane} plane @param {Box} box @param {number} value @returns {Plane} */
export function fillBox({ wide, high, data }, [left, top, right, bottom], value) {
  const filled = Float32Array.from(data);
  for (let y = top; y < bottom; y++) filled.fill(value, y * wide + left, y * wide + right);
  return { wide, high, data: filled };
}

/**
 * How far each pixel's (a*, b*) of the one is from the other's. Where L* is the same, this is the
 * colour difference of CIE 1976.
 * @param {Chroma} one @param {Chroma} other @returns {Plane}
 */
export function apart({ wide, high, data }, other) {
  const count = wide * high, far = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    far[i] = 128 * Math.hypot(data[i] - other.data[i], data[i + count] - other.data[i + count]);
  }
  return { wide, high, data: far };
}

/**
 * The mean outside a box, the largest value there, and where that is in shares of the sides.
 * @param {Plane} plane @param {Box} box
 * @returns {{ average: number, most: number, at: [number, number] }}
 */
export function outside({ wide, high, data }, [left, top, right, bottom]) {
  let sum = 0, count = 0, best = -1;
  for (let y = 0, i = 0; y < high; y++) {
    for (let x = 0; x < wide; x++, i++) {
      if (x >= left && x < right && y >= top && y < bottom) continue;
      sum += data[i];
      count++;
      if (best < 0 || data[i] > data[best]) best = i;
    }
  }
  if (!count) return { average: 0, most: 0, at: [0.5, 0.5] }; // all of it is erased
  const at = /** @type {[number, number]} */ (
    [((best % wide) + 0.5) / wide, (Math.floor(best / wide) + 0.5) / high]);
  return { average: sum / count, most: data[best], at };
}

/** Means over cells of eight pixels a side. @param {Chroma} chroma @returns {Chroma} */
export function pool({ wide, high, data }) {
  const w = wide / CELL, h = high / CELL, small = new Float32Array(2 * w * h);
  for (let i = 0; i < data.length; i++) {
    const x = i % wide, line = Math.floor(i / wide), y = line % high, k = Math.floor(line / high);
    small[(k * h + Math.floor(y / CELL)) * w + Math.floor(x / CELL)] += data[i] / CELL ** 2;
  }
  return { wide: w, high: h, data: small };
}

/** The photo cut into squares, row by row, and how many a row has. @param {Size} size */
export function squares({ wide, high }) {
  /** @type {Box[]} */
  const boxes = [];
  for (let y = 0; y < high; y += SQUARE) {
    for (let x = 0; x < wide; x += SQUARE) boxes.push([x, y, x + SQUARE, y + SQUARE]);
  }
  return { boxes, wide: wide / SQUARE };
}
