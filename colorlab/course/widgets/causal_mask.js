// Whose colours may tell a pixel something: what axial attention's masks and shifts let through.

import { movable } from "./plane.js";

/** @typedef {[number, number]} Place row and column */

/** Whether what a pixel is told depends on the colour at (v, u): the rules of the masks.
 * @param {string} part "rows" and "columns" are one layer each, "outer" and "inner" a decoder
 * @param {boolean} shifted down by a row, or right by a column @param {Place} pixel @param {Place} of */
export function reaches(part, shifted, [y, x], [v, u]) {
  const last = shifted ? y - 1 : y; // of the rows that the outer decoder knows
  const left = v === y && u <= (shifted ? x - 1 : x);
  if (part === "rows") return v === last;
  if (part === "columns") return u === x && v <= last;
  if (part === "outer") return v <= last;
  return part === "inner" ? left : v <= last || left;
}

/** @typedef {{side: number, at: Place, bins: number[]}} Start coarse colours, 64 r + 8 g + b */

/** @param {HTMLElement} root @param {Start} data */
export function causalMask(root, data) {
  const stage = /** @type {HTMLElement} */ (root.querySelector(".stage"));
  const handle = /** @type {HTMLElement} */ (root.querySelector(".handle"));
  const status = /** @type {HTMLElement} */ (root.querySelector(".status"));
  const part = /** @type {HTMLSelectElement} */ (root.querySelector("select"));
  const shifted = /** @type {HTMLInputElement} */ (root.querySelector("input"));
  const ctx = /** @type {CanvasRenderingContext2D} */ (root.querySelector("canvas")?.getContext("2d"));
  const { side, bins } = data, cell = ctx.canvas.width / side;
  let [y, x] = data.at;

  /** @param {number} u @param {number} v @param {string} ink @param {number} width */
  function cross(u, v, ink, width) {
    const [left, top] = [(u + 0.3) * cell, (v + 0.3) * cell], size = 0.4 * cell;
    ctx.strokeStyle = ink;
    ctx.lineWidth = width;
    ctx.beginPath();
    for (const down of [0, size]) {
      ctx.moveTo(left, top + down);
      ctx.lineTo(left + size, top + size - down);
    }
    ctx.stroke();
  }

  function redraw() {
    let told = 0, early = 0;
    bins.forEach((bin, i) => {
      const [v, u] = [Math.floor(i / side), i % side];
      const rgb = [bin >> 6, (bin >> 3) & 7, bin & 7].map((value) => 32 * value + 16);
      const grey = Math.round(0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]);
      const known = reaches(part.value, shifted.checked, [y, x], [v, u]), later = i >= y * side + x;
      ctx.fillStyle = known ? `rgb(${rgb})` : `rgb(${grey}, ${grey}, ${grey})`;
      ctx.fillRect(u * cell, v * cell, cell, cell);
      if (!known) return;
      told += 1;
      early += Number(later);
      if (later) {
        cross(u, v, "#222", 7);
        cross(u, v, "#ffc285", 3);
      } else {
        ctx.beginPath();
        ctx.arc((u + 0.5) * cell, (v + 0.5) * cell, cell / 8, 0, 7);
        ctx.fillStyle = "#fff";
        ctx.strokeStyle = "#222";
        ctx.lineWidth = 2;
        ctx.stroke();
        ctx.fill();
      }
    });
    for (const [ink, width] of /** @type {[string, number][]} */ ([["#fff", 6], ["#222", 2]])) {
      ctx.strokeStyle = ink; // what is drawn is above this line
      ctx.lineWidth = width;
      ctx.beginPath();
      for (const [u, v] of [[0, y + 1], [x, y + 1], [x, y], [side, y]]) ctx.lineTo(u * cell, v * cell);
      ctx.stroke();
    }
    handle.style.left = `${(100 * (x + 0.5)) / side}%`;
    handle.style.top = `${(100 * (y + 0.5)) / side}%`;
    handle.setAttribute("aria-valuenow", String(y * side + x));
    handle.setAttribute("aria-valuetext", `row ${y}, column ${x}`);
    const drawn = y * side + x, own = reaches(part.value, shifted.checked, [y, x], [y, x]);
    let words = `Row ${y}, column ${x}: ${drawn} pixels are drawn before it. `;
    if (early) {
      words += `It is told of ${told} colours, and ${early} of them are not known yet` +
        `${own ? ", its own among them" : ""}: trained so, it would copy what it will not know when it draws.`;
    } else if (told < drawn) words += `It is told of ${told}, and of none that isn't known.`;
    else words += "It is told of all of them, and of no other.";
    status.textContent = words;
  }

  const within = (/** @type {number} */ at) => Math.min(side - 1, Math.max(0, at));
  movable(stage, [{
    element: handle,
    put(across, down) { [y, x] = [Math.floor(down * side), Math.floor(across * side)]; redraw(); },
    nudge(right, up) { [y, x] = [within(y - up), within(x + right)]; redraw(); },
  }]);
  for (const control of [part, shifted]) control.addEventListener("change", redraw);
  redraw();
}
