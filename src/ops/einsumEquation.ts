/**
 * The axes of each operand and of the result, by name: a letter, or the number of an axis under an ellipsis from the
 * end.
 */
export interface Equation {
  readonly operands: ReadonlyArray<ReadonlyArray<string>>
  readonly output: ReadonlyArray<string>
}

const ELLIPSIS = "..."

const fail = (equation: string, why: string): never => {
  throw new Error(`einsum "${equation}": ${why}`)
}

/** The names in one term; an ellipsis stands for as many axes as are left over. */
const termOf = (equation: string, term: string, covered: number): ReadonlyArray<string> => {
  const parts = term.split(ELLIPSIS)
  if (parts.length > 2 || parts.some((part) => !/^[A-Za-z]*$/.test(part))) {
    fail(equation, `a term is of letters and one "..." at most, got "${term}"`)
  }
  if (parts.length === 1) return [...term]
  return [...parts[0]!, ...Array.from({ length: covered }, (_, i) => String(covered - i)), ...parts[1]!]
}

/**
 * Reads an equation for operands of these ranks. Without `->` the result has the axes under the ellipsis, and then, in
 * the order of the alphabet, the letters that stand there once.
 */
export const parseEquation = (equation: string, ranks: ReadonlyArray<number>): Equation => {
  const sides = equation.replace(/\s/g, "").split("->"), terms = sides[0]!.split(",")
  if (sides.length > 2) fail(equation, "there is more than one arrow")
  if (terms.length !== ranks.length) fail(equation, `it has ${terms.length} operands, got ${ranks.length}`)
  let widest = 0
  const operands = terms.map((term, i) => {
    const hasEllipsis = term.includes(ELLIPSIS), covered = ranks[i]! - term.replace(ELLIPSIS, "").length
    if (hasEllipsis ? covered < 0 : covered !== 0) fail(equation, `"${term}" does not fit a tensor of rank ${ranks[i]}`)
    widest = Math.max(widest, covered)
    return termOf(equation, term, covered)
  })
  const all = operands.flat(), given = new Set(all)
  const under = Array.from({ length: widest }, (_, i) => String(widest - i))
  const single = [...given].filter((name) => /[A-Za-z]/.test(name) && all.indexOf(name) === all.lastIndexOf(name))
  const output = sides[1] === undefined ? [...under, ...single.sort()] : termOf(equation, sides[1], widest)
  for (const name of output) {
    if (!given.has(name)) fail(equation, `"${name}" of the result is in no operand`)
    if (output.indexOf(name) !== output.lastIndexOf(name)) fail(equation, `"${name}" is twice in the result`)
  }
  return { operands, output }
}
