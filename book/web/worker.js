// The work, off the page's thread: photos in, pictures out. See types.d.ts for what is said.

import { join, lightness, luma } from "./color.js";
import { loadNetwork, once } from "./network.js";
import { picture, readPhoto, toFile } from "./photos.js";
import { serve } from "./queue.js";
import { resize, workingSize } from "./resize.js";

/** @typedef {import("./types").Ask} Ask */
/** @typedef {import("./types").Answer} Answer */
/** @typedef {import("./types").Picture} Picture */

/**
 * The photo that is open: whole, as it is shown, and as the network has seen it.
 * @type {{ photo: number, whole: Picture, shown: Picture, light: Float32Array,
 *   encoded: Record<string, import("onnxruntime-web").Tensor> } | null}
 */
let open = null;

/** @param {Answer} answer @param {Transferable[]} [transfer] */
const say = (answer, transfer = []) => postMessage(answer, { transfer });

const network = once(() => loadNetwork((share) => say({ kind: "loading", share })));

// A new photo makes older wishes void; of many movements of the slider the last counts.
serve(answer, (/** @type {Ask} */ ask, message) => {
  say({ kind: "failed", photo: ask.kind === "load" ? null : ask.photo, message });
}, { open: ["open", "recolour", "save"], recolour: ["recolour"] });

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
  const { whole, shown, light, grey } = await readPhoto(file);
  const { width, height } = whole;
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
  const made = join(whole, lightness(whole), chroma);
  say({ kind: "saved", photo, file: await toFile(made, type) });
}
