// The a*b* plane at one L*, and marks that are moved on it, or on a photo, by pointer and keys.

import { encode, light3, outside, toLinear } from "./lab.js";

export const REACH = 112; // L*a*b* units from the middle to each edge; sRGB reaches to 108
const SIDE = 448;

/** Where a value of a*, or of -b*, lies on the canvas. @param {number} units */
export const place = (units) => SIDE / 2 + (units * SIDE) / (2 * REACH);

/** What sRGB shows at this L* in its own colours with a dark edge, grey outside, and the axes.
 * @param {CanvasRenderingContext2D} ctx @param {number} L */
export function drawSlice(ctx, L) {
  const image = ctx.createImageData(SIDE, SIDE), inside = new Uint8Array(SIDE * SIDE);
  const units = (/** @type {number} */ at) => ((at + 0.5) * 2 * REACH) / SIDE - REACH;
  const f = (L + 16) / 116;
  for (let y = 0, i = 0; y < SIDE; y++) {
    const z = Math.max(0, f + units(y) / 200);
    for (let x = 0; x < SIDE; x++, i++) {
      toLinear(f + units(x) / 500, f, z); // `inGamut` and `labToRgb`, without their arrays
      inside[i] = Number(outside() <= 1e-4);
      for (let k = 0; k < 3; k++) image.data[4 * i + k] = inside[i] ? encode(light3[k]) : 119;
      image.data[4 * i + 3] = 255;
    }
  }
  for (let i = SIDE; i < SIDE * (SIDE - 1); i++) {
    if (inside[i]) continue;
    const near = inside[i - 1] || inside[i + 1] || inside[i - SIDE] || inside[i + SIDE];
    if (near) image.data.fill(34, 4 * i, 4 * i + 3);
  }
  ctx.putImageData(image, 0, 0);
  ctx.strokeStyle = "#0005";
  ctx.lineWidth = 1;
  ctx.strokeRect(-1, place(0), SIDE + 2, 0);
  ctx.strokeRect(place(0), -1, 0, SIDE + 2);
  write(ctx, "a*", REACH - 12, 4);
  write(ctx, "b*", 3, REACH - 10);
  for (const at of [-50, 50]) {
    write(ctx, String(at).replace("-", "−"), at - 6, -11);
    write(ctx, String(at).replace("-", "−"), 3, at - 3);
  }
}

/** White words with a dark edge, their lower left at (a, b).
 * @param {CanvasRenderingContext2D} ctx @param {string} words @param {number} a @param {number} b */
export function write(ctx, words, a, b) {
  ctx.font = "600 16px system-ui, sans-serif";
  ctx.lineJoin = "round";
  ctx.lineWidth = 4;
  ctx.strokeStyle = "#222";
  ctx.strokeText(words, place(a), place(-b));
  ctx.fillStyle = "#fff";
  ctx.fillText(words, place(a), place(-b));
}

/** A line through points (a, b), dark between two white ones.
 * @param {CanvasRenderingContext2D} ctx @param {[number, number][]} points @param {number[]} dash */
export function line(ctx, points, dash = []) {
  ctx.setLineDash(dash);
  for (const [ink, width] of /** @type {[string, number][]} */ ([["#fff", 4], ["#222", 1.5]])) {
    ctx.strokeStyle = ink;
    ctx.lineWidth = width;
    ctx.beginPath();
    for (const [a, b] of points) ctx.lineTo(place(a), place(-b));
    ctx.stroke();
  }
  ctx.setLineDash([]);
}

/** Corners of the marks, in pixels of the canvas from the middle. */
const SHAPES = {
  circle: Array.from({ length: 25 }, (_, i) =>
    [9 * Math.cos((i * Math.PI) / 12), 9 * Math.sin((i * Math.PI) / 12)]),
  diamond: [[0, -12], [12, 0], [0, 12], [-12, 0], [0, -12]],
  square: [[-15, -15], [15, -15], [15, 15], [-15, 15], [-15, -15]],
  triangle: [[0, -24], [21, 14], [-21, 14], [0, -24]],
};

/** @param {CanvasRenderingContext2D} ctx @param {keyof typeof SHAPES} shape
 * @param {[number, number]} at */
export function mark(ctx, shape, [a, b]) {
  const unit = (2 * REACH) / SIDE;
  line(ctx, SHAPES[shape].map(([x, y]) => [a + x * unit, b - y * unit]));
}

/**
 * @typedef {Object} Handle
 * @property {HTMLElement} element
 * @property {(x: number, y: number) => void} put by pointer, in shares of the stage's width and
 *   height from the upper left
 * @property {(right: number, up: number) => void} nudge by arrow keys; ten steps with Shift
 */

/** Let handles be dragged on a stage, which the nearest one comes to where it is clicked, and be
 * moved by arrow keys. A finger that isn't on a handle scrolls the page.
 * @param {HTMLElement} stage @param {Handle[]} handles */
export function movable(stage, handles) {
  /** @type {Handle | null} */
  let held = null;
  const put = (/** @type {Handle} */ handle, /** @type {MouseEvent} */ { clientX, clientY }) => {
    const box = stage.getBoundingClientRect();
    const share = (/** @type {number} */ at) => Math.min(1 - 1e-9, Math.max(0, at));
    handle.put(share((clientX - box.left) / box.width), share((clientY - box.top) / box.height));
  };
  const nearest = (/** @type {MouseEvent} */ event) => {
    const away = (/** @type {Handle} */ { element }) => {
      const box = element.getBoundingClientRect();
      const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
      return Math.hypot(event.clientX - x, event.clientY - y);
    };
    return handles.reduce((best, each) => (away(each) < away(best) ? each : best));
  };
  stage.addEventListener("pointerdown", (event) => {
    const on = handles.find(({ element }) => element === event.target);
    if (event.button || (event.pointerType === "touch" && !on)) return;
    event.preventDefault(); // no text is selected on the way
    held = on ?? nearest(event);
    held.element.focus({ preventScroll: true });
    stage.setPointerCapture(event.pointerId);
    if (!on) put(held, event);
  });
  stage.addEventListener("pointermove", (event) => held && put(held, event));
  for (const end of ["pointerup", "pointercancel"]) {
    stage.addEventListener(end, () => setTimeout(() => (held = null)));
  }
  stage.addEventListener("click", (event) => held || put(nearest(event), event)); // a finger's tap
  for (const { element, nudge } of handles) {
    element.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!way) return;
      event.preventDefault();
      const step = event.shiftKey ? 10 : 1;
      nudge(step * way[0], step * way[1]);
    });
  }
}

/** Put a handle at (a, b), and tell screen readers.
 * @param {HTMLElement} handle @param {number} a @param {number} b */
export function settle(handle, a, b) {
  handle.style.left = `${50 + (50 * a) / REACH}%`;
  handle.style.top = `${50 - (50 * b) / REACH}%`;
  handle.setAttribute("aria-valuenow", String(Math.round(a)));
  handle.setAttribute("aria-valuetext", `a* ${Math.round(a)}, b* ${Math.round(b)}`);
}

/** The (a, b) of a place on the stage, whole units. @type {(x: number, y: number) => [number, number]} */
export const unitsAt = (x, y) =>
  [Math.round((2 * x - 1) * REACH), Math.round((1 - 2 * y) * REACH)];

/** @param {number} units */
export const within = (units) => Math.min(REACH, Math.max(-REACH, units));
