// The work of "Tell it the colour", off the page's thread: strokes in, coloured pictures out, a quick
// one first. See types.d.ts for what is said.

import { join, lightness, luma } from "./color.js";
import { guided, under } from "./guided.js";
import { Likeness, placeHints } from "./kriging.js";
import { Levin, weigh } from "./levin.js";
import { marksOf, paint, shrink } from "./marks.js";
import { loadNetwork, once } from "./network.js";
import { picture, readPhoto, toFile } from "./photos.js";
import { breathe, serve } from "./queue.js";
import { resize, workingSize } from "./resize.js";
import { blend } from "./yatziv.js";

/** @typedef {import("./types").StrokesAsk} Ask */
/** @typedef {import("./types").StrokesAnswer} Answer */
/** @typedef {import("./types").Chroma} Chroma */
/** @typedef {import("./types").Hint} Hint */
/** @typedef {import("./types").Picture} Picture */
/** @typedef {import("./types").Plane} Plane */
/** @typedef {import("./types").Painted} Painted */

const FIRST = 50_000, MIDDLE = 250_000, FINEST = 1_000_000; // pixels that are solved
// Places from which the network's correction is spread, to squares of so many pixels.
const PASSES = [{ most: 100, step: 4 }, { most: 1000, step: 1 }];
const LAMBDAS = [1, 0.5, 0.25, 0.1]; // the answers that a palette offers

/** Everyday colours, as a* and b*: sky, leaf, grass, skin, brick, wood, sand, wine, sea, violet. */
const EVERYDAY = [[-3, -28], [-32, 36], [-20, 52], [20, 22], [44, 34], [18, 36], [4, 26], [42, 8],
  [-24, -10], [34, -38]];
const UNLIKE = 14, LEAST_CHROMA = 10;

/**
 * The photo at a size that is solved, and what is kept from one stroke to the next.
 * @typedef {{ step: number, luma: Plane, weights: ReturnType<typeof weigh> | null,
 *   levin: Levin | null, answer: Float32Array[] | null, memory: Map<string, Float32Array> }} Grid
 */

/**
 * What the network has seen in the photo.
 * @typedef {{ encoded: Record<string, import("onnxruntime-web").Tensor>, answers: Chroma[],
 *   luma: Plane, likeness: Likeness | null }} Seen
 */

/**
 * The photo that is open, and the newest colours found for it.
 * @typedef {{ photo: number, whole: Picture, shown: Picture, light: Float32Array, luma: Plane,
 *   grids: Grid[], seen: Seen | null, found: Chroma | null }} Open
 */
/** @type {Open | null} */
let open = null;

/** @param {Answer} answer @param {Transferable[]} [transfer] */
const say = (answer, transfer = []) => postMessage(answer, { transfer });

const network = once(() => loadNetwork((share) => say({ kind: "loading", share })));

const queue = serve(answer, (/** @type {Ask} */ ask, message) => {
  if (message !== OVERTAKEN) say({ kind: "failed", photo: ask.photo, message });
}, { open: ["open", "spread", "suggest", "save"], spread: ["spread"], suggest: ["suggest"] });
const OVERTAKEN = "overtaken";

/** @param {Ask} ask */
async function answer(ask) {
  if (ask.kind === "load") {
    // Not waited for: two of the methods need no network.
    network().then(
      ({ backend }) => say({ kind: "loaded", backend }),
      (error) => say({ kind: "failed", photo: null, message: error.message }),
    );
  } else if (ask.kind === "open") await openPhoto(ask.photo, ask.file);
  else if (open?.photo !== ask.photo) return;
  else if (ask.kind === "spread") await spread(open, ask.turn, ask.hints, ask.method);
  else if (ask.kind === "suggest") await suggest(open, ask.x, ask.y);
  else await save(open, ask.type);
}

/** @param {number} photo @param {Blob} file */
async function openPhoto(photo, file) {
  const { whole, shown, light, grey } = await readPhoto(file);
  const { width, height } = whole;
  const luma = { wide: width, high: height, data: lightness(whole).map((f) => 1.16 * f - 0.16) };
  open = { photo, whole, shown, light, luma, grids: [], seen: null, found: null };
  say({ kind: "opened", photo, width, height, grey }, [grey]);
}

/** Leave the work where something newer waits. */
function giveWay() {
  if (queue.holds("open", "spread")) throw new Error(OVERTAKEN);
}

/** @template T @param {Generator<void, T, void>} work */
async function run(work) {
  for (let rested = performance.now(); ; ) {
    const { done, value } = work.next();
    if (done) return value;
    if (performance.now() - rested < 30) continue;
    await breathe();
    giveWay();
    rested = performance.now();
  }
}

/** @param {Open} open @param {number} turn @param {Hint[]} hints @param {string} method */
async function spread(open, turn, hints, method) {
  const started = performance.now();
  const ways = method === "network" ? byNetwork(open, hints) : byStrokes(open, hints, method);
  for await (const { chroma, pixels, last } of ways) {
    open.found = chroma;
    const made = await picture(join(open.shown, open.light, chroma));
    const took = performance.now() - started;
    say({ kind: "spread", photo: open.photo, turn, picture: made, took, pixels, last }, [made]);
    await breathe();
    if (!last) giveWay();
  }
}

/** @param {Open} open @param {Hint[]} hints */
async function* byNetwork(open, hints) {
  const seen = await look(open), { answers: [plain] } = seen;
  const pixels = plain.wide * plain.high;
  for (const { most, step } of PASSES) {
    const { places, told } = placeHints(hints, open.luma, plain, most);
    if (!places.length) {
      yield { chroma: plain, pixels, last: true };
      likenessOf(seen); // the first stroke then needn't wait for it
      return;
    }
    const likeness = likenessOf(seen);
    const chroma = await run(likeness.correct(plain, places, told, step));
    yield { chroma, pixels: pixels / step ** 2, last: step === 1 };
  }
}

/** What the network sees in the photo; waits until it is there. @param {Open} open */
async function look(open) {
  if (open.seen) return open.seen;
  const there = network();
  let waits = true;
  there.then(() => (waits = false), () => (waits = false));
  for (await breathe(); waits; await breathe(50)) giveWay();
  const net = await there, size = workingSize(open.whole.width, open.whole.height);
  const seen = { ...size, data: luma(resize(open.whole, size)) };
  const encoded = await net.encode(seen.data, size);
  const answers = [await net.decode(encoded, LAMBDAS[0])];
  open.seen = { encoded, answers, luma: seen, likeness: null };
  return open.seen;
}

/** @param {Seen} seen */
function likenessOf(seen) {
  const taps = Object.entries(seen.encoded).filter(([name]) => name.startsWith("tap"));
  seen.likeness ??= new Likeness(seen.luma, taps.map(
    ([, { dims: [, channels, high, wide], data }]) => (
      { channels, high, wide, data: /** @type {Float32Array} */ (data) })));
  return seen.likeness;
}

/** @param {Open} open @param {Hint[]} hints @param {string} method */
async function* byStrokes(open, hints, method) {
  const painted = paint(hints, open.luma);
  if (!painted.which.some(Boolean)) {
    yield { chroma: null, pixels: 0, last: true };
    return;
  }
  const steps = sizes(open.luma.data.length);
  /** @type {Chroma | null} */
  let chroma = null;
  for (const step of steps) {
    const grid = gridOf(open, step);
    const ab = await run(method === "levin"
      ? byLevin(grid, painted, open.luma, chroma) : byYatziv(grid, painted, open.luma));
    const { wide, high } = grid.luma, length = wide * high;
    if (step > 1) chroma = guided(grid.luma, ab);
    else {
      const data = new Float32Array(2 * length);
      ab.forEach((values, k) => values.forEach((value, i) => (data[k * length + i] = value / 128)));
      chroma = { wide, high, data };
    }
    yield { chroma, pixels: length, last: step === steps.at(-1) };
  }
}

/** Of how many pixels a side a solved one is made, from the first answer to the last. */
function sizes(/** @type {number} */ pixels) {
  const [first, middle, finest] = [FIRST, MIDDLE, FINEST].map((most) => Math.ceil(Math.sqrt(pixels / most)));
  // A middle one is worth it where the last is far away.
  return [...new Set(pixels / finest ** 2 > 2 * MIDDLE ? [first, middle, finest] : [first, finest])];
}

/** @param {Open} open @param {number} step @returns {Grid} */
function gridOf({ grids, luma }, step) {
  const there = grids.find((grid) => grid.step === step);
  if (there) return there;
  const grid = { step, luma: shrink(luma, step), weights: null, levin: null, answer: null, memory: new Map() };
  grids.push(grid);
  return grid;
}

/**
 * @param {Grid} grid
 * @param {Painted} painted
 * @param {Plane} photo
 * @param {Chroma | null} smaller an answer for a smaller size
 * @returns {Generator<void, Float32Array[], void>}
 */
function* byLevin(grid, painted, photo, smaller) {
  const { known, a, b } = marksOf(painted, photo, grid.step);
  grid.weights ??= weigh(grid.luma);
  yield;
  // New colours for the same strokes need no new system.
  if (!grid.levin || known.some((mark, i) => mark !== grid.levin?.known[i])) {
    grid.levin = new Levin(grid.weights, known);
  }
  yield;
  const start = grid.answer ?? (smaller && under(smaller, grid.luma));
  grid.answer = [
    yield* grid.levin.solve(a, start && start[0]), yield* grid.levin.solve(b, start && start[1]),
  ];
  return grid.answer;
}

/** @param {Grid} grid @param {Painted} painted @param {Plane} photo */
function* byYatziv(grid, painted, photo) {
  const { which } = marksOf(painted, photo, grid.step);
  const { a, b } = yield* blend(grid.luma, which, painted.colours, grid.memory);
  return [a, b];
}

/**
 * Likely colours of a place: the network's, from cautious to vivid, then everyday ones.
 * @param {Open} open @param {number} x @param {number} y
 */
async function suggest(open, x, y) {
  const { wide, high, data } = open.luma;
  const column = Math.min(wide - 1, Math.max(0, Math.floor(x)));
  const row = Math.min(high - 1, Math.max(0, Math.floor(y)));
  const net = open.seen && (await network());
  for (let k = open.seen?.answers.length ?? 0; net?.takesLambda && open.seen && k < LAMBDAS.length; k++) {
    await breathe();
    if (queue.holds("open", "spread")) break; // fewer of them, for now
    open.seen.answers.push(await net.decode(open.seen.encoded, LAMBDAS[k]));
  }
  const likely = (open.seen?.answers ?? []).map(({ wide: w, high: h, data: chroma }) => {
    const at = Math.floor((row * h) / high) * w + Math.floor((column * w) / wide);
    return [128 * chroma[at], 128 * chroma[at + w * h]];
  });
  /** @type {number[][]} */
  const chosen = [];
  for (const [a, b] of [...likely, ...EVERYDAY]) {
    const unlike = chosen.every((other) => Math.hypot(a - other[0], b - other[1]) >= UNLIKE);
    if (unlike && Math.hypot(a, b) >= LEAST_CHROMA && chosen.length < 8) chosen.push([a, b]);
  }
  // At the place's own lightness, but never so dark or light that they look alike.
  const light = Math.min(0.85, Math.max(0.4, data[row * wide + column]));
  const dot = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
  const colours = chosen.map(([a, b]) => {
    const chroma = { wide: 1, high: 1, data: Float32Array.of(a / 128, b / 128) };
    const { data: [red, green, blue] } = join(dot, Float32Array.of((light + 0.16) / 1.16), chroma);
    return /** @type {[number, number, number]} */ ([red, green, blue]);
  });
  say({ kind: "likely", photo: open.photo, colours });
}

/** @param {Open} open @param {string} type */
async function save({ photo, whole, found }, type) {
  const made = join(whole, lightness(whole), found);
  say({ kind: "saved", photo, file: await toFile(made, type) });
}
