// A photo to spoil by hand, and what each metric says of it.

import { labToRgb, reduceToGamut } from "./lab.js";
import { colourfulness, errorToGrey, gaussian, labOf } from "./measures.js";
import { meanDeltaE, psnr, smooth, ssim } from "./measures.js";
import { normal } from "./random.js";

/** @typedef {import("./measures.js").Pixels} Pixels */

/**
 * @typedef {Object} Change
 * @property {number} times that chroma is multiplied by
 * @property {number} turn of the hue, in degrees
 * @property {number} blur of the chroma: the Gaussian's sigma in pixels
 * @property {number} sigma of the noise in R, G and B, in 8-bit levels
 */

/**
 * The photo with its chroma changed, brought into sRGB at its own L* and hue, and then noise.
 * @param {Pixels} truth @param {Float32Array} lab of the truth @param {Change} change
 * @returns {Pixels}
 */
export function spoil(truth, lab, { times, turn, blur, sigma }) {
  const { width, height } = truth, count = width * height, data = new Uint8ClampedArray(truth.data);
  const taps = blur ? gaussian(blur, Math.ceil(3 * blur)) : [1];
  const [a, b] = [1, 2].map((k) => smooth(lab.subarray(k * count, (k + 1) * count), width, taps));
  const cos = times * Math.cos((turn * Math.PI) / 180), sin = times * Math.sin((turn * Math.PI) / 180);
  const noise = normal(sigma ? 3 * count : 0, 1), same = times === 1 && !turn && !blur;
  for (let i = 0; i < count; i++) {
    const at = 4 * i;
    const turned = [cos * a[i] - sin * b[i], sin * a[i] + cos * b[i]];
    if (!same) data.set(labToRgb(reduceToGamut([lab[i], turned[0], turned[1]])), at);
    if (sigma) for (let k = 0; k < 3; k++) data[at + k] += Math.round(sigma * noise[3 * i + k]);
  }
  return { width, height, data };
}

/**
 * @typedef {Object} Opened
 * @property {Pixels} truth
 * @property {Float32Array} lab of the truth
 * @property {number[]} grey its measures
 * @property {number} colours the truth's colourfulness
 */

/** @param {HTMLElement} root @param {number} side a photo's longest, in pixels */
export function metricPlayground(root, side) {
  const sliders = /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll("input[type=range]")]);
  const file = /** @type {HTMLInputElement} */ (root.querySelector("input[type=file]"));
  const image = /** @type {HTMLImageElement} */ (root.querySelector("img"));
  const made = /** @type {HTMLCanvasElement} */ (root.querySelector("canvas.made"));
  const status = /** @type {HTMLElement} */ (root.querySelector(".status"));
  /** @type {Opened | undefined} */
  let photo;
  let waiting = false;

  /** @param {Pixels} shown @param {Pixels} truth @param {Float32Array} lab of the truth */
  function measure(shown, truth, lab) {
    const own = labOf(shown);
    return [psnr(shown, truth), ssim(shown, truth), errorToGrey(own, lab), meanDeltaE(own, lab),
      colourfulness(shown)];
  }

  const digits = [1, 3, 2, 1, 1];
  const text = (/** @type {number} */ value, /** @type {number} */ row) =>
    Number.isNaN(value) ? "–" : value === Infinity ? "∞" : value.toFixed(digits[row]);

  function redraw() {
    waiting = false;
    const by = sliders.map((slider) => Number(slider.value));
    by.forEach((value, i) => {
      const output = sliders[i].parentElement?.querySelector("output");
      if (output) output.textContent = String(value).replace("-", "−");
    });
    if (!photo) return;
    const { truth, lab, grey, colours } = photo, [times, turn, blur, sigma] = by;
    const shown = spoil(truth, lab, { times, turn, blur, sigma });
    const ctx = made.getContext("2d"), into = ctx?.createImageData(truth.width, truth.height);
    into?.data.set(shown.data);
    if (into) ctx?.putImageData(into, 0, 0);
    const values = measure(shown, truth, lab), ideal = [Infinity, 1, 0, 0, colours];
    root.querySelectorAll("tbody tr").forEach((row, i) => {
      while (row.children.length > 1) row.lastChild?.remove();
      for (const value of [values[i], grey[i], ideal[i]]) {
        const cell = text(Number.isNaN(values[i]) ? NaN : value, i);
        row.insertAdjacentHTML("beforeend", `<td>${cell}</td>`);
      }
    });
    const names = ["PSNR", "SSIM", "MSE / grey", "ΔE2000"], up = [1, 1, -1, -1];
    const kinder = names.filter((_, i) => up[i] * (values[i] - grey[i]) > 0);
    const others = names.filter((_, i) => up[i] * (values[i] - grey[i]) <= 0);
    const but = others.length ? `, by ${others.join(", ")} it isn't` : "";
    status.textContent = kinder.length
      ? `By ${kinder.join(", ")} it is better than grey${but}.`
      : "By no metric is it better than grey.";
  }

  /** Take in a photo, made no longer than `side`. @param {ImageBitmap | HTMLImageElement} from
   * @param {number} wide @param {number} high */
  function open(from, wide, high) {
    const small = Math.min(1, side / Math.max(wide, high));
    made.width = Math.max(1, Math.round(wide * small));
    made.height = Math.max(1, Math.round(high * small));
    const ctx = made.getContext("2d");
    if (!ctx) return;
    ctx.imageSmoothingQuality = "high";
    ctx.fillStyle = "#fff"; // under what is transparent
    ctx.fillRect(0, 0, made.width, made.height);
    ctx.drawImage(from, 0, 0, made.width, made.height);
    if (from !== image) image.src = made.toDataURL();
    const truth = ctx.getImageData(0, 0, made.width, made.height), lab = labOf(truth);
    const grey = spoil(truth, lab, { times: 0, turn: 0, blur: 0, sigma: 0 });
    photo = { truth, lab, grey: measure(grey, truth, lab), colours: colourfulness(truth) };
    redraw();
  }

  file.addEventListener("change", async () => {
    const chosen = file.files?.[0];
    if (!chosen) return;
    try {
      const bitmap = await createImageBitmap(chosen);
      open(bitmap, bitmap.width, bitmap.height);
    } catch {
      status.textContent = `The browser can't read ${chosen.name} as a photo.`;
      return;
    }
    image.alt = `Your photo ${chosen.name}`;
    const caption = image.parentElement?.querySelector("figcaption");
    if (caption) caption.textContent = `Your photo: ${chosen.name}`;
  });
  for (const slider of sliders) {
    slider.addEventListener("input", () => {
      if (!waiting) requestAnimationFrame(redraw); // as many as the machine can make
      waiting = true;
    });
  }
  root.querySelector("button")?.addEventListener("click", () => {
    for (const slider of sliders) slider.value = slider.defaultValue;
    redraw();
  });
  image.decode().then(() => open(image, image.naturalWidth, image.naturalHeight));
}
