// Hints to the network: what its answer misses at the hinted places, spread to what is near, of
// similar luma, and alike to its encoder: colorlab/inference/hints.py (Gaussian process regression,
// Rasmussen and Williams 2006, Eq. 2.25).

import { factor, solve } from "./cholesky.js";
import { chromaOf } from "./color.js";
import { inner, principal } from "./principal.js";

/** @typedef {import("./types").Chroma} Chroma */
/** @typedef {import("./types").Hint} Hint */
/** @typedef {import("./types").Plane} Plane */
/** @typedef {import("./types").Size} Size */
/** @typedef {import("./types").Tap} Tap */

const NEAR = 0.4, LUMA = 0.3, NOISE = 0.02, COMPONENTS = 32; // as in Python
const THIRDS = [-1 / 1.5, 0, 1 / 1.5];

/**
 * The network's pixels that hints speak of, and what they say: scaled a* and b*, one after the other.
 * Of more than `most` places as many are taken, evenly.
 * @param {Hint[]} hints
 * @param {Size} photo
 * @param {Size} size of what the network sees
 * @param {number} most
 */
export function placeHints(hints, photo, { wide, high }, most) {
  /** @type {Map<number, [number, number]>} */
  const told = new Map();
  for (const hint of hints) {
    if (!(hint.x >= 0 && hint.x < photo.wide && hint.y >= 0 && hint.y < photo.high)) continue;
    const chroma = chromaOf(hint.rgb), small = (hint.radius * high) / photo.high < 3;
    for (const down of small ? [0] : THIRDS) {
      for (const right of small ? [0] : THIRDS) {
        const y = Math.floor(((hint.y + 0.5 + down * hint.radius) * high) / photo.high);
        const x = Math.floor(((hint.x + 0.5 + right * hint.radius) * wide) / photo.wide);
        if (y >= 0 && y < high && x >= 0 && x < wide) told.set(y * wide + x, chroma);
      }
    }
  }
  const all = [...told], count = Math.min(all.length, most);
  const kept = Array.from({ length: count }, (_, k) => all[Math.floor((k * all.length) / count)]);
  return {
    places: kept.map(([place]) => place),
    told: Float64Array.from(kept.flatMap(([, chroma]) => chroma.map((value) => value / 128))),
  };
}

/** How alike the places of one photo are. */
export class Likeness {
  /** @param {Plane} luma as the network sees it @param {Tap[]} taps of its encoder */
  constructor(luma, taps) {
    this.luma = luma;
    const coarse = taps.filter(({ wide }) => 4 * wide <= luma.wide);
    this.taps = coarse.map((tap) => principal(standard(tap, coarse.length), COMPONENTS));
    this.squares = this.squaredNorms();
  }

  /** The squared norm of each place's features, which lie bilinearly between the taps'. */
  squaredNorms() {
    const { luma: { wide, high }, taps } = this, squares = new Float32Array(wide * high);
    for (const tap of taps) {
      const columns = between(tap.wide, wide), rows = between(tap.high, high);
      const line = new Float32Array(tap.wide * tap.channels);
      const own = new Float64Array(tap.wide), next = new Float64Array(tap.wide);
      for (let y = 0; y < high; y++) {
        blendRows(tap, tap.channels, rows, y, line);
        for (let x = 0; x < tap.wide; x++) {
          const other = Math.min(x + 1, tap.wide - 1) * tap.channels;
          own[x] = inner(line, x * tap.channels, line, x * tap.channels, tap.channels);
          next[x] = inner(line, x * tap.channels, line, other, tap.channels);
        }
        for (let x = 0; x < wide; x++) {
          const left = columns.first[x], right = Math.min(left + 1, tap.wide - 1);
          const part = columns.part[x], rest = 1 - part;
          squares[y * wide + x] +=
            rest * rest * own[left] + 2 * rest * part * next[left] + part * part * own[right];
        }
      }
    }
    return squares;
  }

  /**
   * Spread what the chroma misses at places, into a copy of it; a generator that yields now and then.
   * @param {Chroma} chroma
   * @param {number[]} places
   * @param {Float64Array} told a* and b* of each, scaled as the chroma
   * @param {number} [step] squares of so many pixels a side get one correction: 1, 2 or 4
   * @returns {Generator<void, Chroma, void>}
   */
  *correct(chroma, places, told, step = 1) {
    const n = places.length, length = chroma.wide * chroma.high;
    const known = places.map((place) => this.featuresOf(place));
    const matrix = new Float64Array(n * n);
    for (let row = 0; row < n; row++) {
      this.fillRow(matrix, row, places, known);
      if (row % 64 === 63) yield;
    }
    factor(matrix, n);
    const [toA, toB] = [0, 1].map((channel) =>
      solve(matrix, Float64Array.from(places, (place, k) =>
        told[2 * k + channel] - chroma.data[place + channel * length])));
    const data = Float32Array.from(chroma.data);
    for (let k = 0; k < n; k++) {
      this.addKernel(places[k], known[k], [toA[k], toB[k]], step, data);
      if (k % 8 === 7) yield;
    }
    return { ...chroma, data };
  }

  /** @type {(matrix: Float64Array, row: number, places: number[], known: Float32Array[]) => void} */
  fillRow(matrix, row, places, known) {
    const n = places.length, mine = known[row];
    for (let column = 0; column <= row; column++) {
      const other = known[column];
      let square = this.squareOf(places[row], places[column]);
      for (let k = 0; k < mine.length; k++) square += (mine[k] - other[k]) ** 2;
      matrix[row * n + column] = Math.exp(-square / 2) + (row === column ? NOISE : 0);
    }
  }

  /** How far apart two places are, and their luma. @param {number} i @param {number} j */
  squareOf(i, j) {
    const { wide, high, data } = this.luma, unit = NEAR * Math.min(wide, high);
    const across = (i % wide) - (j % wide), down = Math.floor(i / wide) - Math.floor(j / wide);
    return (across ** 2 + down ** 2) / unit ** 2 + ((data[i] - data[j]) / LUMA) ** 2;
  }

  /** A place's features, those of all taps. @param {number} place */
  featuresOf(place) {
    const { luma: { wide, high }, taps } = this, x = place % wide, y = Math.floor(place / wide);
    const features = new Float32Array(taps.reduce((sum, { channels }) => sum + channels, 0));
    let first = 0;
    for (const tap of taps) {
      const columns = between(tap.wide, wide), line = new Float32Array(tap.wide * tap.channels);
      blendRows(tap, tap.channels, between(tap.high, high), y, line);
      const left = columns.first[x], right = Math.min(left + 1, tap.wide - 1);
      for (let c = 0; c < tap.channels; c++) {
        features[first + c] = (1 - columns.part[x]) * line[left * tap.channels + c]
          + columns.part[x] * line[right * tap.channels + c];
      }
      first += tap.channels;
    }
    return features;
  }

  /**
   * Add a place's kernel to the chroma: distances to features between the taps' places come from
   * inner products at those places alone, since these are bilinear too.
   * @param {number} place
   * @param {Float32Array} features of the place
   * @param {[number, number]} weights of the kernel, for a* and b*
   * @param {number} step
   * @param {Float32Array} data of the chroma
   */
  addKernel(place, features, [a, b], step, data) {
    const { luma: { wide, high, data: luma }, taps, squares } = this, length = wide * high;
    let first = 0;
    const alike = taps.map((tap) => {
      const products = new Float32Array(tap.wide * tap.high);
      for (let i = 0; i < products.length; i++) {
        products[i] = inner(tap.data, i * tap.channels, features, first, tap.channels);
      }
      first += tap.channels;
      const columns = between(tap.wide, wide), rows = between(tap.high, high);
      return { wide: tap.wide, data: products, columns, rows, line: new Float32Array(tap.wide) };
    });
    const own = inner(features, 0, features, 0, features.length), mine = luma[place];
    const unit = 1 / (NEAR * Math.min(wide, high)), row = Math.floor(place / wide), column = place % wide;
    const sums = new Float32Array(wide);
    for (let y = 0; y < high; y += step) {
      sums.fill(0);
      for (const tap of alike) {
        blendRows(tap, 1, tap.rows, y, tap.line);
        addLine(tap.line, tap.columns, sums);
      }
      const down = ((y - row) * unit) ** 2;
      for (let x = 0, i = y * wide; x < wide; x += step, i += step) {
        const right = (x - column) * unit, light = (luma[i] - mine) / LUMA;
        const square = own + squares[i] - 2 * sums[x] + down + right * right + light * light;
        if (square > 30) continue; // 3e-7 of the weight
        const weight = Math.exp(Math.min(0, -square / 2));
        for (let v = 0; v < step; v++) {
          for (let u = i + v * wide, end = u + step; u < end; u++) {
            data[u] += weight * a;
            data[u + length] += weight * b;
          }
        }
      }
    }
  }
}

/**
 * A tap's features place by place, centred, with a mean squared norm of 1 over all taps together.
 * @param {Tap} tap
 * @param {number} count of taps
 * @returns {Tap}
 */
function standard({ channels, wide, high, data }, count) {
  const places = wide * high, turned = new Float32Array(data.length);
  let squares = 0;
  for (let c = 0; c < channels; c++) {
    let mean = 0;
    for (let i = 0; i < places; i++) mean += data[c * places + i] / places;
    for (let i = 0; i < places; i++) {
      const value = data[c * places + i] - mean;
      turned[i * channels + c] = value;
      squares += (value * value) / places;
    }
  }
  const scale = Math.max(Math.sqrt(squares), 1e-6) * Math.sqrt(count);
  return { channels, wide, high, data: turned.map((value) => value / scale) };
}

/** @typedef {{ first: Int32Array, part: Float32Array }} Between */
/** @type {Map<string, Between>} */
const remembered = new Map();

/**
 * Bilinear enlarging of one axis: after which old place each new one lies, and how far.
 * @param {number} small
 * @param {number} large
 */
function between(small, large) {
  const name = `${small} ${large}`, before = remembered.get(name);
  if (before) return before;
  const first = new Int32Array(large), part = new Float32Array(large);
  for (let i = 0; i < large; i++) {
    const at = Math.max(0, ((i + 0.5) * small) / large - 0.5);
    first[i] = Math.floor(at);
    part[i] = at - first[i];
  }
  remembered.set(name, { first, part });
  return { first, part };
}

/**
 * Row y of the enlarged picture at the old columns, into `line`.
 * @param {{ wide: number, data: Float32Array }} from
 * @param {number} channels
 * @param {Between} rows
 * @param {number} y
 * @param {Float32Array} line
 */
function blendRows({ wide, data }, channels, rows, y, line) {
  const size = wide * channels, top = rows.first[y] * size, part = rows.part[y];
  const down = top + size < data.length ? top + size : top;
  for (let i = 0; i < size; i++) line[i] = (1 - part) * data[top + i] + part * data[down + i];
}

/** @type {(line: Float32Array, columns: Between, sums: Float32Array) => void} */
function addLine(line, { first, part }, sums) {
  const last = line.length - 1;
  for (let x = 0; x < sums.length; x++) {
    const left = first[x], value = line[left];
    sums[x] += value + part[x] * (line[left < last ? left + 1 : last] - value);
  }
}
