// The human test's page; human_test_widget.py is the other end and says what `state` holds. On a
// page without a kernel human_test_twin.js is.

/** @typedef {Record<string, any> & { phase: string, turn: number }} State */
/** @typedef {{ kind: string } & Record<string, any>} Message */
/**
 * @typedef {Object} Model what anywidget gives, as far as it is used here
 * @property {(name: string) => any} get
 * @property {(name: string, value: any) => void} set
 * @property {() => void} save_changes
 * @property {(message: Message) => void} send
 * @property {(name: string, action: () => void) => void} on
 * @property {(name: string, action: () => void) => void} off
 */

const MARKUP = `
  <p class="title"></p>
  <p class="text" role="status"></p>
  <p class="ask"><label><span></span> <select data-act="vision"></select></label></p>
  <div class="pair">
    <figure><div class="slot"><img class="left" alt="the left picture"></div>
      <button type="button" data-side="left">← Left is fake</button></figure>
    <figure><div class="slot"><img class="right" alt="the right picture"></div>
      <button type="button" data-side="right">Right is fake →</button></figure>
  </div>
  <p class="below">
    <button type="button" data-act="go"></button>
    <label><input type="checkbox" data-act="pause"> pause after this pair</label>
  </p>`;
/** @type {Record<string, string>} */
const KEYS = { ArrowLeft: "left", ArrowRight: "right" };
const PATIENCE = 6000; // ms until a word about the kernel

/** @type {() => Promise<number>} */
const frame = () => new Promise(requestAnimationFrame);

/**
 * Let `ms` pass, to the nearest frame; resolves with the time that really went by. `begin` is
 * called in the first frame, and what it changes is painted there; likewise what follows in the last.
 * @param {number} ms
 */
async function pass(ms, begin = () => {}) {
  const start = await frame();
  begin();
  let now = start, step = Infinity;
  do {
    const next = await frame();
    step = Math.min(step, next - now);
    now = next;
  } while (now - start < ms - step / 2);
  return now - start;
}

/** @param {HTMLElement} picture @param {number} ms */
async function expose(picture, ms) {
  const taken = await pass(ms, () => picture.classList.add("shown"));
  picture.classList.remove("shown");
  return taken;
}

/** @param {{ model: Model, el: HTMLElement }} view */
export function render({ model, el }) {
  const root = document.createElement("section");
  root.className = "colorlab-study";
  root.tabIndex = 0;
  root.setAttribute("aria-label", "The human test");
  root.dataset.lmSuppressShortcuts = "true"; // the arrow keys are ours, not JupyterLab's
  root.innerHTML = MARKUP;
  el.append(root);
  const $ = (/** @type {string} */ name) => /** @type {any} */ (root.querySelector(name));
  /** @type {HTMLImageElement[]} */
  const pictures = [$("img.left"), $("img.right")];
  const sides = /** @type {NodeListOf<HTMLButtonElement>} */ (root.querySelectorAll("[data-side]"));
  const go = $("[data-act=go]"), pause = $("[data-act=pause]"), vision = $("[data-act=vision]");
  // Who wants little motion begins each pair by hand.
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let play = 0; // the pair being played; a higher number ends the one before
  let expected = ""; // what we asked for this state by: a pair may start without a click
  let hidden = false; // the page was out of sight since the pair began
  /** @type {Record<string, number> | null} */
  let question = null; // while the question stands: what was measured, and since when
  let patience = 0;

  const say = (/** @type {string} */ title, /** @type {string} */ text) => {
    $(".title").textContent = title;
    $(".text").textContent = text;
  };
  const stage = (/** @type {string} */ name, button = "") => {
    root.dataset.stage = name;
    go.textContent = button;
    go.hidden = !button;
    for (const side of sides) side.disabled = name !== "question";
  };

  /** @param {Message} message */
  function send(message) {
    expected = message.kind;
    root.focus({ preventScroll: true }); // the button pressed is about to go
    stage("waiting");
    patience = setTimeout(() => say($(".title").textContent,
      "Waiting for the kernel. If it has stopped, run the cell above again: the test goes on at " +
      "this pair, and what you answered before is safe."), PATIENCE);
    model.send(message);
  }

  /** @param {HTMLImageElement} picture @param {BlobPart} bytes of a PNG or JPEG file */
  async function load(picture, bytes) {
    URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(new Blob([bytes]));
    await picture.decode(); // before the clock runs
  }

  /** @param {State} state */
  async function show(state) {
    const mine = ++play, timing = model.get("timing");
    stage("pair");
    say(state.title, "");
    await Promise.all([load(pictures[0], model.get("left")), load(pictures[1], model.get("right"))]);
    const measured = { left_ms: 0, right_ms: 0 };
    do {
      while (document.hidden) await frame(); // no frames come while out of sight
      hidden = false;
      model.set("showings", model.get("showings") + 1);
      model.save_changes();
      await pass(timing.before);
      if (mine !== play) return;
      measured.left_ms = await expose(pictures[0], timing.shown);
      await pass(timing.between);
      if (mine !== play) return;
      measured.right_ms = await expose(pictures[1], timing.shown);
      if (mine !== play) return;
    } while (hidden);
    stage("question");
    say(state.title, "Which one is fake?");
    question = { number: state.number, since: performance.now(), ...measured };
  }

  /** @param {string} [side] */
  function answer(side) {
    if (!question) return;
    const { since, ...measured } = question;
    question = null;
    const answer_ms = performance.now() - since, showings = model.get("showings");
    send({ kind: "answer", side, answer_ms, showings, ...measured });
  }

  function follow() {
    const state = model.get("state");
    clearTimeout(patience);
    play++;
    question = null;
    for (const picture of pictures) picture.classList.remove("shown");
    root.dataset.fake = state.fake || "";
    $(".ask").hidden = !state.ask;
    if (state.ask) {
      $(".ask span").textContent = state.ask.question;
      const options = /** @type {[string, string][]} */ (state.ask.options);
      vision.replaceChildren(...options.map(([value, words]) => new Option(words, value)));
    }
    if (state.phase === "pair") {
      if (expected && !pause.checked && !(calm.matches && expected === "answer")) {
        show(state);
      } else { // a page that was loaded again, or a pause
        pause.checked = false;
        stage("paused", "Go on");
        say(state.title, "Ready when you are.");
      }
    } else {
      if (state.phase === "feedback") for (const picture of pictures) picture.classList.add("shown");
      stage(state.phase, state.button);
      say(state.title, state.text);
    }
    if (expected && !go.hidden) go.focus({ preventScroll: true });
    expected = "";
  }

  go.addEventListener("click", () => {
    if (root.dataset.stage !== "paused") return send({ kind: "go", vision: vision.value });
    root.focus({ preventScroll: true });
    return show(model.get("state"));
  });
  for (const side of sides) side.addEventListener("click", () => answer(side.dataset.side));
  root.addEventListener("keydown", (event) => {
    if (!question || !(event.key in KEYS) || event.target === pause) return;
    event.preventDefault();
    event.stopPropagation();
    answer(KEYS[event.key]);
  });
  const left = () => { hidden ||= document.hidden; };
  document.addEventListener("visibilitychange", left);
  model.on("change:state", follow);
  follow();
  return () => {
    play++;
    clearTimeout(patience);
    document.removeEventListener("visibilitychange", left);
    model.off("change:state", follow);
    for (const picture of pictures) URL.revokeObjectURL(picture.src);
  };
}

export default { render };
