// Small dense systems, symmetric and positive definite.

/**
 * The lower factor of such a matrix, in its place. A pivot that rounding has taken gets a floor.
 * @param {Float64Array} matrix n x n, row by row; what is above the diagonal isn't looked at
 * @param {number} n
 */
export function factor(matrix, n) {
  for (let row = 0; row < n; row++) {
    const mine = row * n;
    for (let column = 0; column <= row; column++) {
      const other = column * n;
      let value = matrix[mine + column];
      for (let k = 0; k < column; k++) value -= matrix[mine + k] * matrix[other + k];
      matrix[mine + column] =
        column < row ? value / matrix[other + column] : Math.sqrt(Math.max(value, 1e-12));
    }
  }
  return matrix;
}

/**
 * Solve for one right-hand side, in its place.
 * @param {Float64Array} lower from `factor`
 * @param {Float64Array} right
 */
export function solve(lower, right) {
  const n = right.length;
  for (let row = 0; row < n; row++) {
    for (let k = 0; k < row; k++) right[row] -= lower[row * n + k] * right[k];
    right[row] /= lower[row * n + row];
  }
  for (let row = n - 1; row >= 0; row--) {
    right[row] /= lower[row * n + row];
    for (let k = 0; k < row; k++) right[k] -= lower[row * n + k] * right[row];
  }
  return right;
}
