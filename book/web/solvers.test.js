// Known answers of the three ways to spread strokes; `node --test` runs them.

import assert from "node:assert/strict";
import test from "node:test";
import { Likeness, placeHints } from "./kriging.js";
import { Levin, weigh } from "./levin.js";
import { marksOf, paint, shrink } from "./marks.js";
import { principal } from "./principal.js";
import { blend, distances } from "./yatziv.js";

const run = (work) => {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
};
const near = (got, want, within) =>
  assert.ok(Math.abs(got - want) <= within, `${got} is not ${want} within ${within}`);

/** A generator of numbers in [0, 1), the same every time. */
function random(seed) {
  return () => (seed = (seed * 16807) % 2147483647) / 2147483647;
}

const photo = (wide, high, light) => ({
  wide, high, data: Float32Array.from({ length: wide * high }, (_, i) => light(i % wide, Math.floor(i / wide))),
});
const ends = (wide, high) =>
  Uint8Array.from({ length: wide * high }, (_, i) => Number(i % wide === 0 || i % wide === wide - 1));

test("Levin: between two strokes on plain luma chroma is a straight line", () => {
  const wide = 41, high = 30, plain = photo(wide, high, () => 0.4);
  const told = Float32Array.from(plain.data, (_, i) => (i % wide === 0 ? -1 : 1));
  const answer = run(new Levin(weigh(plain), ends(wide, high)).solve(told, null, 1e-12));
  answer.forEach((value, i) => near(value, -1 + (2 * (i % wide)) / (wide - 1), 1e-6));
});

test("Levin: no value beyond those of the strokes, and the solved rows hold", () => {
  const wide = 67, high = 45, noise = random(7), luma = photo(wide, high, noise);
  const known = Uint8Array.from(luma.data, () => Number(noise() < 0.02));
  const told = Float32Array.from(luma.data, () => 100 * noise() - 50);
  const marked = told.filter((_, i) => known[i]);
  const levin = new Levin(weigh(luma), known), answer = run(levin.solve(told, null, 1e-9));
  assert.ok(levin.steps < 40, `${levin.steps} steps`);
  answer.forEach((value, i) => {
    assert.ok(value >= Math.min(...marked) - 1e-4 && value <= Math.max(...marked) + 1e-4);
    if (known[i]) assert.equal(value, told[i]);
  });
  run(levin.solve(told, answer, 1e-4));
  assert.equal(levin.steps, 0, "the answer as a start is the answer");
});

test("Levin: all sizes, down to a pixel, and strokes everywhere", () => {
  for (const [wide, high] of [[1, 1], [1, 90], [90, 1], [9, 8], [64, 3], [33, 34]]) {
    const luma = photo(wide, high, random(3)), known = new Uint8Array(wide * high);
    known[0] = 1;
    const told = new Float32Array(wide * high).fill(5);
    // One colour spreads unchanged.
    run(new Levin(weigh(luma), known).solve(told, null, 1e-9)).forEach((value) => near(value, 5, 1e-4));
    known.fill(1);
    assert.deepEqual(run(new Levin(weigh(luma), known).solve(told, null)), told);
  }
});

test("Yatziv and Sapiro: on a ramp the distance is the difference of luma", () => {
  const ramp = photo(40, 20, (x) => x / 40), seeds = [];
  for (let y = 0; y < 20; y++) seeds.push(y * 40);
  distances(ramp, seeds).forEach((far, i) => near(far, (i % 40) / 40, 1e-6));
});

test("Yatziv and Sapiro: colours mix by distance to the power -4", () => {
  const ramp = photo(41, 3, (x) => x / 40), which = new Uint16Array(41 * 3);
  for (let y = 0; y < 3; y++) [which[41 * y], which[41 * y + 40]] = [1, 2];
  const { a, b } = run(blend(ramp, which, [[0, 10], [50, -10]]));
  near(a[20], 25, 1e-3);
  near(b[20], 0, 1e-3);
  near(a[10], 50 / (1 + 3 ** 4), 1e-3);
  assert.deepEqual([a[0], b[0], a[40], b[40]], [0, 10, 50, -10]);
});

test("Hints: the corrected chroma is what was told, and far away it stays", () => {
  const wide = 96, high = 64, noise = random(11), luma = photo(wide, high, noise);
  const taps = [4, 8, 16, 32].map((stride) => {
    const size = { channels: 12, wide: wide / stride, high: high / stride };
    return { ...size, data: Float32Array.from({ length: 12 * size.wide * size.high }, noise) };
  });
  const plain = { wide, high, data: new Float32Array(2 * wide * high).fill(0.1) };
  const hints = [{ x: 10, y: 12, radius: 1, rgb: [200, 60, 40] }];
  const { places, told } = placeHints(hints, { wide, high }, plain, 10);
  assert.deepEqual(places, [12 * wide + 10]);
  const likeness = new Likeness(luma, taps), { data } = run(likeness.correct(plain, places, told));
  // Up to the share of noise, 0.02.
  near(data[places[0]] - 0.1, (told[0] - 0.1) / 1.02, 1e-5);
  near(data[wide * high - 1], 0.1, 0.02);
  // The kernel by its definition, feature by feature, at some other places.
  const own = likeness.featuresOf(places[0]);
  for (const place of [0, 777, 3000, 5000]) {
    let square = likeness.squareOf(places[0], place);
    likeness.featuresOf(place).forEach((value, k) => (square += (value - own[k]) ** 2));
    near(data[place] - 0.1, (Math.exp(-square / 2) * (told[0] - 0.1)) / 1.02, 1e-5);
  }
});

test("Marks: a disc at full size, and means on squares", () => {
  const size = { wide: 10, high: 7 };
  const painted = paint([{ x: 4, y: 3, radius: 1, rgb: [128, 128, 128] },
    { x: 4, y: 3, radius: 0, rgb: [255, 0, 0] }], size);
  assert.equal(painted.which.filter(Boolean).length, 5);
  assert.equal(painted.which[34], 2);
  const { known, a } = marksOf(painted, size, 3);
  assert.deepEqual([...known], [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  near(a[5], 80.1 / 4, 0.1); // red's a*, and three greys
  const { wide, high, data } = shrink(photo(10, 7, (x) => x), 3);
  assert.deepEqual([wide, high, ...data], [4, 3, ...[1, 4, 7, 9], ...[1, 4, 7, 9], ...[1, 4, 7, 9]]);
});

test("Principal components: distances stay where there are no more than are kept", () => {
  for (const [channels, wide, high] of [[40, 12, 9], [60, 5, 4]]) {
    // Twelve kinds of features, mixed: no more than that many axes.
    const noise = random(5), places = wide * high;
    const mix = Array.from({ length: 12 * channels }, noise);
    const shares = Array.from({ length: places * 12 }, noise);
    const data = Float32Array.from({ length: places * channels }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < 12; k++) sum += shares[Math.floor(i / channels) * 12 + k] * mix[k * channels + (i % channels)];
      return sum;
    });
    const turned = principal({ channels, wide, high, data }, 16);
    assert.equal(turned.channels, 16);
    const square = (from, size, j) => {
      let sum = 0;
      for (let c = 0; c < size; c++) sum += (from[c] - from[j * size + c]) ** 2;
      return sum;
    };
    for (const j of [1, 7, places - 1]) {
      near(square(turned.data, 16, j) / square(data, channels, j), 1, 1e-4);
    }
  }
});
