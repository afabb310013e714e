// Yatziv and Sapiro 2006, as colorlab/classic/yatziv.py: the distance to a colour is the least total
// variation of luma on a path to a stroke of it, and colours mix by its power -4.

/** @typedef {import("./types").Plane} Plane */

const STEP = 1e-9, HERE = 1e-12; // an edge's least length; a stroke's own distance
const POWER = 4;

/**
 * Spread colours: each pixel's mix of them, a generator that yields after each colour.
 * @param {Plane} luma in [0, 1]
 * @param {Uint16Array} which each pixel's colour, counted from 1; 0 where there is no stroke
 * @param {[number, number][]} colours a* and b* of each
 * @param {Map<string, Float32Array>} [memory] distances that were found before, by their seeds
 * @returns {Generator<void, { a: Float32Array, b: Float32Array }, void>}
 */
export function* blend(luma, which, colours, memory = new Map()) {
  const length = which.length, sum = new Float64Array(length);
  const a = new Float32Array(length), b = new Float32Array(length);
  const sums = [new Float64Array(length), new Float64Array(length)];
  const used = new Set();
  for (const [k, colour] of colours.entries()) {
    const seeds = [];
    for (let i = 0; i < length; i++) if (which[i] === k + 1) seeds.push(i);
    if (!seeds.length) continue;
    const key = seeds.join();
    used.add(key);
    const far = memory.get(key) ?? distances(luma, seeds);
    memory.set(key, far);
    for (let i = 0; i < length; i++) {
      const near = 1 / Math.max(far[i], HERE), weight = near ** POWER;
      sum[i] += weight;
      sums[0][i] += weight * colour[0];
      sums[1][i] += weight * colour[1];
    }
    yield;
  }
  for (const key of memory.keys()) if (!used.has(key)) memory.delete(key);
  for (let i = 0; i < length; i++) {
    const own = which[i] ? colours[which[i] - 1] : null;
    a[i] = own ? own[0] : sums[0][i] / sum[i];
    b[i] = own ? own[1] : sums[1][i] / sum[i];
  }
  return { a, b };
}

/**
 * Each pixel's distance to the nearest seed: Dijkstra's algorithm on the eight neighbours, with a
 * binary heap that knows where each pixel stands in it.
 * @param {Plane} luma
 * @param {number[]} seeds
 */
export function distances({ wide, high, data }, seeds) {
  const far = new Float64Array(wide * high).fill(Infinity);
  const heap = new Int32Array(wide * high), place = new Int32Array(wide * high).fill(-1);
  let size = 0;
  for (const seed of seeds) {
    far[seed] = 0;
    place[seed] = size;
    heap[size++] = seed;
  }
  while (size) {
    const pixel = heap[0], last = heap[--size];
    if (size) sink(last);
    const x = pixel % wide, y = (pixel - x) / wide;
    for (let row = Math.max(0, y - 1); row <= Math.min(high - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(wide - 1, x + 1); column++) {
        const next = row * wide + column;
        const way = far[pixel] + Math.abs(data[pixel] - data[next]) + STEP;
        if (way >= far[next]) continue;
        far[next] = way;
        if (place[next] < 0) place[next] = size++;
        rise(next);
      }
    }
  }
  return Float32Array.from(far);

  /** @param {number} pixel */
  function rise(pixel) {
    let at = place[pixel];
    while (at) {
      const above = (at - 1) >> 1, other = heap[above];
      if (far[other] <= far[pixel]) break;
      heap[at] = other;
      place[other] = at;
      at = above;
    }
    heap[at] = pixel;
    place[pixel] = at;
  }

  /** @param {number} pixel which goes to the top, and from there to its place */
  function sink(pixel) {
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= size) break;
      if (below + 1 < size && far[heap[below + 1]] < far[heap[below]]) below++;
      const other = heap[below];
      if (far[other] >= far[pixel]) break;
      heap[at] = other;
      place[other] = at;
      at = below;
    }
    heap[at] = pixel;
    place[pixel] = at;
  }
}
