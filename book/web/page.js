// What the pages do alike: find their parts, take photos, give files.

const HERE = new URL("./", import.meta.url);
export const root = /** @type {HTMLElement} */ (document.querySelector(".colour-page"));

/** @template {HTMLElement} T @param {string} part @param {{ new (): T }} kind @returns {T} */
export function find(part, kind) {
  const found = root.querySelector(`[data-part="${part}"]`);
  if (!(found instanceof kind)) throw new Error(`the page has no ${part}`);
  return found;
}

const note = find("note", HTMLElement);

/** @param {string} text @param {boolean} [failed] */
export function tell(text, failed = false) {
  note.textContent = text;
  note.classList.toggle("failed", failed);
}

/** @param {string} script of a worker beside this file */
export function work(script) {
  const worker = new Worker(new URL(script, HERE), { type: "module" });
  worker.addEventListener("error", () => {
    tell("Your browser can't run this page. A recent Chrome, Edge, Firefox or Safari can.", true);
  });
  return worker;
}

/** A photo's name for its result, and the result's type. @param {Blob} file @param {string} called */
export const naming = (file, called) => ({
  name: called.replace(/\.[^.]*$/, "") || "photo",
  type: file.type === "image/jpeg" ? "image/jpeg" : "image/png",
});

/** @param {Blob} file @param {string} name */
export function download(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `${name}_coloured.${file.type === "image/jpeg" ? "jpg" : "png"}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Hear of photos that are chosen, dropped, pasted, or samples.
 * @param {(file: Blob, called: string) => void} take
 */
export function hearPhotos(take) {
  const chooser = find("file", HTMLInputElement);
  chooser.addEventListener("change", () => {
    const [file] = chooser.files ?? [];
    if (file) take(file, file.name);
    chooser.value = ""; // the same file can be chosen again
  });
  for (const sample of root.querySelectorAll("button[data-sample]")) {
    const file = /** @type {HTMLElement} */ (sample).dataset.sample ?? "";
    sample.addEventListener("click", async () => {
      const answer = await fetch(new URL(file, HERE));
      if (answer.ok) take(await answer.blob(), file);
      else tell(`The sample ${file} did not come (${answer.status}).`, true);
    });
  }
  root.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
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
}
