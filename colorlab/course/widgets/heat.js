// How strong something is, as a colour: dark to bright, so that it reads in grey too.

/** Five colours of matplotlib's "inferno", at equal steps. */
const STOPS = [[0, 0, 4], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]];

/** The colour of a share. @param {number} share in 0..1, else cut @returns {[number, number, number]} */
export function heat(share) {
  const at = 4 * Math.min(1, Math.max(0, share)), low = Math.min(3, Math.floor(at));
  const mix = (/** @type {number} */ k) => STOPS[low][k] + (at - low) * (STOPS[low + 1][k] - STOPS[low][k]);
  return [mix(0), mix(1), mix(2)];
}

/**
 * A map over a grey picture, which is darkened: nothing where it is 0 or unknown (NaN).
 * @param {CanvasRenderingContext2D} ctx of a canvas that already has the picture
 * @param {ArrayLike<number>} map row by row, in shares of the strongest @param {number} wide
 * @param {boolean} [smooth] whether its cells are blended into each other
 */
export function overlay(ctx, map, wide, smooth = true) {
  const high = map.length / wide, small = document.createElement("canvas");
  small.width = wide;
  small.height = high;
  const pen = /** @type {CanvasRenderingContext2D} */ (small.getContext("2d"));
  const image = pen.createImageData(wide, high);
  for (let i = 0; i < map.length; i++) {
    const share = map[i] || 0;
    image.data.set([...heat(share), 235 * Math.min(1, 3 * share)], 4 * i);
  }
  pen.putImageData(image, 0, 0);
  const { width, height } = ctx.canvas;
  ctx.fillStyle = "#0006";
  ctx.fillRect(0, 0, width, height);
  ctx.imageSmoothingEnabled = smooth;
  ctx.drawImage(small, 0, 0, width, height);
  ctx.imageSmoothingEnabled = true;
}
