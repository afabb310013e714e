// What a page asks of its worker, answered one thing after another.

/**
 * Answer the page's messages as they come.
 * @template {{ kind: string }} Ask
 * @param {(ask: Ask) => Promise<void>} answer
 * @param {(ask: Ask, message: string) => void} fail told what `answer` throws, in words
 * @param {Record<string, string[]>} voids which kinds that wait are void once another kind comes
 */
export function serve(answer, fail, voids) {
  /** @type {Ask[]} */
  let waiting = [];
  let busy = false;

  addEventListener("message", (/** @type {MessageEvent<Ask>} */ { data: ask }) => {
    waiting = waiting.filter(({ kind }) => !voids[ask.kind]?.includes(kind));
    waiting.push(ask);
    if (!busy) work();
  });

  async function work() {
    busy = true;
    for (;;) {
      await breathe();
      const ask = waiting.shift();
      if (!ask) break;
      try {
        await answer(ask);
      } catch (error) {
        fail(ask, error instanceof Error ? error.message : String(error));
      }
    }
    busy = false;
  }

  return {
    /** Whether one of these kinds waits. @param {string[]} kinds */
    holds: (...kinds) => waiting.some(({ kind }) => kinds.includes(kind)),
  };
}

/** Let in what was sent meanwhile. */
export const breathe = (ms = 0) => new Promise((later) => setTimeout(later, ms));
