// A symmetric matrix of pixels by pixels in which each pixel meets its eight neighbours, and a
// multigrid for it. All arrays have a border one pixel wide, whose weights are 0.

import { factor, solve } from "./cholesky.js";

const SMALLEST = 64; // unknowns that are solved directly

/** A matrix: its diagonal, and off it minus the weights to four of the neighbours. */
export class Stencil {
  /** @param {number} wide @param {number} high */
  constructor(wide, high) {
    this.wide = wide;
    this.high = high;
    this.row = wide + 2; // from a pixel to the one below it
    this.length = this.row * (high + 2);
    this.diagonal = new Float64Array(this.length);
    this.east = new Float64Array(this.length);
    this.southWest = new Float64Array(this.length);
    this.south = new Float64Array(this.length);
    this.southEast = new Float64Array(this.length);
  }

  /**
   * right - matrix * x, into `into`.
   * @type {(right: Float64Array, x: Float64Array, into: Float64Array) => void}
   */
  residual(right, x, into) {
    const { wide, high, row, diagonal, east, southWest, south, southEast } = this;
    for (let y = 1; y <= high; y++) {
      for (let i = y * row + 1, end = i + wide; i < end; i++) {
        const up = i - row, down = i + row;
        into[i] = right[i] - diagonal[i] * x[i]
          + east[i] * x[i + 1] + east[i - 1] * x[i - 1]
          + southWest[i] * x[down - 1] + southWest[up + 1] * x[up + 1]
          + south[i] * x[down] + south[up] * x[up]
          + southEast[i] * x[down + 1] + southEast[up - 1] * x[up - 1];
      }
    }
  }

  /**
   * One Gauss-Seidel sweep of x, from the first pixel on or from the last one back. `inverse` is
   * that of the diagonal.
   * @type {(right: Float64Array, x: Float64Array, inverse: Float64Array, back: boolean) => void}
   */
  sweep(right, x, inverse, back) {
    const { wide, high, row, east, southWest, south, southEast } = this;
    const step = back ? -1 : 1;
    for (let line = 1; line <= high; line++) {
      const first = (back ? high + 1 - line : line) * row + (back ? wide : 1);
      for (let n = 0, i = first; n < wide; n++, i += step) {
        const up = i - row, down = i + row;
        x[i] = (right[i]
          + east[i] * x[i + 1] + east[i - 1] * x[i - 1]
          + southWest[i] * x[down - 1] + southWest[up + 1] * x[up + 1]
          + south[i] * x[down] + south[up] * x[up]
          + southEast[i] * x[down + 1] + southEast[up - 1] * x[up - 1]) * inverse[i];
      }
    }
  }
}

/**
 * A stencil with coarser ones below it, each with every other row and column, as a preconditioner.
 * Interpolation follows the weights (J. Dendy, "Black box multigrid", 1982): a pixel between two
 * takes more of the one that it is tied to.
 */
export class Multigrid {
  /** @param {Stencil} stencil */
  constructor(stencil) {
    this.stencil = stencil;
    this.x = new Float64Array(stencil.length);
    this.right = new Float64Array(stencil.length);
    this.rest = new Float64Array(stencil.length);
    this.inverse = stencil.diagonal.map((value) => (value ? 1 / value : 0));
    const small = stencil.wide * stencil.high <= SMALLEST;
    /** @type {Float64Array | null} */
    this.factors = small ? dense(stencil) : null;
    /** @type {Float32Array} */
    this.shares = small ? new Float32Array(0) : interpolation(stencil);
    /** @type {Multigrid | null} */
    this.coarser = small ? null : new Multigrid(coarsen(stencil, this.shares));
  }

  /** One V-cycle from 0 for `this.right`, into `this.x`: symmetric, as conjugate gradients need. */
  cycle() {
    const { stencil, x, right, rest, inverse, coarser } = this;
    if (!coarser) {
      this.solveDirectly();
      return;
    }
    x.fill(0);
    stencil.sweep(right, x, inverse, false);
    stencil.residual(right, x, rest);
    this.gather(rest, coarser.right);
    coarser.cycle();
    this.spread(coarser.x, x);
    stencil.sweep(right, x, inverse, true);
  }

  /**
   * Add the fine values to the coarse ones by their shares.
   * @type {(fine: Float64Array, coarse: Float64Array) => void}
   */
  gather(fine, coarse) {
    const { stencil: { wide, high, row }, shares } = this, below = coarseRow(wide);
    coarse.fill(0);
    for (let y = 0; y < high; y++) {
      const first = (y + 1) * row + 1, down = ((y >> 1) + 1) * below + 1;
      for (let x = 0; x < wide; x++) {
        const value = fine[first + x], s = 4 * (first + x), c = down + (x >> 1);
        coarse[c] += shares[s] * value;
        coarse[c + 1] += shares[s + 1] * value;
        coarse[c + below] += shares[s + 2] * value;
        coarse[c + below + 1] += shares[s + 3] * value;
      }
    }
  }

  /**
   * Add the coarse values to the fine ones.
   * @type {(coarse: Float64Array, fine: Float64Array) => void}
   */
  spread(coarse, fine) {
    const { stencil: { wide, high, row }, shares } = this, below = coarseRow(wide);
    for (let y = 0; y < high; y++) {
      const first = (y + 1) * row + 1, down = ((y >> 1) + 1) * below + 1;
      for (let x = 0; x < wide; x++) {
        const s = 4 * (first + x), c = down + (x >> 1);
        fine[first + x] += shares[s] * coarse[c] + shares[s + 1] * coarse[c + 1]
          + shares[s + 2] * coarse[c + below] + shares[s + 3] * coarse[c + below + 1];
      }
    }
  }

  solveDirectly() {
    const { stencil: { wide, high, row }, x, right, factors } = this;
    const few = new Float64Array(wide * high);
    for (let i = 0; i < few.length; i++) few[i] = right[padded(i, wide, row)];
    solve(/** @type {Float64Array} */ (factors), few);
    for (let i = 0; i < few.length; i++) x[padded(i, wide, row)] = few[i];
  }
}

/** @type {(i: number, wide: number, row: number) => number} */
const padded = (i, wide, row) => (Math.floor(i / wide) + 1) * row + (i % wide) + 1;

/** @param {number} wide of the finer one */
const coarseRow = (wide) => ((wide + 1) >> 1) + 2;

/** @param {Stencil} stencil */
function dense({ wide, high, row, diagonal, east, southWest, south, southEast }) {
  const n = wide * high, matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const at = padded(i, wide, row);
    matrix[i * n + i] = diagonal[at];
    // The neighbours that come later, so that the lower half fills; 0 where there is none.
    if (east[at]) matrix[(i + 1) * n + i] = -east[at];
    if (southWest[at]) matrix[(i + wide - 1) * n + i] -= southWest[at];
    if (south[at]) matrix[(i + wide) * n + i] -= south[at];
    if (southEast[at]) matrix[(i + wide + 1) * n + i] -= southEast[at];
  }
  return factor(matrix, n);
}

/**
 * Of what each pixel is made in the coarser grid: the shares of four pixels there, the one at half
 * its place, and those to its right, below, and both.
 * @param {Stencil} stencil
 */
function interpolation({ wide, high, row, length, diagonal, east, southWest, south, southEast }) {
  const shares = new Float32Array(4 * length);
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      if (x & 1 && y & 1) continue;
      const i = (y + 1) * row + x + 1, up = i - row;
      // Along a row, all that lies to the left and right counts, above and below too; so in columns.
      if (x & 1) {
        const left = southEast[up - 1] + east[i - 1] + southWest[i];
        const right = southWest[up + 1] + east[i] + southEast[i];
        const all = Math.max(diagonal[i] - south[up] - south[i], left + right) || 1;
        shares[4 * i] = left / all;
        shares[4 * i + 1] = right / all;
      } else if (y & 1) {
        const above = southEast[up - 1] + south[up] + southWest[up + 1];
        const under = southWest[i] + south[i] + southEast[i];
        const all = Math.max(diagonal[i] - east[i - 1] - east[i], above + under) || 1;
        shares[4 * i] = above / all;
        shares[4 * i + 2] = under / all;
      } else if (tied(i)) shares[4 * i] = 1;
    }
  }
  for (let y = 1; y < high; y += 2) {
    for (let x = 1; x < wide; x += 2) {
      const i = (y + 1) * row + x + 1, up = i - row, down = i + row, all = diagonal[i];
      const n = south[up] / all, s = south[i] / all, w = east[i - 1] / all, e = east[i] / all;
      shares[4 * i] = southEast[up - 1] / all + n * shares[4 * up] + w * shares[4 * (i - 1)];
      shares[4 * i + 1] =
        southWest[up + 1] / all + n * shares[4 * up + 1] + e * shares[4 * (i + 1)];
      shares[4 * i + 2] = southWest[i] / all + s * shares[4 * down] + w * shares[4 * (i - 1) + 2];
      shares[4 * i + 3] =
        southEast[i] / all + s * shares[4 * down + 1] + e * shares[4 * (i + 1) + 2];
    }
  }
  return shares;

  /** A pixel that nothing is tied to is one whose value is known. @param {number} i */
  function tied(i) {
    const up = i - row;
    return east[i] || east[i - 1] || south[i] || south[up] || southEast[i] || southEast[up - 1]
      || southWest[i] || southWest[up + 1];
  }
}

/**
 * The coarser matrix: shares' transpose times the matrix times shares. It has eight neighbours too.
 * @param {Stencil} fine
 * @param {Float32Array} shares
 */
function coarsen({ wide, high, row, diagonal, east, southWest, south, southEast }, shares) {
  const coarse = new Stencil((wide + 1) >> 1, (high + 1) >> 1), below = coarse.row;
  const steps = [1, row - 1, row, row + 1], weights = [east, southWest, south, southEast];
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const i = (y + 1) * row + x + 1, c = at(x, y);
      add(i, c, i, c, diagonal[i], 0.5);
      for (let k = 0; k < 4; k++) {
        if (!weights[k][i]) continue;
        add(i, c, i + steps[k], at(k === 0 ? x + 1 : x + k - 2, k === 0 ? y : y + 1),
          -weights[k][i], 1);
      }
    }
  }
  for (let i = 0; i < coarse.length; i++) if (!(coarse.diagonal[i] > 0)) coarse.diagonal[i] = 1;
  return coarse;

  /** @type {(x: number, y: number) => number} */
  function at(x, y) {
    return ((y >> 1) + 1) * below + (x >> 1) + 1;
  }

  /** @type {(i: number, c: number, j: number, d: number, value: number, part: number) => void} */
  function add(i, c, j, d, value, part) {
    for (let m = 0; m < 4; m++) {
      const mine = value * shares[4 * i + m];
      if (!mine) continue;
      const from = c + (m & 1) + (m >> 1) * below;
      for (let n = 0; n < 4; n++) {
        const entry = mine * shares[4 * j + n];
        if (entry) put(from, d + (n & 1) + (n >> 1) * below, entry * part);
      }
    }
  }

  /** @type {(from: number, to: number, entry: number) => void} */
  function put(from, to, entry) {
    const low = Math.min(from, to);
    switch (Math.abs(to - from)) {
      case 0: coarse.diagonal[low] += 2 * entry; break;
      case 1: coarse.east[low] -= entry; break;
      case below - 1: coarse.southWest[low] -= entry; break;
      case below: coarse.south[low] -= entry; break;
      default: coarse.southEast[low] -= entry;
    }
  }
}
