// The page: files and samples in, what the worker makes of them out.

/** @typedef {import("./types").Ask} Ask */
/** @typedef {import("./types").Answer} Answer */

const HERE = new URL("./", import.meta.url);
const root = /** @type {HTMLElement} */ (document.querySelector(".colour-page"));

/** @template {HTMLElement} T @param {string} part @param {{ new (): T }} kind @returns {T} */
function find(part, kind) {
  const found = root.querySelector(`[data-part="${part}"]`);
  if (!(found instanceof kind)) throw new Error(`the page has no ${part}`);
  return found;
}

const chooser = find("file", HTMLInputElement);
const note = find("note", HTMLElement);
const bar = find("bar", HTMLProgressElement);
const stage = find("stage", HTMLElement);
const below = find("grey", HTMLCanvasElement);
const above = find("coloured", HTMLCanvasElement);
const controls = find("controls", HTMLElement);
const slider = find("lambda", HTMLInputElement);
const reading = find("reading", HTMLOutputElement);
const saving = find("save", HTMLButtonElement);

const worker = new Worker(new URL("worker.js", HERE), { type: "module" });
const ask = (/** @type {Ask} */ message) => worker.postMessage(message);
const lam = () => Number(slider.value);
addDivider(stage);

let photo = 0; // counts the photos taken
let name = "";
let type = "image/jpeg";
let loaded = false;

/** @param {string} text @param {boolean} [failed] */
function tell(text, failed = false) {
  note.textContent = text;
  note.classList.toggle("failed", failed);
}

/** @param {Blob} file @param {string} called */
function take(file, called) {
  photo += 1;
  name = called.replace(/\.[^.]*$/, "") || "photo";
  type = file.type === "image/jpeg" ? "image/jpeg" : "image/png";
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
      download(answer.file);
      break;
    case "failed":
      bar.hidden = true;
      saving.disabled = root.dataset.state !== "done";
      root.dataset.state = "failed";
      tell(answer.message, true);
  }
});
worker.addEventListener("error", () => {
  tell("Your browser can't run this page. A recent Chrome, Edge, Firefox or Safari can.", true);
});

/** @param {Blob} file */
function download(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${name}_coloured.${file.type === "image/jpeg" ? "jpg" : "png"}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

chooser.addEventListener("change", () => {
  const [file] = chooser.files ?? [];
  if (file) take(file, file.name);
  chooser.value = ""; // the same file can be chosen again
});
slider.addEventListener("input", () => {
  reading.value = lam().toFixed(2);
  ask({ kind: "recolour", photo, lam: lam() });
});
saving.addEventListener("click", () => {
  saving.disabled = true;
  ask({ kind: "save", photo, lam: lam(), type });
});
for (const sample of root.querySelectorAll("button[data-sample]")) {
  const file = /** @type {HTMLElement} */ (sample).dataset.sample ?? "";
  sample.addEventListener("click", async () => {
    const answer = await fetch(new URL(file, HERE));
    if (answer.ok) take(await answer.blob(), file);
    else tell(`The sample ${file} did not come (${answer.status}).`, true);
  });
}

/** @param {DragEvent} event */
const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
root.addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  root.classList.add("over");
});
root.addEventListener("dragleave", () => root.classList.remove("over"));
root.addEventListener("drop", (event) => {
  root.classList.remove("over");
  const [file] = event.dataTransfer?.files ?? [];
  if (!file) return;
  event.preventDefault();
  take(file, file.name);
});
addEventListener("paste", (event) => {
  const [file] = event.clipboardData?.files ?? [];
  if (file) take(file, file.name || "pasted photo");
});

ask({ kind: "load" });
