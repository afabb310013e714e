// A canvas on which colours are told: strokes over a photo, their tools, undo, and files.
// A plain script that needs strokes_hints.js before it, as in a widget's module or by <script src>.

/** @typedef {ImageBitmap | HTMLImageElement | HTMLCanvasElement} Picture */
/** @typedef {"draw" | "undo" | "redo" | "load" | "clear"} Change */
/** @typedef {{ onChange?: (strokes: Stroke[], kind: Change) => void,
 *    onPick?: (x: number, y: number) => void }} Hearers */

const STROKES_MARKUP = `
  <div class="tools" role="group" aria-label="Colour of the brush">
    <span class="palette"></span>
    <label class="button any">any<input type="color" aria-label="any colour"></label>
    <button type="button" data-act="grey" aria-pressed="false"><span class="swatch"></span>no
      colour here</button>
    <button type="button" data-act="pick" aria-pressed="false">eyedropper</button>
  </div>
  <div class="tools" role="group" aria-label="Brush and steps">
    <label class="size">brush <input type="range" min="0" max="100" value="45"><output></output></label>
    <button type="button" data-act="undo">undo</button>
    <button type="button" data-act="redo">redo</button>
    <button type="button" data-act="clear">clear</button>
  </div>
  <div class="desk">
    <div class="stage" tabindex="0" role="application" aria-roledescription="drawing surface"
      aria-label="The photo: draw on it. Arrow keys move the brush, Space or Enter draws.">
      <canvas class="picture"></canvas><canvas class="over"></canvas>
      <span class="working" hidden>working …</span>
    </div>
    <figure class="reference" hidden><canvas></canvas>
      <figcaption>Reference: touch it to take a colour.</figcaption></figure>
  </div>
  <p class="note" role="status"></p>
  <div class="tools">
    <label class="shown"><input type="checkbox" checked> show strokes</label>
    <button type="button" data-act="save">save strokes</button>
    <label class="button">load strokes…<input type="file" accept=".json" class="told"></label>
    <label class="button">reference photo…<input type="file" accept="image/*" class="other"></label>
    <details><summary>keys</summary><p>On the photo: arrow keys move the brush (with Shift faster),
      Space held down draws, Enter puts a dab, [ and ] change the size, Ctrl+Z takes back,
      Ctrl+Shift+Z does again, Escape gives up a stroke.</p></details>
  </div>`;

/** Build the canvas inside `root`. The host hears of every change, and of each place that is touched
 * or rested on, which `setPalette` may answer.
 * @param {HTMLElement} root @param {Hearers} [hearers] */
function strokesCanvas(root, { onChange = () => {}, onPick = () => {} } = {}) {
  root.classList.add("colorlab-strokes");
  root.dataset.lmSuppressShortcuts = "true"; // the keys are ours, not JupyterLab's
  root.innerHTML = STROKES_MARKUP;
  /** @type {(name: string) => any} */
  const $ = (name) => root.querySelector(name);
  /** @type {HTMLElement} */
  const stage = $(".stage");
  /** @type {HTMLCanvasElement} */
  const picture = $(".picture"), over = $(".over"), reference = $(".reference canvas");
  /** @type {HTMLInputElement} */
  const any = $("input[type=color]"), size = $("input[type=range]"), shown = $(".shown input");
  /** @type {HTMLInputElement} */
  const file = $(".told"), other = $(".other");
  const button = (/** @type {string} */ act) => /** @type {HTMLButtonElement} */ ($(`[data-act=${act}]`));
  const said = $(".note");

  let wide = 1, high = 1; // of the photo, in its pixels
  let strokes = /** @type {Stroke[]} */ ([]);
  let past = /** @type {Stroke[][]} */ ([]), future = /** @type {Stroke[][]} */ ([]);
  let drawn = /** @type {Stroke | null} */ (null); // the one under the pointer
  let colour = /** @type {Rgb | null} */ ([196, 84, 60]);
  let chosen = false; // whether a person has chosen the colour
  let picking = false; // whether the eyedropper is out
  let at = /** @type {[number, number] | null} */ (null); // where the brush is
  let byKey = false; // whether keys have moved it
  let resting = 0;
  let radius = 1;

  // The size goes from 0.2 to 12 % of the short side, by its logarithm.
  const setSize = (/** @type {number} */ step) => {
    size.value = String(step);
    radius = Math.max(0.5, 0.002 * Math.min(wide, high) * 60 ** (Number(size.value) / 100));
    $(".size output").textContent = `${Math.round(2 * radius)} px`;
    draw();
  };

  /** @param {Rgb | null} rgb @param {boolean} [byPerson] */
  function setColour(rgb, byPerson = true) {
    colour = rgb;
    chosen ||= byPerson;
    if (rgb) any.value = hexOf(rgb);
    for (const swatch of root.querySelectorAll(".palette button")) {
      swatch.setAttribute("aria-pressed", String(!!rgb && swatch.getAttribute("data-rgb") === String(rgb)));
    }
    button("grey").setAttribute("aria-pressed", String(!rgb));
    any.parentElement?.classList.toggle("now", !!rgb && !root.querySelector(".palette [aria-pressed=true]"));
    draw();
  }

  function setPicking(/** @type {boolean} */ on) {
    picking = on;
    button("pick").setAttribute("aria-pressed", String(on));
    stage.classList.toggle("picking", on);
  }

  /** @param {HTMLCanvasElement} canvas @param {number} right @param {number} down shares, 0..1 */
  function takeColour(canvas, right, down) {
    const { width, height } = canvas;
    const rgb = meanColour(context(canvas), Math.floor(right * width), Math.floor(down * height));
    setPicking(false);
    setColour(rgb);
    note(`The brush has the colour of that place: ${nameOf(rgb)}.`);
  }

  const context = (/** @type {HTMLCanvasElement} */ canvas) =>
    /** @type {CanvasRenderingContext2D} */ (
      canvas.getContext("2d", { willReadFrequently: canvas !== over }));

  /** @param {HTMLCanvasElement} canvas @param {Picture} source */
  function paint(canvas, source) {
    const [width, height] = source instanceof HTMLImageElement
      ? [source.naturalWidth, source.naturalHeight] : [source.width, source.height];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context(canvas).drawImage(source, 0, 0);
  }

  function draw() {
    stage.classList.toggle("keys", byKey);
    const pen = context(over), scale = over.width / wide, thin = devicePixelRatio || 1;
    pen.clearRect(0, 0, over.width, over.height);
    // What is done is a thin line, so that the colours around it are seen.
    for (const stroke of shown.checked ? strokes : []) {
      const width = Math.min(5 * thin, Math.max(2 * thin, 2 * stroke.radius * scale));
      drawLine(pen, stroke, scale, width + 3 * thin, "#000a");
      drawLine(pen, stroke, scale, width + 1.5 * thin, "#fff");
      drawLine(pen, stroke, scale, width, hexOf(stroke.rgb));
    }
    if (drawn) drawLine(pen, drawn, scale, 2 * drawn.radius * scale, `${hexOf(drawn.rgb)}d0`);
    if (!at) return;
    const [x, y, reach] = [(at[0] + 0.5) * scale, (at[1] + 0.5) * scale, Math.max(2 * thin, radius * scale)];
    for (const [style, width] of /** @type {[string, number][]} */ ([["#000", 3], ["#fff", 1.2]])) {
      pen.strokeStyle = style;
      pen.lineWidth = width * thin;
      pen.beginPath();
      pen.arc(x, y, reach, 0, 7);
      for (const [right, down] of byKey ? [[1, 0], [-1, 0], [0, 1], [0, -1]] : []) {
        pen.moveTo(x + right * reach, y + down * reach);
        pen.lineTo(x + right * (reach + 9 * thin), y + down * (reach + 9 * thin));
      }
      pen.stroke();
    }
  }

  /** @param {Stroke[]} next @param {Change} kind */
  function become(next, kind) {
    strokes = next;
    button("undo").disabled = !past.length;
    button("redo").disabled = !future.length;
    button("clear").disabled = button("save").disabled = !strokes.length;
    draw();
    onChange(strokes, kind);
  }
  /** @param {Stroke[]} next @param {Change} kind */
  function change(next, kind) {
    past.push(strokes);
    future = [];
    become(next, kind);
  }
  function undo() {
    const before = past.pop();
    if (!before) return;
    future.push(strokes);
    become(before, "undo");
  }
  function redo() {
    const after = future.pop();
    if (!after) return;
    past.push(strokes);
    become(after, "redo");
  }
  const clear = () => { if (strokes.length) change([], "clear"); };
  const load = (/** @type {Stroke[]} */ given) => change(given, "load");
  const note = (/** @type {string} */ text, failed = false) => {
    said.textContent = text;
    said.classList.toggle("failed", failed);
  };

  /** @param {[number, number]} place */
  function begin(place) {
    drawn = { points: [place], radius: Math.round(10 * radius) / 10, rgb: colour };
    draw();
  }
  /** @param {[number, number]} place */
  function goOn(place) {
    const [x, y] = /** @type {Stroke} */ (drawn).points.at(-1) ?? place;
    if (Math.hypot(place[0] - x, place[1] - y) >= Math.max(0.5, radius / 4)) drawn?.points.push(place);
  }
  function finish(/** @type {boolean} */ keep) {
    const stroke = drawn;
    drawn = null;
    if (stroke && keep) change([...strokes, stroke], "draw");
    else draw();
  }
  /** Ask for likely colours once the brush has rested. */
  function rest() {
    clearTimeout(resting);
    resting = setTimeout(() => { if (at && !drawn) onPick(...at); }, 350);
  }

  /** @param {MouseEvent} event @returns {[number, number]} */
  function placeOf(event) {
    const { left, top, width, height } = over.getBoundingClientRect();
    return [limit(((event.clientX - left) * wide) / width - 0.5, wide - 1),
      limit(((event.clientY - top) * high) / height - 0.5, high - 1)];
  }
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    stage.focus({ preventScroll: true });
    byKey = false;
    at = placeOf(event);
    clearTimeout(resting);
    if (picking) takeColour(picture, (at[0] + 0.5) / wide, (at[1] + 0.5) / high);
    else {
      stage.setPointerCapture(event.pointerId);
      begin(at);
    }
    onPick(...at);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!event.isPrimary) return;
    byKey = false;
    at = placeOf(event);
    if (drawn) for (const part of event.getCoalescedEvents?.() ?? [event]) goOn(placeOf(part));
    if (drawn) goOn(at);
    else rest();
    draw();
  });
  stage.addEventListener("pointerup", (event) => event.isPrimary && finish(true));
  stage.addEventListener("lostpointercapture", () => finish(true));
  stage.addEventListener("pointercancel", () => finish(false));
  stage.addEventListener("pointerleave", () => {
    clearTimeout(resting);
    if (drawn || byKey) return;
    at = null;
    draw();
  });

  const STEPS = /** @type {Record<string, [number, number]>} */ ({
    ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] });
  stage.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step && ![" ", "Enter", "Escape"].includes(event.key)) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    byKey = true;
    at ??= [wide / 2, high / 2];
    if (step) {
      const far = Math.max(1, 0.01 * Math.min(wide, high)) * (event.shiftKey ? 5 : 1);
      at = [limit(at[0] + far * step[0], wide - 1), limit(at[1] + far * step[1], high - 1)];
      if (drawn) goOn(at);
      else rest();
    } else if (event.key === "Escape") {
      drawn = null;
      setPicking(false);
    } else if (picking) {
      takeColour(picture, (at[0] + 0.5) / wide, (at[1] + 0.5) / high);
    } else if (!event.repeat) {
      if (!drawn) begin(at);
      if (event.key === "Enter") finish(true);
    }
    draw();
  });
  stage.addEventListener("keyup", (event) => { if (event.key === " ") finish(true); });
  stage.addEventListener("focus", () => {
    byKey = stage.matches(":focus-visible") && !at;
    if (byKey) at = [wide / 2, high / 2];
    draw();
  });
  stage.addEventListener("blur", () => {
    finish(true);
    if (byKey) at = null;
    draw();
  });
  root.addEventListener("keydown", (event) => {
    const control = event.ctrlKey || event.metaKey, key = event.key.toLowerCase();
    if (control && key === "z") (event.shiftKey ? redo : undo)();
    else if (control && key === "y") redo();
    else if (key === "[" || key === "]") setSize(Number(size.value) + (key === "[" ? -5 : 5));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  const acts = /** @type {Record<string, () => void>} */ ({
    undo, redo, clear, save,
    grey: () => setColour(null),
    pick: () => setPicking(!picking),
  });
  for (const [act, run] of Object.entries(acts)) button(act).addEventListener("click", run);
  any.addEventListener("input", () => {
    const value = parseInt(any.value.slice(1), 16);
    setColour([value >> 16, (value >> 8) & 255, value & 255]);
  });
  size.addEventListener("input", () => setSize(Number(size.value)));
  shown.addEventListener("change", draw);
  reference.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const { left, top, width, height } = reference.getBoundingClientRect();
    takeColour(reference, (event.clientX - left) / width, (event.clientY - top) / height);
  });
  file.addEventListener("change", async () => {
    const [given] = file.files ?? [];
    file.value = ""; // the same file may be chosen again
    if (!given) return;
    try {
      const content = JSON.parse(await given.text());
      load(strokesOf(content?.hints ?? content));
    } catch (error) {
      const words = error instanceof SyntaxError ? "it is not JSON" : /** @type {Error} */ (error).message;
      note(`${given.name} can't be loaded: ${words}.`, true);
    }
  });
  function save() {
    const text = `${JSON.stringify({ hints: hintsOf(strokes) }, null, 1)}\n`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = "strokes.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  /** A picture to take colours from, or none. @param {Picture | null} source */
  function setReference(source) {
    $(".reference").hidden = !source;
    if (source) paint(reference, source);
  }
  other.addEventListener("change", async () => {
    const [given] = other.files ?? [];
    other.value = "";
    if (!given) return;
    try {
      const { width, height } = await createImageBitmap(given);
      const side = width > height ? "resizeWidth" : "resizeHeight";
      setReference(await createImageBitmap(given, { [side]: Math.min(800, width, height) }));
    } catch {
      note(`${given.name} is no picture that this browser reads.`, true);
    }
  });

  const watch = new ResizeObserver(() => {
    const { width, height } = stage.getBoundingClientRect(), dense = devicePixelRatio || 1;
    over.width = Math.max(1, Math.round(width * dense));
    over.height = Math.max(1, Math.round(height * dense));
    draw();
  });
  watch.observe(stage);

  setPalette([]);
  setColour(colour, false);

  /** Likely colours, to choose from. @param {Rgb[]} colours */
  function setPalette(colours) {
    const place = $(".palette");
    place.replaceChildren(...colours.map((rgb) => {
      const swatch = document.createElement("button");
      swatch.type = "button";
      swatch.dataset.rgb = String(rgb);
      swatch.className = "swatch";
      swatch.style.background = hexOf(rgb);
      swatch.setAttribute("aria-label", nameOf(rgb));
      swatch.title = nameOf(rgb);
      swatch.addEventListener("click", () => setColour(rgb));
      return swatch;
    }));
    if (colours.length && !chosen) setColour(colours[0], false);
    else setColour(colour, false);
  }

  return {
    /** A new photo: the strokes of the one before are forgotten, and nobody is told.
     * @param {Picture} source @param {number} width @param {number} height full size in pixels */
    setPhoto(source, width, height) {
      [wide, high, at, drawn] = [width, height, null, null];
      [strokes, past, future] = [[], [], []];
      stage.style.aspectRatio = `${width} / ${height}`;
      stage.style.setProperty("--aspect", String(width / height));
      paint(picture, source);
      setSize(Number(size.value));
      for (const act of ["undo", "redo", "clear", "save"]) button(act).disabled = true;
    },
    /** @param {Picture} source the picture under the strokes */
    show: (source) => paint(picture, source),
    setPalette,
    setReference,
    strokes: () => strokes,
    load, undo, redo, clear, note,
    busy(/** @type {boolean} */ on) {
      stage.setAttribute("aria-busy", String(on));
      $(".working").hidden = !on;
    },
    remove: () => { watch.disconnect(); clearTimeout(resting); },
  };
}
