// Strokes and the hints they are made of, with colours by name. A plain script: it stands before
// strokes_canvas.js, which draws them.

/** @typedef {[number, number, number]} Rgb sRGB in 0..255 */
/** @typedef {{ points: [number, number][], radius: number, rgb: Rgb | null }} Stroke
 *  In pixels of the photo, whose first one's middle is (0, 0); the colour null says "no colour here". */
/** @typedef {{ x: number, y: number, radius: number, rgb: Rgb }} Disc */

/** Discs along each stroke, one a radius apart: what `colorlab colorize --hints` reads.
 * @param {Stroke[]} strokes @returns {Disc[]} */
function hintsOf(strokes) {
  const tenth = (/** @type {number} */ value) => Math.round(value * 10) / 10;
  return strokes.flatMap(({ points, radius, rgb }) => {
    const places = [points[0]];
    points.slice(1).forEach(([x1, y1], k) => {
      const [x0, y0] = points[k];
      // A fifth less, so that rounded discs give themselves again.
      const steps = Math.max(1, Math.ceil(Math.hypot(x1 - x0, y1 - y0) / Math.max(radius, 1) - 0.2));
      for (let t = 1; t <= steps; t++) {
        places.push([x0 + (t / steps) * (x1 - x0), y0 + (t / steps) * (y1 - y0)]);
      }
    });
    const colour = /** @type {Rgb} */ (rgb ?? [128, 128, 128]);
    return places.map(([x, y]) => ({ x: tenth(x), y: tenth(y), radius: tenth(radius), rgb: colour }));
  });
}

/** Strokes from the hints of a file: neighbours in the list that touch are one. Throws an Error
 * with words for a person where they are none.
 * @param {unknown} hints @returns {Stroke[]} */
function strokesOf(hints) {
  if (!Array.isArray(hints)) throw new Error("it holds no list of hints");
  /** @type {Stroke[]} */
  const strokes = [];
  hints.forEach((hint, k) => {
    const { x, y, radius = 3, rgb = hint?.ab && rgbOf(hint.ab) } = hint ?? {};
    const colour = Array.isArray(rgb) && rgb.length === 3 && rgb.every((v) => v >= 0 && v <= 255);
    if (![x, y, radius].every(Number.isFinite) || radius < 0 || !colour) {
      throw new Error(`hint ${k + 1} lacks x, y, radius or a colour`);
    }
    const [r, g, b] = rgb;
    const told = /** @type {Rgb | null} */ (r === g && g === b ? null : [r, g, b]);
    const last = strokes.at(-1);
    const [x0, y0] = last?.points.at(-1) ?? [0, 0];
    const goesOn = last && last.radius === radius && String(last.rgb) === String(told)
      && Math.hypot(x - x0, y - y0) <= 1.2 * Math.max(radius, 1);
    if (goesOn) last.points.push([x, y]);
    else strokes.push({ points: [[x, y]], radius, rgb: told });
  });
  return strokes;
}

/** sRGB of CIE a*, b* at the lightness 60, cut to its gamut.
 * @param {[number, number]} ab @returns {Rgb} */
function rgbOf([a, b]) {
  const fy = (60 + 16) / 116;
  const [x, y, z] = [fy + a / 500, fy, fy - b / 200].map((f, k) =>
    [0.95047, 1, 1.08883][k] * (f > 6 / 29 ? f ** 3 : (f - 4 / 29) * 3 * (6 / 29) ** 2));
  const mix = [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.204, 1.057]];
  return /** @type {Rgb} */ (mix.map(([p, q, r]) => {
    const linear = Math.min(1, Math.max(0, p * x + q * y + r * z));
    return Math.round(255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055));
  }));
}

/** A number kept in 0..most. @param {number} value @param {number} most */
const limit = (value, most) => Math.min(most, Math.max(0, value));

/** The colour of a picture around (x, y), a mean of 3 x 3 pixels.
 * @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @returns {Rgb} */
function meanColour(context, x, y) {
  const { width, height } = context.canvas;
  const { data } = context.getImageData(limit(x - 1, width - 3), limit(y - 1, height - 3), 3, 3);
  const sum = [0, 0, 0];
  data.forEach((value, k) => { if (k % 4 < 3) sum[k % 4] += value; });
  return /** @type {Rgb} */ (sum.map((value) => Math.round(value / 9)));
}

/** A line through points, or a dot. @param {CanvasRenderingContext2D} pen @param {Stroke} stroke
 * @param {number} scale of the canvas to the photo @param {number} width @param {string} style */
function drawLine(pen, stroke, scale, width, style) {
  pen.strokeStyle = style;
  pen.lineWidth = width;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  const [[x0, y0]] = stroke.points;
  pen.moveTo((x0 + 0.5) * scale, (y0 + 0.5) * scale - 0.01); // a single point is drawn too
  for (const [x, y] of stroke.points) pen.lineTo((x + 0.5) * scale, (y + 0.5) * scale);
  pen.stroke();
}

/** A colour's name for those who don't see it. @param {Rgb} rgb */
function nameOf([r, g, b]) {
  const most = Math.max(r, g, b), range = most - Math.min(r, g, b);
  if (range < 12) return "grey";
  const turn = most === r ? (g - b) / range : most === g ? 2 + (b - r) / range : 4 + (r - g) / range;
  const hue = (60 * turn + 360) % 360;
  const ends = [15, 45, 70, 165, 200, 260, 290, 340, 361];
  const names = ["red", "orange", "yellow", "green", "cyan", "blue", "violet", "pink", "red"];
  const name = names[ends.findIndex((end) => hue < end)];
  if (name === "orange" && most < 170) return "brown";
  return (range < 50 ? "pale " : most < 110 ? "dark " : "") + name;
}

/** For a style sheet; no colour is grey. @param {Rgb | null} rgb */
const hexOf = (rgb) => `#${(rgb ?? [119, 119, 119])
  .map((value) => Math.round(value).toString(16).padStart(2, "0")).join("")}`;
