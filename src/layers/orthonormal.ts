/**
 * Orthonormalizes the rows of a matrix in place, by Gram and Schmidt with a second pass, without which rounding errors
 * grow with the number of rows. With normal values the result is evenly distributed (Haar), since no sign is chosen.
 */
export const orthonormalRows = (matrix: Float64Array, rows: number): Float64Array => {
  const columns = matrix.length / rows
  for (let row = 0; row < rows; row++) {
    const current = matrix.subarray(row * columns, (row + 1) * columns)
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < row; other++) {
        const from = other * columns
        let product = 0
        for (let i = 0; i < columns; i++) product += current[i]! * matrix[from + i]!
        for (let i = 0; i < columns; i++) current[i]! -= product * matrix[from + i]!
      }
    }
    let squares = 0
    for (const value of current) squares += value * value
    const norm = Math.sqrt(squares)
    for (let i = 0; i < columns; i++) current[i]! /= norm
  }
  return matrix
}
