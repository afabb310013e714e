// An encoder's features with fewer channels, between which distances stay nearly as they were.

/** @typedef {import("./types").Tap} Tap */

const ROUNDS = 12; // of subspace iteration: the axes that matter have settled by then

/**
 * Features turned to their first `most` principal axes, or to so few that there are.
 * @param {Tap} tap place by place
 * @param {number} most
 * @returns {Tap}
 */
export function principal({ channels, wide, high, data }, most) {
  const places = wide * high;
  if (channels <= most) return { channels, wide, high, data };
  const byChannel = channels <= places;
  // Products of channels with channels, or of places with places: whichever are fewer.
  const rows = byChannel ? transposed(data, places, channels) : data;
  const count = byChannel ? channels : places, kept = Math.min(most, count);
  const products = multiply(rows, rows, count, count, byChannel ? places : channels);
  /** @type {Float32Array} */
  let axes = Float32Array.from({ length: kept * count }, (_, i) => Math.sin(1 + 78.233 * i));
  orthogonalise(axes, kept, count);
  for (let round = 0; round < ROUNDS; round++) {
    axes = multiply(axes, products, kept, count, count); // the products are symmetric
    orthogonalise(axes, kept, count);
  }
  if (!byChannel) {
    // The channels' axes are those of the places, seen through the features.
    axes = multiply(axes, transposed(data, places, channels), kept, channels, places);
    orthogonalise(axes, kept, channels);
  }
  return { channels: kept, wide, high, data: multiply(data, axes, places, kept, channels) };
}

/**
 * a times b's transpose: (n, k) and (m, k) to (n, m).
 * @type {(a: Float32Array, b: Float32Array, n: number, m: number, k: number) => Float32Array}
 */
function multiply(a, b, n, m, k) {
  const product = new Float32Array(n * m), symmetric = a === b;
  for (let i = 0; i < n; i++) {
    for (let j = symmetric ? i : 0; j < m; j++) {
      product[i * m + j] = inner(a, i * k, b, j * k, k);
      if (symmetric) product[j * m + i] = product[i * m + j];
    }
  }
  return product;
}

/** @type {(matrix: Float32Array, rows: number, columns: number) => Float32Array} */
function transposed(matrix, rows, columns) {
  const turned = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) turned[j * rows + i] = matrix[i * columns + j];
  }
  return turned;
}

/**
 * Gram and Schmidt's way, in place; twice, since what is left of a row may be small.
 * @type {(rows: Float32Array, n: number, k: number) => void}
 */
function orthogonalise(rows, n, k) {
  for (let i = 0; i < 2 * n; i++) {
    const row = i >> 1;
    for (let j = 0; j < row; j++) {
      const share = inner(rows, row * k, rows, j * k, k);
      for (let c = 0; c < k; c++) rows[row * k + c] -= share * rows[j * k + c];
    }
    const norm = Math.sqrt(inner(rows, row * k, rows, row * k, k)) || 1;
    for (let c = 0; c < k; c++) rows[row * k + c] /= norm;
  }
}

/**
 * Four sums at a time: a processor adds faster than one addition takes.
 * @type {(a: Float32Array, i: number, b: Float32Array, j: number, count: number) => number}
 */
export function inner(a, i, b, j, count) {
  let p = 0, q = 0, r = 0, s = 0, k = 0;
  for (; k + 4 <= count; k += 4) {
    p += a[i + k] * b[j + k];
    q += a[i + k + 1] * b[j + k + 1];
    r += a[i + k + 2] * b[j + k + 2];
    s += a[i + k + 3] * b[j + k + 3];
  }
  for (; k < count; k++) p += a[i + k] * b[j + k];
  return p + q + r + s;
}
