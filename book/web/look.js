// The page "What did it look at?": a part of a photo erased, or a place chosen; how far colours move.

import { heat, overlay } from "./heat.js";
import { find, hearPhotos, root, tell, work } from "./page.js";

/** @typedef {import("./types").LookAsk} Ask */
/** @typedef {import("./types").LookAnswer} Answer */
/** @typedef {import("./types").Plane} Plane */
/** @typedef {[number, number, number, number]} Box left, top, right, bottom in shares of the sides */

const bar = find("bar", HTMLProgressElement);
const modes = find("modes", HTMLFieldSetElement);
const desk = find("desk", HTMLElement);
const stage = find("stage", HTMLElement);
const photoCanvas = find("photo", HTMLCanvasElement);
const mapCanvas = find("map", HTMLCanvasElement);
const mapWords = find("map-words", HTMLElement);
const most = find("most", HTMLElement);
const back = find("back", HTMLButtonElement);
const worker = work("look_worker.js");
const ask = (/** @type {Ask} */ message) => worker.postMessage(message);

/** What is erased of a sample at first. @type {Record<string, Box>} */
const FIRST = {
  "china.jpg": [0, 0.62, 1, 0.78],
  "flower.jpg": [0.32, 0.2, 0.68, 0.75],
  "chelsea.png": [0.4, 0.2, 0.75, 0.62],
  "coffee.png": [0.3, 0.2, 0.75, 0.75],
  "astronaut.png": [0.3, 0.05, 0.6, 0.42],
};
const MIDDLE = /** @type {Box} */ ([0.35, 0.35, 0.65, 0.65]);
const WORDS = {
  erase: "Drag over the photo to erase a part of it.",
  listen: "Touch a place of the photo: squares of it are erased one by one.",
};
const CAPTIONS = {
  erase: "How far each colour moved.",
  listen: "How far the colour of the chosen place moved when each square was erased.",
};

let photo = 0; // counts the photos taken
let turn = 0; // counts what was asked of this photo and those before
let answered = 0; // the turn that is shown
let box = MIDDLE;
let erased = true; // whether the box is
let place = /** @type {[number, number]} */ ([0.5, 0.5]);
let grey = /** @type {ImageBitmap | null} */ (null);
let plain = /** @type {ImageBitmap | null} */ (null); // the answer to the whole photo
let ready = false;

const mode = () => /** @type {"erase" | "listen"} */ (
  /** @type {HTMLInputElement} */ (modes.querySelector(":checked")).value);

/** @param {Blob} file @param {string} called */
function take(file, called) {
  photo += 1;
  box = FIRST[called] ?? MIDDLE;
  [erased, ready, place] = [true, false, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]];
  root.dataset.state = "working";
  tell(root.dataset.backend ? `Colouring ${called} …` : `The network comes first, then ${called} …`);
  bar.hidden = Boolean(root.dataset.backend);
  ask({ kind: "open", photo, file });
}

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} picture */
function paint(canvas, picture) {
  Object.assign(canvas, { width: picture.width, height: picture.height });
  const ctx = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  ctx.drawImage(picture, 0, 0);
  return ctx;
}

/** Where the marks are, on both pictures. @param {[number, number]} ring */
function mark(ring = place) {
  const [left, top, right, bottom] = box.map((share) => 100 * share);
  for (const each of root.querySelectorAll(".hole")) {
    const { style } = /** @type {HTMLElement} */ (each);
    Object.assign(style, { left: `${left}%`, top: `${top}%`, width: `${right - left}%`, height: `${bottom - top}%` });
    each.classList.toggle("gone", mode() !== "erase" || !erased);
  }
  for (const each of root.querySelectorAll(".place")) {
    const { style } = /** @type {HTMLElement} */ (each);
    Object.assign(style, { left: `${100 * ring[0]}%`, top: `${100 * ring[1]}%` });
    const onMap = !stage.contains(each);
    each.classList.toggle("gone", mode() === "erase" && (!erased || !onMap || ring === place));
  }
}

/** Ask for what the mode shows. */
function look() {
  if (!ready || !plain || !grey) return;
  turn += 1;
  root.dataset.state = "working";
  back.hidden = mode() !== "erase" || !erased;
  mark();
  if (mode() === "listen") ask({ kind: "listen", photo, turn, x: place[0], y: place[1] });
  else if (erased) ask({ kind: "erase", photo, turn, box });
  else {
    paint(photoCanvas, plain);
    paint(mapCanvas, grey);
    most.textContent = "";
    done(turn, 0, true, WORDS.erase);
  }
}

/** @param {number} of @param {number} took @param {boolean} last @param {string} words */
function done(of, took, last, words) {
  answered = of;
  if (root.dataset.state === "working") root.dataset.first = took.toFixed(0);
  if (of === turn) root.dataset.state = last ? "done" : "refining";
  root.dataset.took = took.toFixed(0);
  root.dataset.turn = String(of);
  tell(words);
}

/** The map, and its scale: up to the next round number. @param {Plane} moved @param {boolean} smooth */
function drawMap({ wide, data }, smooth) {
  if (!grey) return;
  const top = data.reduce((best, value) => (value > best ? value : best), 0);
  const scale = [1, 2, 3, 5, 10, 15, 20, 30, 50, 75, 100].find((round) => round >= top) ?? 200;
  overlay(paint(mapCanvas, grey), data.map((value) => value / scale), wide, smooth);
  most.textContent = String(scale);
  mapWords.textContent = CAPTIONS[mode()];
}

/** How much of all movement a place owes to its own square and to far ones.
 * @param {Plane} moved */
function shares({ wide, high, data }) {
  const own = [Math.floor(place[0] * wide), Math.floor(place[1] * high)];
  let sum = 0, near = 0, far = 0;
  data.forEach((value, i) => {
    const away = Math.max(Math.abs((i % wide) - own[0]), Math.abs(Math.floor(i / wide) - own[1]));
    sum += value;
    if (!away) near = value;
    if (away > 1) far += value;
  });
  const percent = (/** @type {number} */ part) => Math.round((100 * part) / (sum || 1));
  return `Of all movement ${percent(near)} % comes from the square around it, ${percent(far)} % from ` +
    "beyond the next ones.";
}

worker.addEventListener("message", (/** @type {MessageEvent<Answer>} */ { data: answer }) => {
  if ("photo" in answer && answer.photo !== null && answer.photo !== photo) return; // too late
  switch (answer.kind) {
    case "loading":
      bar.value = answer.share;
      break;
    case "opened":
      desk.hidden = modes.hidden = false;
      for (const each of /** @type {NodeListOf<HTMLElement>} */ (desk.querySelectorAll(".stage"))) {
        each.style.aspectRatio = `${answer.width} / ${answer.height}`;
        each.style.setProperty("--aspect", String(answer.width / answer.height));
      }
      grey = answer.grey;
      paint(photoCanvas, grey);
      paint(mapCanvas, grey);
      mark();
      break;
    case "ready":
      bar.hidden = true;
      root.dataset.backend = answer.backend;
      plain = answer.picture;
      ready = true;
      look();
      break;
    case "erased": {
      // While the pointer moves, an answer to a little earlier is better than none.
      if (mode() !== "erase" || !erased || answer.turn < answered) return;
      paint(photoCanvas, answer.picture);
      drawMap(answer.moved, true);
      mark(answer.at);
      const [average, farthest] = [answer.average, answer.most].map((value) => value.toFixed(1));
      done(answer.turn, answer.took, true,
        `Outside the erased part colours moved by ${average} on average, by ${farthest} at the ring.`);
      break;
    }
    case "heard": {
      if (mode() !== "listen" || answer.turn !== turn || !plain) return;
      if (answered !== turn) paint(photoCanvas, plain);
      drawMap(answer.moved, false);
      mark();
      root.dataset.squares = String(answer.done);
      const all = answer.done === answer.all;
      done(turn, answer.took, all, all ? shares(answer.moved) : `${answer.done} of ${answer.all} squares erased …`);
      break;
    }
    case "failed":
      bar.hidden = true;
      root.dataset.state = "failed";
      tell(answer.message, true);
  }
});

const limit = (/** @type {number} */ share) => Math.min(1, Math.max(0, share));
/** @param {MouseEvent} event @returns {[number, number]} */
function placeOf({ clientX, clientY }) {
  const { left, top, width, height } = stage.getBoundingClientRect();
  return [limit((clientX - left) / width), limit((clientY - top) / height)];
}

let from = /** @type {[number, number] | null} */ (null); // where the pointer went down
/** @param {MouseEvent} event */
function drag(event) {
  if (!from) return;
  const at = placeOf(event);
  if (mode() === "listen") place = inside(at);
  else if (Math.abs(at[0] - from[0]) < 0.01 || Math.abs(at[1] - from[1]) < 0.01) return;
  else {
    box = [Math.min(from[0], at[0]), Math.min(from[1], at[1]), Math.max(from[0], at[0]), Math.max(from[1], at[1])];
    erased = true;
  }
  look();
}
/** @param {[number, number]} at @returns {[number, number]} */
const inside = ([x, y]) => [Math.min(x, 0.999), Math.min(y, 0.999)];
stage.addEventListener("pointerdown", (event) => {
  if (event.button || !event.isPrimary) return;
  event.preventDefault();
  stage.focus({ preventScroll: true });
  stage.setPointerCapture(event.pointerId);
  from = placeOf(event);
  drag(event);
});
stage.addEventListener("pointermove", (event) => event.isPrimary && drag(event));
for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, () => (from = null));

const STEPS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] });
stage.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Delete" || event.key === "Backspace") putBack();
  else if (!step) return;
  else if (mode() === "listen") {
    const far = event.shiftKey ? 0.1 : 0.02;
    place = inside([limit(place[0] + far * step[0]), limit(place[1] + far * step[1])]);
  } else {
    erased = true;
    // With Shift the lower right corner alone moves.
    for (const k of [0, 1]) {
      const least = event.shiftKey ? 0.04 - (box[k + 2] - box[k]) : -box[k];
      const by = Math.min(1 - box[k + 2], Math.max(least, 0.02 * step[k]));
      if (!event.shiftKey) box[k] += by;
      box[k + 2] += by;
    }
  }
  event.preventDefault();
  look();
});

function putBack() {
  erased = false;
  stage.focus({ preventScroll: true });
  look();
}
back.addEventListener("click", putBack);
modes.addEventListener("change", () => {
  stage.setAttribute("aria-label", find(`${mode()}-label`, HTMLElement).textContent ?? "");
  tell(WORDS[mode()]);
  look();
});

const scale = find("scale", HTMLCanvasElement), pen = scale.getContext("2d");
for (let x = 0; pen && x < scale.width; x++) {
  pen.fillStyle = `rgb(${heat(x / scale.width)})`;
  pen.fillRect(x, 0, 1, scale.height);
}
hearPhotos(take);
