// A colour in L*a*b*, what sRGB makes of it, how far it is from another, and where a photo's pixels lie.

import { deltaE2000, inGamut, labToRgb, reduceToGamut, rgbToLab } from "./lab.js";
import { drawSlice, line, movable, place, settle, unitsAt, within } from "./plane.js";

/**
 * @typedef {Object} Start
 * @property {[number, number, number]} pinned L*a*b*
 * @property {[number, number]} at the first pixel, column and row
 * @property {number} reach how many pixels to each side of a picked one are its neighbours
 */

/** @param {HTMLElement} root @param {Start} data */
export function abPicker(root, data) {
  const [plane, photo] = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".stage")]);
  const [ring, square] = /** @type {HTMLElement[]} */ ([...root.querySelectorAll(".handle")]);
  const sliders = [...root.querySelectorAll("input")];
  const ctx = /** @type {CanvasRenderingContext2D} */ (root.querySelector("canvas")?.getContext("2d"));
  const status = /** @type {HTMLElement} */ (root.querySelector(".status"));
  const swatches = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(".swatches > *"));
  /** @type {[number, number, number]} */
  let colour = [60, 0, 0];
  let pinned = data.pinned, [x, y] = data.at;
  /** @type {ImageData | undefined} */
  let pixels;
  /** @type {[number, number, number][]} the sRGB of the pixels around the picked one */
  let near = [];
  let slice = -1; // the L* that the background has
  const background = document.createElement("canvas");
  background.width = background.height = ctx.canvas.width;

  const whole = (/** @type {number[]} */ values) => values.map((value) => Math.round(value) || 0);
  const chroma = (/** @type {number[]} */ [, a, b]) => Math.hypot(a, b);
  const css = (/** @type {number[]} */ rgb) => `rgb(${rgb})`;

  function drawPlane() {
    if (slice !== colour[0]) {
      const behind = background.getContext("2d");
      if (behind) drawSlice(behind, (slice = colour[0]));
    }
    ctx.drawImage(background, 0, 0);
    for (const rgb of near) {
      const [, a, b] = rgbToLab(rgb);
      ctx.beginPath();
      ctx.arc(place(a), place(-b), 3.5, 0, 7);
      ctx.fillStyle = css(rgb);
      ctx.fill();
      ctx.lineWidth = 1;
      ctx.strokeStyle = "#222";
      ctx.stroke();
    }
    const [L, a, b] = pinned;
    const circle = /** @type {[number, number][]} */ ([]), seen = /** @type {[number, number][]} */ ([]);
    for (let i = 0; i <= 72; i++) {
      const toA = Math.cos((i * Math.PI) / 36), toB = Math.sin((i * Math.PI) / 36);
      circle.push([a + 10 * toA, b + 10 * toB]);
      let far = 0; // the largest step that looks like less than 10, by halving
      for (let step = 64; step > 0.1; step /= 2) {
        const further = far + step;
        if (deltaE2000(pinned, [L, a + further * toA, b + further * toB]) < 10) far = further;
      }
      seen.push([a + far * toA, b + far * toB]);
    }
    line(ctx, circle);
    line(ctx, seen, [6, 5]);
    const [, shownA, shownB] = reduceToGamut(colour);
    if (!inGamut(colour)) line(ctx, [[colour[1], colour[2]], [shownA, shownB]], [2, 4]);
  }

  /** How far the neighbours' chroma is from the picked pixel's: the middle one of the distances. */
  function spread() {
    const [, a, b] = rgbToLab(near[(near.length - 1) / 2]);
    const apart = near.map((rgb) => {
      const [, nextA, nextB] = rgbToLab(rgb);
      return Math.hypot(nextA - a, nextB - b);
    });
    return apart.sort((one, two) => one - two)[(near.length - 1) / 2];
  }

  function redraw() {
    drawPlane();
    settle(ring, colour[1], colour[2]);
    const fitting = inGamut(colour), shown = reduceToGamut(colour), rgb = labToRgb(shown);
    ring.style.setProperty("--colour", css(rgb));
    sliders.forEach((slider, i) => {
      slider.value = String(colour[i]);
      const output = slider.parentElement?.querySelector("output");
      if (output) output.textContent = String(Math.round(colour[i]) || 0).replace("-", "−");
    });
    [colour, pinned].forEach((lab, i) => {
      const made = labToRgb(reduceToGamut(lab));
      swatches[i].style.setProperty("--colour", css(made));
      const hex = made.map((value) => value.toString(16).padStart(2, "0")).join("");
      const cells = whole([...lab, chroma(lab)]).map((value) => `${value}`.replace("-", "−"));
      root.querySelectorAll("tbody tr")[i].innerHTML =
        `<th scope="row">${i ? "pinned" : "this"}</th>` + [...cells, `#${hex}`].map((cell) => `<td>${cell}</td>`).join("");
    });
    const e76 = Math.hypot(...colour.map((value, i) => value - pinned[i]));
    const e2000 = deltaE2000(colour, pinned);
    let words = `To the pinned colour ΔE76 is ${e76.toFixed(1)}, ΔE2000 ${e2000.toFixed(1)}. `;
    if (fitting) words += `In sRGB it is (${rgb.join(", ")}).`;
    else {
      const cut = labToRgb(colour);
      words += `sRGB can't show it: the swatch has C* ${Math.round(chroma(shown))} in place of ` +
        `${Math.round(chroma(colour))}, at the same L* and hue. Cut channel by channel it would be ` +
        `(${cut.join(", ")}), with L* ${Math.round(rgbToLab(cut)[0])}.`;
    }
    if (near.length) {
      words += ` Half of the picked pixel's neighbours are within ${spread().toFixed(1)} of it in ` +
        "the plane.";
    }
    status.textContent = words;
  }

  function pick() {
    if (!pixels) return;
    const { width, height, data: rgba } = pixels;
    x = Math.min(width - 1, Math.max(0, x));
    y = Math.min(height - 1, Math.max(0, y));
    near = [];
    const edge = (/** @type {number} */ at, /** @type {number} */ size) =>
      Math.min(size - 1, Math.max(0, at));
    for (let v = y - data.reach; v <= y + data.reach; v++) {
      for (let u = x - data.reach; u <= x + data.reach; u++) {
        const i = 4 * (edge(v, height) * width + edge(u, width));
        near.push([rgba[i], rgba[i + 1], rgba[i + 2]]);
      }
    }
    const middle = near[(near.length - 1) / 2];
    colour = rgbToLab(middle);
    square.style.left = `${(100 * (x + 0.5)) / width}%`;
    square.style.top = `${(100 * (y + 0.5)) / height}%`;
    square.setAttribute("aria-valuenow", String(x));
    square.setAttribute("aria-valuetext", `column ${x}, row ${y}, sRGB ${middle.join(" ")}`);
    redraw();
  }

  movable(plane, [{
    element: ring,
    put(across, down) { colour = [colour[0], ...unitsAt(across, down)]; redraw(); },
    nudge(right, up) {
      colour = [colour[0], within(Math.round(colour[1]) + right), within(Math.round(colour[2]) + up)];
      redraw();
    },
  }]);
  movable(photo, [{
    element: square,
    put(across, down) {
      if (pixels) [x, y] = [Math.floor(across * pixels.width), Math.floor(down * pixels.height)];
      pick();
    },
    nudge(right, up) { [x, y] = [x + right, y - up]; pick(); },
  }]);
  for (const slider of sliders) {
    slider.addEventListener("input", () => {
      colour[sliders.indexOf(slider)] = Number(slider.value);
      redraw();
    });
  }
  root.querySelector("button")?.addEventListener("click", () => { pinned = [...colour]; redraw(); });
  redraw();
  const image = /** @type {HTMLImageElement} */ (root.querySelector("img"));
  image.decode().then(() => {
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    const into = canvas.getContext("2d");
    into?.drawImage(image, 0, 0);
    pixels = into?.getImageData(0, 0, canvas.width, canvas.height);
    pick();
  });
}
