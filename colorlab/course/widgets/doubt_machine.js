// Two colours that a pixel may have: which answer has the least error, and which looks like either?

import { labToRgb, reduceToGamut } from "./lab.js";
import { drawSlice, line, mark, movable, settle, unitsAt } from "./plane.js";
import { random } from "./random.js";

/** @typedef {[number, number]} Chroma a* and b* */

/** The weighted mean of two colours. @param {number[]} w @param {Chroma[]} c @returns {Chroma} */
export const meanOf = ([u, v], [one, two]) =>
  [(u * one[0] + v * two[0]) / (u + v), (u * one[1] + v * two[1]) / (u + v)];

/**
 * @typedef {Object} Doubt
 * @property {Chroma[]} colours the two, at first
 * @property {string} present which of the smoothed prior's 256 x 256 bins it has, a* first
 * @property {string} codes their shares, as `quantize` of weight_widget.py codes them
 * @property {number} octaves of its scale
 */

/** @param {HTMLElement} root @param {Doubt} data */
export function doubtMachine(root, data) {
  const stage = /** @type {HTMLElement} */ (root.querySelector(".stage"));
  const handles = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".handle")]);
  const sliders = [...root.querySelectorAll("input")];
  const ctx = /** @type {CanvasRenderingContext2D} */ (root.querySelector("canvas")?.getContext("2d"));
  const status = /** @type {HTMLElement} */ (root.querySelector(".status"));
  const wanted = data.colours;
  let seed = 3; // four A of ten at 0.4, among truth and samples

  const bytes = (/** @type {string} */ text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const present = bytes(data.present), codes = new Uint16Array(bytes(data.codes).buffer);
  const shares = new Float64Array(1 << 16); // of the prior's bins, a* first
  for (let bin = 0, next = 0; bin < shares.length; bin++) {
    if (!((present[bin >> 3] >> (7 - (bin & 7))) & 1)) continue;
    const code = codes[next++];
    if (code) shares[bin] = 2 ** (((code - 1) / 65534 - 1) * data.octaves);
  }

  /** Eq. 3, up to a factor that all colours share. @type {(colour: Chroma, lambda: number) => number} */
  const weight = ([a, b], lambda) =>
    1 / ((1 - lambda) * shares[256 * (128 + a) + 128 + b] * shares.length + lambda);

  const words = (/** @type {Chroma} */ colour) =>
    `(${colour.map((value) => String(Math.round(value) || 0).replace("-", "−")).join(", ")})`;
  const apart = (/** @type {Chroma} */ one, /** @type {Chroma} */ two) =>
    (one[0] - two[0]) ** 2 + (one[1] - two[1]) ** 2;

  /** The two colours as sRGB can show them at this L*, whole units. @returns {Chroma[]} */
  const shown = () => wanted.map(([a, b]) => {
    const [, x, y] = reduceToGamut([Number(sliders[2].value), a, b]);
    return [Math.trunc(x), Math.trunc(y)];
  });

  function redraw() {
    const [p, lambda, L] = sliders.map((slider) => Number(slider.value)), c = shown();
    const css = (/** @type {Chroma} */ [a, b]) => `rgb(${labToRgb(reduceToGamut([L, a, b]))})`;
    const chance = [p, 1 - p], v = c.map((colour) => weight(colour, lambda));
    const weighted = chance.map((share, i) => share * v[i]);
    const next = random(seed);
    const draw = () => Array.from({ length: 10 }, () => c[next() < p ? 0 : 1]);
    const truth = draw(), samples = draw();
    const mean = meanOf(chance, c), pulled = meanOf(weighted, c), mode = c[p >= 0.5 ? 0 : 1];

    /** @type {(w: number[], answer: Chroma) => number} */
    const error = (w, answer) => w[0] * apart(answer, c[0]) + w[1] * apart(answer, c[1]);
    const drawn = (/** @type {number[]} */ w) => p * error(w, c[0]) + (1 - p) * error(w, c[1]);
    const ofAll = [chance, weighted].map((w) => {
      const all = [error(w, mean), error(w, pulled), error(w, mode), drawn(w)];
      return all.map((each) => each / error(w, [0, 0]));
    });
    const balloons = [truth, Array(10).fill(mean), Array(10).fill(pulled), Array(10).fill(mode), samples];
    root.querySelectorAll("tbody tr").forEach((row, i) => {
      while (row.children.length > 1) row.lastChild?.remove();
      const cells = ofAll.map((all) => {
        if (i === 0) return "";
        const text = Number.isFinite(all[i - 1]) ? all[i - 1].toFixed(2) : "–"; // both are grey
        return text === Math.min(...all).toFixed(2) ? `<strong>${text}</strong>` : text;
      });
      const discs = balloons[i].map((colour) => `<i style="background:${css(colour)}"></i>`).join("");
      row.insertAdjacentHTML("beforeend",
        `<td class="balloons"><span>${discs}</span></td><td>${cells[0]}</td><td>${cells[1]}</td>`);
    });

    drawSlice(ctx, L);
    line(ctx, c);
    mark(ctx, "triangle", samples[0]);
    mark(ctx, "square", mode);
    mark(ctx, "circle", mean);
    mark(ctx, "diamond", pulled);
    handles.forEach((handle, i) => {
      settle(handle, ...c[i]);
      handle.style.setProperty("--colour", css(c[i]));
    });
    [p.toFixed(2), lambda.toFixed(2), String(L)].forEach((text, i) => {
      const output = sliders[i].parentElement?.querySelector("output");
      if (output) output.textContent = text;
    });
    const rare = v[0] > v[1] ? 0 : 1, name = (/** @type {Chroma} */ each) => (each === c[0] ? "A" : "B");
    status.textContent =
      `${"AB"[rare]} weighs ${(v[rare] / v[1 - rare]).toFixed(2)} times as much as ${"BA"[rare]}. ` +
      `The mean is ${words(mean)}, the weighted mean ${words(pulled)}; the mode is ${name(mode)} ` +
      `${words(mode)}, the first sample ${name(samples[0])} ${words(samples[0])}.`;
  }

  movable(stage, handles.map((element, i) => ({
    element,
    put(x, y) { wanted[i] = unitsAt(x, y); redraw(); },
    nudge(right, up) {
      const [a, b] = shown()[i];
      wanted[i] = [a + right, b + up];
      redraw();
    },
  })));
  for (const slider of sliders) slider.addEventListener("input", redraw);
  root.querySelector("button")?.addEventListener("click", () => { seed += 1; redraw(); });
  redraw();
}
