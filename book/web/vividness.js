// The slider's coordinate, in which colour grows evenly; `colorlab.models.live` says why it is this.

export const LIKE_PHOTOS = 0.938;
const LOWEST = 0.1;

/** Where the slider has this lambda, 0 (cautious) to 1 (vivid). @param {number} lam */
export function vividness(lam) {
  const commonest = Math.log(lam + 200 * (1 - lam)) / Math.log(LOWEST + 200 * (1 - LOWEST));
  return 0.75 * commonest + (0.25 * Math.log(lam)) / Math.log(LOWEST);
}

/** The lambda, to four digits, at a place of the slider. @param {number} place */
export function lambdaFor(place) {
  let [low, high] = [LOWEST, 1];
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (vividness(middle) > place) low = middle;
    else high = middle;
  }
  return Number(((low + high) / 2).toFixed(4));
}
