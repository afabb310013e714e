// A before/after divider on `stage`, which holds two pictures of one size and a `.divider`.
// The second picture is cut off left of the divider (`--at` in the style sheet).
function addDivider(stage) {
  const divider = stage.querySelector(".divider");
  const limit = (value) => Math.min(100, Math.max(0, value));
  let at = 50;

  function place(value) {
    at = limit(value);
    const [left, right] = [...stage.querySelectorAll(".tag")].map((tag) => tag.textContent);
    stage.style.setProperty("--at", `${at}%`);
    divider.setAttribute("aria-valuenow", Math.round(at));
    divider.setAttribute("aria-valuetext", `${Math.round(at)} % ${left}, the rest ${right}`);
  }

  function follow(event) {
    const { left, width } = stage.getBoundingClientRect();
    place((100 * (event.clientX - left)) / width);
  }

  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    event.preventDefault(); // no dragging of the picture itself
    divider.focus({ preventScroll: true });
    stage.setPointerCapture(event.pointerId); // to hear of it outside the window too
    follow(event);
    // The capture can be lost with the button still down, so the moves are the window's.
    const drag = new AbortController(), options = { signal: drag.signal };
    addEventListener("pointermove", (move) => {
      if (move.buttons) follow(move);
      else drag.abort();
    }, options);
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => drag.abort(), options);
  });
  divider.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? 10 : 1;
    const to = {
      ArrowLeft: at - step, ArrowDown: at - step, ArrowRight: at + step, ArrowUp: at + step,
      PageDown: at - 10, PageUp: at + 10, Home: 0, End: 100,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    place(to);
  });
  place(at);
  return () => place(at); // say it anew, after the names have changed
}
