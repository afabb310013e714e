// The pixel's mind: `pixel_twin` of pixel_widget.py writes the data, and says how.

import { LINEAR, labToRgb, root } from "./lab.js";

/** @param {HTMLElement} section @param {any} data */
export function pixelTwin(section, data) {
  const part = (/** @type {string} */ name) => /** @type {any} */ (section.querySelector(name));

  const bytes = (/** @type {string} */ text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const { rows, columns, kept, width, height } = data;
  const numbers = new Uint16Array(bytes(data.numbers).buffer);
  const logits = Float32Array.from(bytes(data.steps), (step) => (-step * data.range) / 255);
  const truth = new Int8Array(bytes(data.truth).buffer);
  const centres = new Int8Array(bytes(data.centres).buffer);
  const prior = new Float32Array(bytes(data.prior).buffer);

  const lightness = LINEAR.map((y) => 116 * root(y) - 16); // of a grey level

  /** The shares of a cell's classes, at a temperature, weighted. */
  function shares(/** @type {number} */ cell, /** @type {number} */ t, /** @type {Float32Array} */ w) {
    const start = cell * kept, z = new Float32Array(kept);
    let top = -Infinity, sum = 0;
    for (let i = 0; i < kept; i++) {
      z[i] = (logits[start + i] + w[numbers[start + i]]) / Math.max(t, 1e-3);
      top = Math.max(top, z[i]);
    }
    for (let i = 0; i < kept; i++) sum += z[i] = Math.exp(z[i] - top);
    return z.map((share) => share / sum);
  }

  /** @returns {[number, number]} the mean colour of shares */
  function mean(/** @type {number} */ cell, /** @type {Float32Array} */ p) {
    let a = 0, b = 0;
    for (let i = 0; i < kept; i++) {
      const q = 2 * numbers[cell * kept + i];
      a += p[i] * centres[q];
      b += p[i] * centres[q + 1];
    }
    return [a, b];
  }

  const [temperature, lambda] = section.querySelectorAll("input");
  const photo = part(".photo"), plane = part(".plane"), status = part(".status");
  photo.width = width;
  photo.height = height;
  /** @type {Uint8ClampedArray | undefined} */
  let grey;
  let x = Math.floor(data.at[0] * columns), y = Math.floor(data.at[1] * rows);

  /** The logarithms of the class weights, Eq. 3 on 313 classes. */
  function weights() {
    const lam = Number(lambda.value);
    return prior.map((p) => -Math.log((1 - lam) * p * prior.length + lam));
  }

  function drawPhoto() {
    if (!grey) return;
    const w = weights(), t = Number(temperature.value);
    const small = new Float32Array(2 * rows * columns);
    for (let cell = 0; cell < rows * columns; cell++) small.set(mean(cell, shares(cell, t, w)), 2 * cell);
    const ctx = photo.getContext("2d"), image = ctx.createImageData(width, height);
    for (let v = 0, i = 0; v < height; v++) {
      const fy = Math.min(rows - 1, Math.max(0, ((v + 0.5) * rows) / height - 0.5));
      const top = Math.floor(fy), down = fy - top, below = Math.min(rows - 1, top + 1);
      for (let u = 0; u < width; u++, i += 4) {
        const fx = Math.min(columns - 1, Math.max(0, ((u + 0.5) * columns) / width - 0.5));
        const left = Math.floor(fx), right = Math.min(columns - 1, left + 1), over = fx - left;
        const at = (/** @type {number} */ k) =>
          (1 - down) * ((1 - over) * small[2 * (top * columns + left) + k] +
            over * small[2 * (top * columns + right) + k]) +
          down * ((1 - over) * small[2 * (below * columns + left) + k] +
            over * small[2 * (below * columns + right) + k]);
        image.data.set([...labToRgb([lightness[grey[i]], at(0), at(1)]), 255], i);
      }
    }
    ctx.putImageData(image, 0, 0);
    const size = width / columns;
    ctx.lineWidth = 2;
    for (const [ink, more] of /** @type {[string, number][]} */ ([["#000", 3], ["#fff", 1]])) {
      ctx.strokeStyle = ink;
      ctx.strokeRect(x * size - more, y * size - more, size + 2 * more, size + 2 * more);
    }
  }

  const SIDE = 448, place = (/** @type {number} */ units) => SIDE / 2 + 2.5 * units;
  function drawPlane() {
    const cell = y * columns + x, w = weights(), ctx = plane.getContext("2d");
    const p = shares(cell, 1, w), annealed = shares(cell, Number(temperature.value), w);
    const L = grey
      ? lightness[grey[4 * (Math.floor(((y + 0.5) * height) / rows) * width +
          Math.floor(((x + 0.5) * width) / columns))]]
      : 60;
    ctx.fillStyle = "#777";
    ctx.fillRect(0, 0, SIDE, SIDE);
    ctx.strokeStyle = "#999";
    ctx.lineWidth = 1;
    ctx.strokeRect(-1, place(0), SIDE + 2, 0);
    ctx.strokeRect(place(0), -1, 0, SIDE + 2);
    ctx.font = "16px system-ui, sans-serif";
    ctx.fillStyle = "#fff";
    ctx.fillText("a*", SIDE - 24, place(0) - 6);
    ctx.fillText("b*", place(0) + 6, 18);
    for (const units of [-50, 50]) {
      ctx.fillText(String(units), place(units) - 10, place(0) + 18);
      ctx.fillText(String(units), place(0) + 6, place(-units) + 5);
    }
    let likeliest = 0;
    for (let i = 0; i < kept; i++) {
      const q = 2 * numbers[cell * kept + i], a = centres[q], b = centres[q + 1];
      if (p[i] > p[likeliest]) likeliest = i;
      ctx.beginPath();
      ctx.arc(place(a), place(-b), 3 + 42 * Math.sqrt(p[i]), 0, 7);
      ctx.fillStyle = `rgb(${labToRgb([L, a, b])})`;
      ctx.fill();
      ctx.strokeStyle = "#444";
      ctx.stroke();
    }
    const q = 2 * numbers[cell * kept + likeliest];
    const marks = {
      mean: mean(cell, p),
      "annealed mean": mean(cell, annealed),
      mode: [centres[q], centres[q + 1]],
      truth: [truth[2 * cell], truth[2 * cell + 1]],
    };
    for (const [name, [a, b]] of Object.entries(marks)) {
      for (const [ink, line] of /** @type {[string, number][]} */ ([["#fff", 5], ["#000", 2]])) {
        ctx.strokeStyle = ink;
        ctx.lineWidth = line;
        ctx.beginPath();
        const u = place(a), v = place(-b);
        if (name === "mean") ctx.arc(u, v, 8, 0, 7);
        else if (name === "mode") ctx.rect(u - 8, v - 8, 16, 16);
        else if (name === "truth") {
          ctx.moveTo(u - 8, v - 8); ctx.lineTo(u + 8, v + 8);
          ctx.moveTo(u + 8, v - 8); ctx.lineTo(u - 8, v + 8);
        } else {
          ctx.moveTo(u, v - 10); ctx.lineTo(u + 10, v); ctx.lineTo(u, v + 10);
          ctx.lineTo(u - 10, v); ctx.closePath();
        }
        ctx.stroke();
      }
    }
    const doubt = p.reduce((sum, share) => sum - (share ? share * Math.log2(share) : 0), 0);
    status.textContent = Object.entries(marks)
      .map(([name, [a, b]]) => `${name} (${Math.round(a)}, ${Math.round(b)})`)
      .join(", ") + `; the doubt is ${doubt.toFixed(1)} bits. The likeliest class has ` +
      `${Math.round(100 * p[likeliest])} %.`;
  }

  function redraw() {
    for (const input of [temperature, lambda]) {
      const text = Number(input.value).toFixed(2);
      const output = input.parentElement?.querySelector("output");
      if (output) output.textContent = text;
    }
    drawPhoto();
    drawPlane();
  }

  photo.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const box = photo.getBoundingClientRect();
    x = Math.min(columns - 1, Math.floor(((event.clientX - box.left) / box.width) * columns));
    y = Math.min(rows - 1, Math.floor(((event.clientY - box.top) / box.height) * rows));
    redraw();
  });
  photo.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = step[/** @type {keyof typeof step} */ (event.key)];
    if (!move) return;
    event.preventDefault();
    x = Math.min(columns - 1, Math.max(0, x + move[0]));
    y = Math.min(rows - 1, Math.max(0, y + move[1]));
    redraw();
  });
  for (const input of [temperature, lambda]) input.addEventListener("input", redraw);

  const image = new Image();
  image.onload = () => {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const ctx = canvas.getContext("2d");
    if (!ctx) return;
    ctx.drawImage(image, 0, 0, width, height);
    grey = ctx.getImageData(0, 0, width, height).data;
    redraw();
  };
  image.src = data.grey;
}
