// The human test without a kernel: the other end of human_test.js, kept in the reader's browser.

import { render } from "./human_test.js";
import { random } from "./random.js";

/** @typedef {import("./human_test.js").State} State */
/** @typedef {import("./human_test.js").Message} Message */
/** @typedef {"left" | "right"} Side */
/**
 * @typedef {Object} Trial
 * @property {string} picture
 * @property {string} photo
 * @property {boolean} practice
 * @property {boolean} catch
 * @property {string} real a JPEG file, in base 64, as `fake` is
 * @property {string} fake
 */
/**
 * @typedef {Object} Test
 * @property {string} key under which localStorage keeps the session
 * @property {string} model
 * @property {string} rules
 * @property {State["ask"]} ask
 * @property {Record<string, number>} timing
 * @property {string[]} columns of the CSV
 * @property {Trial[]} trials practice first
 */
/**
 * @typedef {Object} Kept
 * @property {string} session also the rater's name, who is nobody else
 * @property {number} seed of the order and of the sides
 * @property {string} vision as the reader calls it
 * @property {number} showings of the pair that comes next
 * @property {Record<string, any>[]} answers rows of the CSV
 */

/** Wilson's 95 % interval of k in n, `Rate.naive` of analysis.py. @param {number} k @param {number} n */
export function wilson(k, n) {
  const z = 1.959963984540054, p = k / n, whole = 1 + z ** 2 / n;
  const middle = (p + z ** 2 / (2 * n)) / whole;
  const reach = (z / whole) * Math.sqrt((p * (1 - p)) / n + (z / (2 * n)) ** 2);
  return [middle - reach, middle + reach];
}

/** How a finished session went, in words. @param {Kept["answers"]} answers */
export function resultOf(answers) {
  const counted = answers.filter((row) => !row.practice && !row.catch);
  const caught = answers.filter((row) => !row.practice && row.catch);
  const fooled = counted.filter((row) => row.fooled).length;
  const seen = caught.filter((row) => !row.fooled).length;
  const percent = (/** @type {number} */ share) => `${Math.round(100 * share)}%`;
  const [low, high] = wilson(fooled, counted.length).map(percent);
  return `You took ${fooled} of ${counted.length} fakes for real: a fooling rate of ` +
    `${percent(fooled / counted.length)}, where guessing would give 50%. Were each answer the toss ` +
    `of a coin, that would mean something from ${low} to ${high} (95% interval), for you. Of ` +
    `${caught.length} pairs with the colours of quite another photo you saw through ${seen}.`;
}

/** As Python writes it. @param {unknown} value */
function cell(value) {
  const text = typeof value === "boolean" ? (value ? "True" : "False") : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {HTMLElement} root @param {Test} data */
export function humanTest(root, data) {
  const $ = (/** @type {string} */ name) => /** @type {HTMLElement} */ (root.querySelector(name));
  const save = $("[data-act=save]"), forget = $("[data-act=forget]"), note = $(".kept");
  const practice = data.trials.filter((trial) => trial.practice).length;
  const test = data.trials.length - practice;
  /** @type {Kept | null} */
  let kept = null;
  let follow = () => {};
  let turn = 0;
  /** @type {Record<string, any>} */
  const values = { timing: data.timing, showings: 0, state: {} };

  /** A session's trials in its own order, with the side of each fake. @param {number} seed */
  function plan(seed) {
    const next = random(seed);
    return data.trials
      .map((trial) => ({ ...trial, place: next(), side: next() < 0.5 ? "left" : "right" }))
      .sort((one, two) => Number(two.practice) - Number(one.practice) || one.place - two.place);
  }

  function write() {
    const count = kept?.answers.length ?? 0;
    save.hidden = forget.hidden = !count;
    let text = "Your answers stay in this browser; nothing is sent.";
    try {
      if (kept) localStorage.setItem(data.key, JSON.stringify(kept));
      else localStorage.removeItem(data.key);
    } catch { // full, or forbidden
      text = "This browser keeps nothing for this page: save the answers before you leave.";
    }
    if (note.textContent !== text) note.textContent = text; // or else it is read out again
  }

  /** @param {Omit<State, "turn">} state */
  function set(state) {
    values.state = { ...state, turn: ++turn };
    follow();
  }
  const say = (/** @type {string} */ title, /** @type {string} */ text, button = "") =>
    set({ phase: button ? "ready" : "over", title, text, button });
  const place = (/** @type {number} */ number) => number < practice
    ? `Practice ${number + 1} of ${practice}` : `Pair ${number + 1 - practice} of ${test}`;

  /** The next pair, or the end. @param {Kept} session */
  function ask(session) {
    const number = session.answers.length, trial = plan(session.seed)[number];
    if (!trial) return say("Done, thank you", resultOf(session.answers));
    const [real, fake] = [trial.real, trial.fake].map((text) =>
      Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0)));
    [values.left, values.right] = trial.side === "left" ? [fake, real] : [real, fake];
    values.showings = session.showings;
    return set({ phase: "pair", title: place(number), number });
  }

  /** @param {Kept} session @param {Message} message */
  function take(session, { side, left_ms, right_ms, answer_ms, showings }) {
    const number = session.answers.length, trial = plan(session.seed)[number];
    const fooled = side !== trial.side;
    session.answers.push({
      session: session.session, rater: session.session, model: data.model, number,
      practice: trial.practice, catch: trial.catch, picture: trial.picture, photo: trial.photo,
      fake_side: trial.side, said_fake: side, left_ms, right_ms, answer_ms, showings,
      answered: new Date().toISOString().replace("Z", "+00:00"), vision: session.vision, fooled,
    });
    session.showings = 0;
    write();
    if (!trial.practice) return ask(session);
    const text = `${fooled ? "Wrong" : "Right"}: the ${trial.side} picture is the fake.`;
    return set({ phase: "feedback", title: place(number), text, fake: trial.side, button: "Next" });
  }

  /** @param {Message} message */
  function receive(message) {
    if (!kept) {
      const [seed, ...name] = crypto.getRandomValues(new Uint32Array(3));
      const session = name.map((part) => part.toString(16).padStart(8, "0")).join("");
      kept = { session, seed, vision: message.vision ?? "", showings: 0, answers: [] };
    }
    if (message.kind === "answer") return take(kept, message);
    if (values.state.phase === "feedback" && kept.answers.length === practice) {
      const text = `Now the test: ${test} pairs, and no word on whether you were right.`;
      return say("That was the practice", text, "Start");
    }
    return ask(kept);
  }

  function begin() {
    const done = kept?.answers.length ?? 0;
    if (kept && done === data.trials.length) ask(kept);
    else if (kept) say("Welcome back", `${done} of ${data.trials.length} pairs are answered.`, "Go on");
    else {
      const title = "Which one is fake?";
      set({ phase: "ready", title, text: data.rules, button: "Start", ask: data.ask });
    }
  }

  save.addEventListener("click", () => {
    const rows = (kept?.answers ?? []).map((row) => data.columns.map((name) => cell(row[name])));
    const text = [data.columns, ...rows].map((row) => `${row.join(",")}\n`).join("");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = "human_test.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  });
  forget.addEventListener("click", () => {
    if (!confirm("Forget all your answers to this test?")) return;
    kept = null;
    write();
    begin();
    $("[data-act=go]").focus({ preventScroll: true });
  });

  try {
    kept = JSON.parse(localStorage.getItem(data.key) ?? "null");
  } catch { /* `write` says so */ }
  write();
  begin();
  const model = {
    get: (/** @type {string} */ name) => values[name],
    set: (/** @type {string} */ name, /** @type {any} */ value) => { values[name] = value; },
    save_changes: () => {
      if (kept) kept.showings = values.showings;
      write();
    },
    send: receive,
    on: (/** @type {string} */ _, /** @type {() => void} */ action) => { follow = action; },
    off: () => {},
  };
  render({ model, el: $(".test") });
}
