// Levin, Lischinski and Weiss 2004, the symmetric variant of colorlab/classic/levin.py: each pixel's
// chroma is the weighted mean of its eight neighbours', where no stroke says otherwise.

import { Multigrid, Stencil } from "./stencil.js";

/** @typedef {import("./types").Plane} Plane */

const LEAST_WEIGHT = 1e-4, LEAST_SCALE = 2e-6, MOST_STEPS = 200;

/** A photo's weights, for any strokes. @param {Plane} luma in [0, 1] */
export function weigh({ wide, high, data }) {
  const stencil = new Stencil(wide, high), { row, length } = stencil;
  const luma = new Float64Array(length).fill(NaN), scale = new Float64Array(length);
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) luma[(y + 1) * row + x + 1] = data[y * wide + x];
  }
  const window = [-row - 1, -row, -row + 1, -1, 0, 1, row - 1, row, row + 1];
  for (let y = 1; y <= high; y++) {
    for (let i = y * row + 1, end = i + wide; i < end; i++) scale[i] = scaleAt(luma, i, window);
  }
  const { diagonal } = stencil;
  for (const [weights, step] of /** @type {[Float64Array, number][]} */ ([
    [stencil.east, 1], [stencil.southWest, row - 1],
    [stencil.south, row], [stencil.southEast, row + 1],
  ])) {
    for (let y = 1; y <= high; y++) {
      for (let i = y * row + 1, end = i + wide; i < end; i++) {
        const square = (luma[i] - luma[i + step]) ** 2;
        if (Number.isNaN(square)) continue; // beyond the border
        const weight = Math.exp((-2 * square) / (scale[i] + scale[i + step]));
        weights[i] = Math.max(weight, LEAST_WEIGHT);
        diagonal[i] += weights[i];
        diagonal[i + step] += weights[i];
      }
    }
  }
  return stencil;
}

/**
 * How much luma may differ at a pixel: its window's variance, or what leaves the most similar
 * neighbour 1 % of weight.
 * @param {Float64Array} luma
 * @param {number} i
 * @param {number[]} window
 */
function scaleAt(luma, i, window) {
  let count = 0, sum = 0, least = Infinity, squares = 0;
  for (const step of window) {
    const value = luma[i + step];
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    if (step) least = Math.min(least, (value - luma[i]) ** 2);
  }
  for (const step of window) {
    const value = luma[i + step];
    if (!Number.isNaN(value)) squares += (value - sum / count) ** 2;
  }
  if (least === Infinity) least = 0; // a photo of one pixel
  return Math.max((0.6 * squares) / count, least / -Math.log(0.01), LEAST_SCALE);
}

/** The system for strokes at certain places, whatever their colours. */
export class Levin {
  /**
   * @param {Stencil} weights of the photo, from `weigh`
   * @param {Uint8Array} known which pixels have a stroke, row by row
   */
  constructor(weights, known) {
    const { wide, high, row, length } = weights;
    this.known = known;
    this.system = new Stencil(wide, high);
    /** @type {[Float64Array, Float64Array, number][]} */
    const parts = [
      [weights.east, this.system.east, 1], [weights.southWest, this.system.southWest, row - 1],
      [weights.south, this.system.south, row],
      [weights.southEast, this.system.southEast, row + 1],
    ];
    const marked = new Uint8Array(length);
    for (let y = 0; y < high; y++) {
      for (let x = 0; x < wide; x++) marked[(y + 1) * row + x + 1] = known[y * wide + x];
    }
    this.system.diagonal.set(weights.diagonal);
    /** Weights between a pixel whose value is sought and one that is known: free, known, weight. */
    this.ties = /** @type {number[]} */ ([]);
    for (const [from, to, step] of parts) {
      for (let i = 0; i < length; i++) {
        if (!from[i]) continue;
        if (!marked[i] && !marked[i + step]) to[i] = from[i];
        else if (!marked[i]) this.ties.push(i, i + step, from[i]);
        else if (!marked[i + step]) this.ties.push(i + step, i, from[i]);
      }
    }
    for (let i = 0; i < length; i++) if (marked[i]) this.system.diagonal[i] = 1;
    // A photo of one pixel, or one between strokes alone, is tied to nothing.
    for (let i = 0; i < length; i++) this.system.diagonal[i] ||= 1;
    this.multigrid = new Multigrid(this.system);
    this.steps = 0; // of conjugate gradients, in the last solution
  }

  /**
   * Spread the known ones of `values`; a generator, so that it can be left between two steps.
   * @param {Float32Array} values
   * @param {Float32Array | null} start an earlier answer
   * @param {number} [tolerance] of the residual, as a share of the right-hand side
   * @returns {Generator<void, Float32Array, void>}
   */
  *solve(values, start, tolerance = 1e-4) {
    const { system, multigrid, known, ties } = this, { wide, high, row, length } = system;
    const right = new Float64Array(length), x = new Float64Array(length);
    each((i, at) => {
      if (known[at]) x[i] = right[i] = values[at];
      else if (start) x[i] = start[at];
    });
    for (let tie = 0; tie < ties.length; tie += 3) right[ties[tie]] += ties[tie + 2] * x[ties[tie + 1]];
    const rest = new Float64Array(length), zero = new Float64Array(length);
    const direction = new Float64Array(length), image = new Float64Array(length);
    // Known pixels are right from the start and tied to nothing: their residual stays 0.
    let size = 0;
    each((i, at) => (size += known[at] ? 0 : right[i] * right[i]));
    const enough = tolerance * tolerance * size;
    system.residual(right, x, rest);
    let before = 0;
    this.steps = 0;
    while (dot(rest, rest) > enough && this.steps < MOST_STEPS) {
      multigrid.right.set(rest);
      multigrid.cycle();
      const now = dot(rest, multigrid.x), turn = before ? now / before : 0;
      add(direction, turn, multigrid.x, 1);
      system.residual(zero, direction, image); // minus the matrix times the direction
      const way = -now / dot(direction, image);
      add(x, 1, direction, way);
      add(rest, 1, image, way);
      before = now;
      this.steps++;
      yield;
    }
    const answer = new Float32Array(wide * high);
    each((i, at) => (answer[at] = x[i]));
    return answer;

    /** @param {(i: number, at: number) => void} visit told places with a border and without one */
    function each(visit) {
      for (let y = 0; y < high; y++) {
        for (let column = 0; column < wide; column++) {
          visit((y + 1) * row + column + 1, y * wide + column);
        }
      }
    }
  }
}

/** @type {(a: Float64Array, b: Float64Array) => number} */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * a * times + b * part, into a.
 * @type {(a: Float64Array, times: number, b: Float64Array, part: number) => void}
 */
function add(a, times, b, part) {
  for (let i = 0; i < a.length; i++) a[i] = a[i] * times + b[i] * part;
}
