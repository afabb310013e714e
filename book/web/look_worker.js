// The work of "What did it look at?", off the page's thread: the network's answer to a photo of which
// a part is erased, beside its answer to the whole one. See types.d.ts for what is said.

import { join, luma } from "./color.js";
import { loadNetwork, once } from "./network.js";
import { apart, boxOf, fillBox, mean, outside, pool, squares } from "./occlusion.js";
import { picture, readPhoto } from "./photos.js";
import { breathe, serve } from "./queue.js";
import { resize, workingSize } from "./resize.js";
import { LIKE_PHOTOS } from "./vividness.js";

/** @typedef {import("./types").LookAsk} Ask */
/** @typedef {import("./types").LookAnswer} Answer */
/** @typedef {import("./types").Chroma} Chroma */
/** @typedef {import("./types").Picture} Picture */
/** @typedef {import("./types").Plane} Plane */

/**
 * The photo that is open, what the network sees of it and says, and what it says, cell by cell, for
 * each square that has been erased.
 * @typedef {{ photo: number, shown: Picture, light: Float32Array, seen: Plane, plain: Chroma,
 *   swept: Map<number, Chroma> }} Open
 */
/** @type {Open | null} */
let open = null;

/** @param {Answer} answer @param {Transferable[]} [transfer] */
const say = (answer, transfer = []) => postMessage(answer, { transfer });

const network = once(() => loadNetwork((share) => say({ kind: "loading", share })));

const queue = serve(answer, (/** @type {Ask} */ { photo }, message) => {
  say({ kind: "failed", photo, message });
}, { open: ["open", "erase", "listen"], erase: ["erase", "listen"], listen: ["erase", "listen"] });

/** @param {Ask} ask */
async function answer(ask) {
  if (ask.kind === "open") await openPhoto(ask.photo, ask.file);
  else if (open?.photo !== ask.photo) return;
  else if (ask.kind === "erase") await erase(open, ask.turn, ask.box);
  else await listen(open, ask.turn, ask.x, ask.y);
}

/** @param {number} photo @param {Blob} file */
async function openPhoto(photo, file) {
  const { whole, shown, light, grey } = await readPhoto(file);
  const { width, height } = whole, size = workingSize(width, height);
  say({ kind: "opened", photo, width, height, grey }, [grey]);
  const seen = { ...size, data: luma(resize(whole, size)) };
  const { backend } = await network();
  open = { photo, shown, light, seen, plain: await colour(seen), swept: new Map() };
  const plain = await picture(join(shown, light, open.plain));
  say({ kind: "ready", photo, backend, picture: plain }, [plain]);
}

/** @param {Plane} seen @returns {Promise<Chroma>} */
async function colour(seen) {
  const net = await network();
  return net.decode(await net.encode(seen.data, seen), LIKE_PHOTOS);
}

/** @param {Open} open @param {number} turn @param {[number, number, number, number]} box */
async function erase({ photo, shown, light, seen, plain }, turn, box) {
  const started = performance.now(), grey = mean(seen.data);
  const chroma = await colour(fillBox(seen, boxOf(box, seen), grey));
  const moved = apart(chroma, plain);
  const frame = { wide: shown.width, high: shown.height, data: light };
  const covered = fillBox(frame, boxOf(box, frame), (grey + 0.16) / 1.16);
  const made = await picture(join(shown, covered.data, chroma));
  const took = performance.now() - started;
  const told = outside(moved, boxOf(box, seen));
  const beside = fillBox(moved, boxOf(box, seen), NaN);
  say({ kind: "erased", photo, turn, picture: made, took, moved: beside, ...told }, [made]);
}

/**
 * What the colour of one place depends on: the squares, nearest first, are erased one by one. What
 * has been found for one place serves for all others.
 * @param {Open} open @param {number} turn @param {number} x @param {number} y in shares of the sides
 */
async function listen({ photo, seen, plain, swept }, turn, x, y) {
  const started = performance.now(), grey = mean(seen.data), before = pool(plain);
  const column = Math.floor(x * before.wide), row = Math.floor(y * before.high);
  const cell = row * before.wide + column;
  const { boxes, wide } = squares(seen);
  const middle = (/** @type {number[]} */ [left, top, right, bottom]) =>
    Math.hypot((left + right) / 2 - x * seen.wide, (top + bottom) / 2 - y * seen.high);
  const order = [...boxes.keys()].sort((one, two) => middle(boxes[one]) - middle(boxes[two]));
  const map = new Float32Array(boxes.length).fill(NaN);
  const note = (/** @type {number} */ square) => {
    const chroma = swept.get(square);
    if (chroma) map[square] = apart(chroma, before).data[cell];
  };
  boxes.forEach((_, square) => note(square));
  const todo = order.filter((square) => !swept.has(square));
  for (let done = boxes.length - todo.length; ; done++) {
    const moved = { wide, high: map.length / wide, data: map };
    const took = performance.now() - started;
    if (done) say({ kind: "heard", photo, turn, took, moved, done, all: map.length });
    await breathe();
    const square = todo.shift();
    if (square === undefined || queue.holds("open", "erase", "listen")) return;
    swept.set(square, pool(await colour(fillBox(seen, boxes[square], grey))));
    note(square);
  }
}
