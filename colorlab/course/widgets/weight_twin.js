// The weight sliders on a page without a kernel. The table has cells of two by two L*a*b* units;
// `weight_twin` of weight_widget.py writes it and says how.
(function (data) {
  "use strict";
  const root = document.querySelector(".colorlab-twin:not([data-alive])");
  if (!root) return;
  root.dataset.alive = "yes";

  const GRID = 128, OCTAVES = 4, SCALE = 4, DOT = 3;
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const shorts = (text) => new Uint16Array(bytes(text).buffer);
  const bit = (mask, i) => (mask[i >> 3] >> (7 - (i & 7))) & 1;

  // cellAt: place in the 128 x 128 grid -> index of a stored cell, or -1
  const present = bytes(data.present), gamut = bytes(data.gamut), codes = shorts(data.codes);
  const cellAt = new Int32Array(GRID * GRID).fill(-1);
  let count = 0;
  for (let i = 0; i < GRID * GRID; i++) if (bit(present, i)) cellAt[i] = count++;
  const p = Float64Array.from(codes, (c) => (c ? 2 ** (((c - 1) / 65534 - 1) * data.octaves) : 0));
  const empty = GRID * GRID - p.filter((x) => x > 0).length;
  const insideGamut = new Uint8Array(count);
  cellAt.forEach((cell, i) => { if (cell >= 0) insideGamut[cell] = bit(gamut, i); });

  const pixels = shorts(data.pixels).map((i) => cellAt[i]); // photo, row by row -> cell
  const squared = Float64Array.from(shorts(data.pixels), (i) => {
    const a = 2 * (i >> 7) - 127.5, b = 2 * (i & 127) - 127.5; // the cell's centre
    return a * a + b * b;
  });
  const width = data.width, height = pixels.length / width;
  const lut = bytes(data.colors);

  // Eq. 3; with lambda = 0 an empty cell would be divided by.
  function weights(lambda) {
    const v = p.map((x) => 1 / ((1 - lambda) * x * GRID * GRID + lambda));
    let mean = 0;
    v.forEach((x, i) => { if (p[i]) mean += p[i] * x; });
    return v.map((x) => x / mean);
  }

  function color(v) {
    const place = Math.floor((Math.log2(v) / (2 * OCTAVES) + 0.5) * 256);
    return 3 * Math.min(255, Math.max(0, place));
  }

  function paint(image, x, y, size, at) {
    for (let row = y; row < y + size; row++) {
      for (let i = 4 * (row * image.width + x), n = size; n > 0; n--, i += 4) {
        for (let k = 0; k < 3; k++) image.data[i + k] = lut[at + k];
        image.data[i + 3] = 255;
      }
    }
  }

  const plane = root.querySelector(".plane"), low = data.low, side = -low; // cells a side
  const first = (low + GRID) / 2;
  function drawPlane(v) {
    const ctx = plane.getContext("2d");
    const image = ctx.createImageData(plane.width, plane.height);
    const at = (col, row) => { // column: a*; row: b*, from the top
      if (col >= side || row >= side) return -1;
      const cell = cellAt[(first + col) * GRID + first + side - 1 - row];
      return cell >= 0 && insideGamut[cell] ? cell : -1;
    };
    const lines = [];
    for (let row = 0; row < side; row++) {
      for (let col = 0; col < side; col++) {
        const cell = at(col, row);
        if (cell < 0) continue;
        paint(image, col * SCALE, row * SCALE, SCALE, color(v[cell]));
        const right = at(col + 1, row), below = at(col, row + 1), up = v[cell] > 1;
        if (right >= 0 && v[right] > 1 !== up) lines.push([col + 1, row, 0]);
        if (below >= 0 && v[below] > 1 !== up) lines.push([col, row + 1, 1]);
      }
    }
    ctx.putImageData(image, 0, 0);
    ctx.fillStyle = "#222";
    for (const [col, row, flat] of lines) {
      ctx.fillRect(col * SCALE - 1, row * SCALE - 1, flat ? SCALE + 2 : 2, flat ? 2 : SCALE + 2);
    }
  }

  const photo = root.querySelector(".photo");
  photo.width = width * DOT;
  photo.height = height * DOT;
  function drawPhoto(v) {
    const ctx = photo.getContext("2d");
    const image = ctx.createImageData(photo.width, photo.height);
    const dots = [];
    pixels.forEach((cell, i) => {
      const x = i % width, y = Math.floor(i / width);
      paint(image, x * DOT, y * DOT, DOT, color(v[cell]));
      if (v[cell] > 1 && x % 3 === 1 && y % 3 === 1) dots.push([x * DOT, y * DOT]);
    });
    ctx.putImageData(image, 0, 0);
    ctx.fillStyle = "#222";
    for (const [x, y] of dots) ctx.fillRect(x, y, 2, 2);
  }

  const percent = (x) => (100 * x).toFixed(1) + "%";
  function describe(v) {
    let lowest = Infinity, highest = 0, up = 0, rare = 0, loss = 0, rareLoss = 0, plain = 0, rarePlain = 0;
    v.forEach((x, i) => {
      if (insideGamut[i]) { lowest = Math.min(lowest, x); highest = Math.max(highest, x); }
    });
    pixels.forEach((cell, i) => {
      const isRare = codes[cell] <= data.rare;
      up += v[cell] > 1;
      rare += isRare;
      loss += v[cell] * squared[i];
      plain += squared[i];
      if (isRare) { rareLoss += v[cell] * squared[i]; rarePlain += squared[i]; }
    });
    return "Weights inside the sRGB gamut go from " + lowest.toPrecision(3) + " to " +
      highest.toPrecision(3) + "; " + percent(up / pixels.length) + " of the photo's pixels weigh " +
      "more than 1. Rare colours (those that make up the rarest tenth of the prior) are " +
      percent(rare / pixels.length) + " of its pixels. They carry " + percent(rareLoss / loss) +
      " of the loss of a grey answer; if all pixels weighed the same (λ = 1) it would be " +
      percent(rarePlain / plain) + ".";
  }

  const input = root.querySelector("input"), status = root.querySelector(".status");
  function redraw() {
    const lambda = Number(input.value), text = lambda.toFixed(2);
    root.querySelector("output").textContent = text;
    input.setAttribute("aria-valuetext", "lambda " + text);
    const refused = lambda === 0 && empty > 0;
    root.classList.toggle("refused", refused);
    if (refused) {
      status.textContent = "No weights: λ = 0 gives " + empty + " of " + GRID * GRID + " cells an " +
        "infinite weight, because no pixel fell in or near them; take a larger λ.";
      return;
    }
    const v = weights(lambda);
    drawPlane(v);
    drawPhoto(v);
    status.textContent = describe(v);
  }

  const ramp = root.querySelector(".ramp").getContext("2d");
  const strip = ramp.createImageData(256, 1);
  for (let i = 0; i < 256; i++) paint(strip, i, 0, 1, 3 * i);
  ramp.putImageData(strip, 0, 0);
  input.addEventListener("input", redraw);
  redraw();
})
