// Known answers of what is erased and how far colours move; `node --test` runs them.

import assert from "node:assert/strict";
import test from "node:test";
import { apart, boxOf, fillBox, outside, pool, squares } from "./occlusion.js";

const plane = (wide, high, value) => ({
  wide, high, data: Float32Array.from({ length: wide * high }, (_, i) => value(i % wide, Math.floor(i / wide))),
});

test("A box in shares is whole pixels, one at least, inside", () => {
  assert.deepEqual(boxOf([0.25, 0, 0.5, 1], { wide: 8, high: 6 }), [2, 0, 4, 6]);
  assert.deepEqual(boxOf([1, 1, 1, 1], { wide: 8, high: 6 }), [7, 5, 8, 6]);
});

test("Filling a box leaves the rest, and the original", () => {
  const ramp = plane(4, 3, (x) => x), { data } = fillBox(ramp, [1, 0, 3, 2], 9);
  assert.deepEqual([...data], [0, 9, 9, 3, 0, 9, 9, 3, 0, 1, 2, 3]);
  assert.deepEqual([...ramp.data.slice(0, 4)], [0, 1, 2, 3]);
});

test("Distances are in units of a* and b*, and the box does not count outside", () => {
  const flat = { wide: 2, high: 1, data: new Float32Array(4) };
  const moved = { wide: 2, high: 1, data: Float32Array.of(3 / 128, 6 / 128, 4 / 128, 8 / 128) };
  const { data } = apart(moved, flat);
  assert.deepEqual([...data], [5, 10]);
  const told = outside({ wide: 2, high: 1, data }, [1, 0, 2, 1]);
  assert.deepEqual(told, { average: 5, most: 5, at: [0.25, 0.5] });
  assert.equal(outside({ wide: 2, high: 1, data }, [0, 0, 2, 1]).average, 0);
});

test("Cells are means of their pixels, each channel by itself", () => {
  const data = new Float32Array(2 * 16 * 8).fill(1, 128);
  for (let y = 0; y < 8; y++) data.fill(2, 16 * y + 8, 16 * y + 16);
  const { wide, high, data: cells } = pool({ wide: 16, high: 8, data });
  assert.deepEqual([wide, high, ...cells], [2, 1, 0, 2, 1, 1]);
});

test("Squares cover a photo once", () => {
  const { boxes, wide } = squares({ wide: 96, high: 64 }), times = plane(96, 64, () => 0);
  assert.deepEqual([boxes.length, wide], [6, 3]);
  for (const [left, top, right, bottom] of boxes) {
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) times.data[96 * y + x]++;
  }
  assert.ok(times.data.every((count) => count === 1));
});
