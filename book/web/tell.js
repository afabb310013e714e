// The page "Tell it the colour": strokes from the canvas to the worker, its pictures back.

import { download, find, hearPhotos, naming, root, tell, work } from "./page.js";

/** @typedef {import("./types").StrokesAsk} Ask */
/** @typedef {import("./types").StrokesAnswer} Answer */

const bar = find("bar", HTMLProgressElement);
const desk = find("strokes", HTMLElement);
const methods = find("methods", HTMLFieldSetElement);
const saving = find("save", HTMLButtonElement);
const worker = work("tell_worker.js");
const ask = (/** @type {Ask} */ message) => worker.postMessage(message);

/** What stands under the canvas once each of them has answered. @type {Record<string, string>} */
const DONE = {
  network: "Coloured by the network, corrected by what it was told.",
  levin: "Coloured by Levin's method, from the strokes alone.",
  yatziv: "Coloured by Yatziv and Sapiro's method, from the strokes alone.",
};

let photo = 0; // counts the photos taken
let turn = 0; // counts what was asked of this photo and those before
let name = "";
let type = "image/jpeg";

const canvas = strokesCanvas(desk, {
  onChange: spread,
  onPick: (x, y) => ask({ kind: "suggest", photo, x, y }),
});

const method = () => /** @type {HTMLInputElement} */ (methods.querySelector(":checked")).value;

/** @param {Blob} file @param {string} called */
function take(file, called) {
  photo += 1;
  ({ name, type } = naming(file, called));
  root.dataset.state = "working";
  saving.disabled = true;
  tell(`Reading ${called} …`);
  ask({ kind: "open", photo, file });
}

function spread() {
  turn += 1;
  root.dataset.state = "working";
  canvas.busy(true);
  const waits = method() === "network" && !bar.hidden;
  tell(waits ? "The network is still coming …" : "Spreading …");
  ask({ kind: "spread", photo, turn, hints: hintsOf(canvas.strokes()), method: method() });
}

worker.addEventListener("message", (/** @type {MessageEvent<Answer>} */ { data: answer }) => {
  if ("photo" in answer && answer.photo !== null && answer.photo !== photo) return; // too late
  switch (answer.kind) {
    case "loading":
      bar.value = answer.share;
      break;
    case "loaded":
      bar.hidden = true;
      root.dataset.backend = answer.backend;
      if (root.dataset.state === "loading") {
        root.dataset.state = "ready";
        tell("Ready. The photo you choose stays on this device.");
      }
      break;
    case "opened":
      desk.hidden = methods.hidden = false;
      canvas.setPhoto(answer.grey, answer.width, answer.height);
      spread();
      ask({ kind: "suggest", photo, x: answer.width / 2, y: answer.height / 2 });
      break;
    case "spread":
      if (answer.turn !== turn) return;
      canvas.show(answer.picture);
      if (root.dataset.state === "working") root.dataset.first = answer.took.toFixed(0);
      root.dataset.state = answer.last ? "done" : "refining";
      root.dataset.took = answer.took.toFixed(0);
      root.dataset.turn = String(turn);
      saving.hidden = false;
      saving.disabled = !answer.pixels;
      canvas.busy(!answer.last);
      if (!answer.last) tell("A first answer; it is getting finer …");
      else if (canvas.strokes().length) tell(DONE[method()]);
      else tell("Choose a colour and draw on the photo: what is like that place takes it.");
      break;
    case "likely":
      canvas.setPalette(answer.colours);
      break;
    case "saved":
      saving.disabled = false;
      download(answer.file, name);
      break;
    case "failed":
      bar.hidden = true;
      canvas.busy(false);
      root.dataset.state = "failed";
      tell(answer.message, true);
  }
});

hearPhotos(take);
methods.addEventListener("change", spread);
saving.addEventListener("click", () => {
  saving.disabled = true;
  ask({ kind: "save", photo, type });
});
ask({ kind: "load", photo: null });
