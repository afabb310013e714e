// Photos in and out of the worker: files to pixels, pixels to pictures and files.

import { join, lightness } from "./color.js";

/** @typedef {import("./types").Picture} Picture */

const PREVIEW = 1200; // pixels, the longer side of what is shown
const LARGEST = 50e6; // pixels: beyond, a phone's memory ends

/**
 * A photo whole and as it is shown, the lightness of the latter, and its grey picture.
 * @param {Blob} file
 */
export async function readPhoto(file) {
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
  return { whole, shown, light, grey: await picture(join(shown, light, null)) };
}

/** @param {Picture} made */
export const picture = ({ width, data }) => createImageBitmap(new ImageData(data, width));

/** @param {Picture} made @param {string} type such as "image/jpeg" */
export function toFile({ width, height, data }, type) {
  const canvas = new OffscreenCanvas(width, height);
  context(canvas).putImageData(new ImageData(data, width), 0, 0);
  return canvas.convertToBlob({ type, quality: 0.95 });
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
