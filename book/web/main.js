// The page: files and samples in, what the worker makes of them out.

/** @typedef {import("./types").Ask} Ask */
/** @typedef {import("./types").Answer} Answer */

import { download, find, hearPhotos, naming, root, tell, work } from "./page.js";
import { LIKE_PHOTOS, lambdaFor, vividness } from "./vividness.js";

const bar = find("bar", HTMLProgressElement);
const stage = find("stage", HTMLElement);
const below = find("grey", HTMLCanvasElement);
const above = find("coloured", HTMLCanvasElement);
const controls = find("controls", HTMLElement);
const slider = find("lambda", HTMLInputElement);
const reading = find("reading", HTMLOutputElement);
const saving = find("save", HTMLButtonElement);

const worker = work("worker.js");
const ask = (/** @type {Ask} */ message) => worker.postMessage(message);
const lam = () => lambdaFor(Number(slider.value));
find("like-photos", HTMLOptionElement).value = vividness(LIKE_PHOTOS).toFixed(2);
addDivider(stage);

let photo = 0; // counts the photos taken
let name = "";
let type = "image/jpeg";
let loaded = false;

/** @param {Blob} file @param {string} called */
function take(file, called) {
  photo += 1;
  ({ name, type } = naming(file, called));
  root.dataset.state = "working";
  tell(loaded ? `Colouring ${called} …` : `${called} is next, when the network is here …`);
  ask({ kind: "open", photo, file, lam: lam() });
}

/** @param {HTMLCanvasElement} canvas @param {ImageBitmap} picture */
function show(canvas, picture) {
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("bitmaprenderer")?.transferFromImageBitmap(picture);
}

worker.addEventListener("message", (/** @type {MessageEvent<Answer>} */ { data: answer }) => {
  if ("photo" in answer && answer.photo !== null && answer.photo !== photo) return; // too late
  switch (answer.kind) {
    case "loading":
      bar.value = answer.share;
      break;
    case "loaded":
      loaded = true;
      bar.hidden = true;
      root.dataset.backend = answer.backend;
      controls.classList.toggle("takes-lambda", answer.takesLambda);
      if (root.dataset.state === "loading") {
        root.dataset.state = "ready";
        tell("Ready. The photo you choose stays on this device.");
      }
      break;
    case "opened":
      stage.style.aspectRatio = `${answer.width} / ${answer.height}`;
      stage.style.setProperty("--aspect", String(answer.width / answer.height));
      stage.hidden = false;
      controls.hidden = true;
      show(below, answer.grey);
      // Grey on both sides until the colours are there.
      above.width = below.width;
      break;
    case "coloured":
      show(above, answer.picture);
      controls.hidden = false;
      saving.disabled = false;
      root.dataset.state = "done";
      root.dataset.lam = String(answer.lam);
      root.dataset.took = answer.took.toFixed(0);
      tell(`${name}: grey to the left of the divider, coloured to its right.`);
      break;
    case "saved":
      saving.disabled = false;
      download(answer.file, name);
      break;
    case "failed":
      bar.hidden = true;
      saving.disabled = root.dataset.state !== "done";
      root.dataset.state = "failed";
      tell(answer.message, true);
  }
});
hearPhotos(take);
slider.addEventListener("input", () => {
  reading.value = `λ = ${lam().toPrecision(3)}`;
  ask({ kind: "recolour", photo, lam: lam() });
});
saving.addEventListener("click", () => {
  saving.disabled = true;
  ask({ kind: "save", photo, lam: lam(), type });
});
ask({ kind: "load" });
