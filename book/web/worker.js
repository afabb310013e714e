// The work, off the page's thread: photos in, pictures out. See types.d.ts for what is said.

import { join, lightness, luma } from "./color.js";
import { loadNetwork } from "./network.js";
import { resize, workingSize } from "./resize.js";

/** @typedef {import("./types").Ask} Ask */
/** @typedef {import("./types").Answer} Answer */
/** @typedef {import("./types").Picture} Picture */

const PREVIEW = 1200; // pixels, the longer side of what is shown
const LARGEST = 50e6; // pixels: beyond, a phone's memory ends

/** @type {Promise<import("./network.js").Network> | null} */
let loading = null;

/**
 * The photo that is open: whole, as it is shown, and as the network has seen it.
 * @type {{ photo: number, whole: Picture, shown: Picture, light: Float32Array,
 *   encoded: Record<string, import("onnxruntime-web").Tensor> } | null}
 */
let open = null;

/** @type {Ask[]} */
let waiting = [];
let busy = false;

/** @param {Answer} answer @param {Transferable[]} [transfer] */
const say = (answer, transfer = []) => postMessage(answer, { transfer });

function network() {
  loading ??= loadNetwork((share) => say({ kind: "loading", share })).catch((error) => {
    loading = null; // the next photo tries again
    throw error;
  });
  return loading;
}

addEventListener("message", (/** @type {MessageEvent<Ask>} */ { data: ask }) => {
  // A new photo makes older wishes void; of many movements of the slider the last counts.
  if (ask.kind === "open") waiting = waiting.filter(({ kind }) => kind === "load");
  if (ask.kind === "recolour") waiting = waiting.filter(({ kind }) => kind !== "recolour");
  waiting.push(ask);
  if (!busy) work();
});

/** One thing after another, as they come: the runtime does one at a time. */
async function work() {
  busy = true;
  for (;;) {
    await new Promise((later) => setTimeout(later)); // what was sent meanwhile comes in
    const ask = waiting.shift();
    if (!ask) break;
    try {
      await answer(ask);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      say({ kind: "failed", photo: ask.kind === "load" ? null : ask.photo, message });
    }
  }
  busy = false;
}

/** @param {Ask} ask */
async function answer(ask) {
  if (ask.kind === "load") {
    const { takesLambda, backend } = await network();
    say({ kind: "loaded", takesLambda, backend });
  } else if (ask.kind === "open") await openPhoto(ask.photo, ask.file, ask.lam);
  else if (ask.kind === "recolour") await recolour(ask.photo, ask.lam);
  else await save(ask.photo, ask.lam, ask.type);
}

/** @param {number} photo @param {Blob} file @param {number} lam */
async function openPhoto(photo, file, lam) {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error("This file is not a photo that your browser can read. JPEG, PNG and WebP work.");
  });
  const { width, height } = bitmap;
  if (width * height > LARGEST) {
    throw new Error(
      `This photo has ${Math.round((width * height) / 1e6)} megapixels; up to 50 work here.`,
    );
  }
  const scale = Math.min(1, PREVIEW / Math.max(width, height));
  const whole = pixels(bitmap, width, height);
  const shown =
    scale === 1
      ? whole
      : pixels(bitmap, Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  bitmap.close();
  const light = lightness(shown);
  const grey = await picture(join(shown, light, null));
  say({ kind: "opened", photo, width, height, grey }, [grey]);
  const size = workingSize(width, height);
  const encoded = await (await network()).encode(luma(resize(whole, size)), size);
  open = { photo, whole, shown, light, encoded };
  await recolour(photo, lam);
}

/** @param {number} photo @param {number} lam */
async function recolour(photo, lam) {
  if (open?.photo !== photo) return;
  const started = performance.now();
  const chroma = await (await network()).decode(open.encoded, lam);
  const coloured = await picture(join(open.shown, open.light, chroma));
  const took = performance.now() - started;
  say({ kind: "coloured", photo, lam, picture: coloured, took }, [coloured]);
}

/** @param {number} photo @param {number} lam @param {string} type */
async function save(photo, lam, type) {
  if (open?.photo !== photo) return;
  const { whole, encoded } = open;
  const chroma = await (await network()).decode(encoded, lam);
  const joined = join(whole, lightness(whole), chroma);
  const canvas = new OffscreenCanvas(joined.width, joined.height);
  context(canvas).putImageData(new ImageData(joined.data, joined.width), 0, 0);
  say({ kind: "saved", photo, file: await canvas.convertToBlob({ type, quality: 0.95 }) });
}

/** @param {OffscreenCanvas} canvas */
function context(canvas) {
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  if (!drawing) throw new Error("This photo is too large for your browser.");
  return drawing;
}

/** @param {ImageBitmap} bitmap @param {number} width @param {number} height @returns {Picture} */
function pixels(bitmap, width, height) {
  const drawing = context(new OffscreenCanvas(width, height));
  drawing.imageSmoothingQuality = "high";
  drawing.drawImage(bitmap, 0, 0, width, height);
  const { data } = drawing.getImageData(0, 0, width, height);
  return { width, height, data: /** @type {Uint8ClampedArray<ArrayBuffer>} */ (data) };
}

/** @param {Picture} made */
const picture = ({ width, data }) => createImageBitmap(new ImageData(data, width));
