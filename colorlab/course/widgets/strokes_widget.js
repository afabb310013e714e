// The canvas joined to the kernel; strokes_widget.py is the other end and says what its traits hold.

function render({ model, el }) {
  const root = document.createElement("section");
  root.setAttribute("aria-label", "Colour by strokes");
  el.append(root);
  const link = document.createElement("a"), file = document.createElement("p");
  file.className = "file";
  file.hidden = true;
  file.append(link);
  let own = ""; // the hints as the page last had them
  let photo = NaN; // the number of the one that is shown
  let newest = 0; // result that is to be shown

  const canvas = strokesCanvas(root, {
    onChange(strokes) {
      const hints = hintsOf(strokes);
      if (own === JSON.stringify(hints)) return;
      own = JSON.stringify(hints);
      canvas.busy(true);
      model.set("hints", hints);
      model.save_changes();
    },
    onPick: (x, y) => model.send({ x, y }),
  });
  root.append(file);

  const picture = (bytes) => createImageBitmap(new Blob([bytes], { type: "image/jpeg" }));

  async function show() {
    const mine = ++newest, state = model.get("state");
    const bitmap = await picture(model.get("result"));
    if (mine !== newest) return; // overtaken
    if (photo === state.photo) canvas.show(bitmap);
    else {
      photo = state.photo;
      own = "[]";
      canvas.setPhoto(bitmap, state.wide, state.high);
      told();
    }
    canvas.busy(model.get("state").working);
    forget(); // the file was of another result
  }

  /** Hints that came from the kernel. */
  function told() {
    const hints = model.get("hints");
    if (JSON.stringify(hints) === own) return;
    own = JSON.stringify(hints);
    const strokes = strokesOf(hints);
    own = JSON.stringify(hintsOf(strokes)); // not to be sent back
    canvas.load(strokes);
  }

  async function refer() {
    const bytes = model.get("reference");
    canvas.setReference(bytes.byteLength ? await picture(bytes) : null);
  }

  function follow() {
    const { note, failed, working } = model.get("state");
    canvas.note(note, failed);
    canvas.busy(working);
  }

  function forget() {
    if (link.href) URL.revokeObjectURL(link.href);
    link.removeAttribute("href");
    file.hidden = true;
  }

  function hear(message, buffers) {
    if (message.kind === "palette") canvas.setPalette(message.colours);
    if (message.kind !== "file") return;
    forget();
    link.href = URL.createObjectURL(new Blob([buffers[0]]));
    link.download = message.name;
    link.textContent = `Save ${message.name} (${(buffers[0].byteLength / 1e6).toFixed(2)} MB)`;
    file.hidden = false;
    link.click();
  }

  const hearers = {
    "change:result": show, "change:reference": refer, "change:hints": told,
    "change:state": follow, "msg:custom": hear,
  };
  for (const [event, run] of Object.entries(hearers)) model.on(event, run);
  follow();
  show();
  refer();
  return () => {
    for (const [event, run] of Object.entries(hearers)) model.off(event, run);
    newest = Infinity;
    forget();
    canvas.remove();
  };
}

export default { render };
