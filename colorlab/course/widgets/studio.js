// The studio's page; studio_widget.py is the other end and says what its traits hold.

const MARKUP = `
  <p class="choose">
    <label class="button">Choose a photo…<input type="file" accept="image/*"></label>
    <span>or drop one on this panel, or click here and paste one.</span>
  </p>
  <p class="note" role="status"></p>
  <div class="stage">
    <img class="below" alt="" draggable="false"><img class="above" alt="" draggable="false">
    <span class="tag"></span><span class="tag right"></span>
    <div class="divider" role="slider" tabindex="0" aria-label="Divider between the two pictures"
      aria-valuemin="0" aria-valuemax="100" aria-orientation="horizontal"></div>
  </div>
  <div class="beside" role="group" aria-label="Side by side: choose what the result is held against">
    ${["grey", "original", "rival"].map((kind) => `
    <button type="button" data-kind="${kind}"><img alt=""><span></span></button>`).join("")}
    <figure data-kind="result"><img alt=""><figcaption></figcaption></figure>
  </div>
  <p class="file"><a></a></p>`;
const KINDS = ["grey", "original", "rival", "result"];
const PART = 1 << 20; // bytes of a file in one message
const PATIENCE = 10000; // ms until a word about the kernel

function render({ model, el }) {
  const root = document.createElement("section");
  root.className = "colorlab-studio";
  root.tabIndex = 0; // so that it can be pasted into
  root.setAttribute("aria-label", "The studio");
  root.dataset.lmSuppressShortcuts = "true"; // the arrow keys are ours, not JupyterLab's
  root.innerHTML = MARKUP;
  el.append(root);
  const $ = (name) => root.querySelector(name);
  const stage = $(".stage"), note = $(".note"), link = $(".file a"), chooser = $("input");
  const place = (kind) => $(`[data-kind=${kind}]`);
  const rename = addDivider(stage);
  const urls = {}; // of the pictures that are shown, by kind
  const newest = {}; // of each kind: the number of the picture that is to be shown
  let left = "grey"; // the kind the result is held against
  let patience = 0;

  const say = (text, failed = false) => {
    note.textContent = text;
    note.classList.toggle("failed", failed);
  };
  const names = () => {
    const { result, rival } = model.get("state");
    return { grey: "grey", original: "original", rival, result };
  };

  function label() {
    const name = names();
    if (!urls[left]) left = "grey";
    for (const kind of KINDS) {
      const here = place(kind);
      here.hidden = !urls[kind];
      here.lastElementChild.textContent = name[kind];
      here.querySelector("img").alt = `The photo: ${name[kind]}`;
      if (kind !== "result") here.setAttribute("aria-pressed", kind === left);
    }
    const [below, above] = [$(".below"), $(".above")];
    if (urls[left] && below.src !== urls[left]) below.src = urls[left];
    if (urls.result && above.src !== urls.result) above.src = urls.result;
    below.alt = `The photo: ${name[left]}`;
    above.alt = `The photo: ${name.result}`;
    const [first, second] = stage.querySelectorAll(".tag");
    first.textContent = name[left];
    second.textContent = name.result;
    rename();
  }

  // Put a picture in place once it is decoded: a bare change of `src` would flicker.
  async function show(kind) {
    const mine = (newest[kind] = (newest[kind] || 0) + 1), bytes = model.get(kind);
    let url = "";
    if (bytes.byteLength) {
      url = URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" }));
      const picture = new Image();
      picture.src = url;
      await picture.decode();
      if (mine !== newest[kind]) return URL.revokeObjectURL(url); // overtaken
      const { naturalWidth: width, naturalHeight: height } = picture;
      // A strip of a photo still gets a stage that can be seen and dragged on.
      if (kind === "result") stage.style.aspectRatio = Math.min(6, Math.max(0.5, width / height));
    }
    const old = urls[kind];
    urls[kind] = url;
    place(kind).querySelector("img").src = url;
    if (kind === "rival") left = url ? "rival" : "grey";
    label();
    if (old) URL.revokeObjectURL(old);
    return undefined;
  }

  async function send(file) {
    const limit = model.get("limit"), name = file.name || "pasted.png", size = file.size;
    if (size > limit) {
      say(`${name} has ${Math.round(size / 1e6)} MB; ${Math.round(limit / 1e6)} MB is the most.`, true);
      return;
    }
    const upload = `${Date.now()}-${Math.random()}`;
    say(`Reading ${name} …`);
    for (let at = 0; at === 0 || at < size; at += PART) {
      let part;
      try {
        part = await file.slice(at, at + PART).arrayBuffer();
      } catch {
        say(`${name} can't be read; is it a folder?`, true);
        return;
      }
      model.send({ upload, at, size, name }, undefined, part.byteLength ? [part] : []);
    }
    clearTimeout(patience);
    patience = setTimeout(() => say(
      "Waiting for the kernel. If it has stopped, run the cell above again."), PATIENCE);
  }

  function follow() {
    clearTimeout(patience);
    const { note: text, failed } = model.get("state");
    say(text, failed);
    label();
  }

  function forget() { // the file was of another result
    if (link.href) URL.revokeObjectURL(link.href);
    link.removeAttribute("href");
    link.textContent = "";
  }

  function save(message, buffers) {
    if (message.kind !== "file") return;
    forget();
    link.href = URL.createObjectURL(new Blob([buffers[0]]));
    link.download = message.name;
    const size = buffers[0].byteLength / 1e6;
    link.textContent = `Save ${message.name} (${size < 1 ? size.toFixed(2) : size.toFixed(1)} MB)`;
    link.click();
  }

  chooser.addEventListener("change", () => {
    if (chooser.files.length) send(chooser.files[0]);
    chooser.value = ""; // the same file may be chosen again
  });
  root.addEventListener("dragover", (event) => {
    event.preventDefault();
    root.classList.add("over");
  });
  root.addEventListener("dragleave", () => root.classList.remove("over"));
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    root.classList.remove("over");
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
    else say("That was no file. Save the picture first, then drop or choose it.", true);
  });
  root.addEventListener("paste", (event) => {
    event.preventDefault();
    event.stopPropagation();
    if (event.clipboardData.files.length) send(event.clipboardData.files[0]);
    else say("There is no picture in the clipboard.", true);
  });
  for (const button of root.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      left = button.dataset.kind;
      label();
    });
  }

  const changed = Object.fromEntries(KINDS.map((kind) => [kind, () => show(kind)]));
  for (const kind of KINDS) {
    model.on(`change:${kind}`, changed[kind]);
    show(kind);
  }
  model.on("change:result", forget);
  model.on("change:state", follow);
  model.on("msg:custom", save);
  follow();
  return () => {
    clearTimeout(patience);
    for (const kind of KINDS) {
      model.off(`change:${kind}`, changed[kind]);
      newest[kind] = Infinity;
      if (urls[kind]) URL.revokeObjectURL(urls[kind]);
    }
    model.off("change:result", forget);
    model.off("change:state", follow);
    model.off("msg:custom", save);
    forget();
  };
}

export default { render };
