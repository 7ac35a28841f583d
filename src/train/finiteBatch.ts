import { NonFiniteError } from "../core/errors.ts"
import { isArrayLike } from "../core/hostArray.ts"
import type { NdArray } from "../core/hostArray.ts"
import { format, size } from "../core/Shape.ts"
import type { Known } from "../core/Shape.ts"
import { isBranch, join } from "../core/structure.ts"

/** The place of a value in row-major order, by axis. */
const placeOf = (index: number, shape: Known): Known =>
  shape.map((n, axis) => Math.floor(index / size(shape.slice(axis + 1))) % n)

const inArray = ({ data, shape }: NdArray, path: string): string | undefined => {
  const index = data.findIndex((value) => !Number.isFinite(value))
  return index === -1 ? undefined : `${data[index]} in ${path} at ${format(placeOf(index, shape))}`
}

/** The first value of a batch that is not finite, and where. */
const firstIn = (batch: unknown, path: string): string | undefined => {
  if (isArrayLike(batch)) return inArray(batch, path)
  if (!isBranch(batch)) return undefined
  for (const [key, part] of Object.entries(batch)) {
    const found = firstIn(part, join(path, key))
    if (found !== undefined) return found
  }
  return undefined
}

/** The error of a step, which says where its batch is not finite, if it is not: that is what it comes from then. */
export const withBatch = (error: NonFiniteError, batch: unknown): NonFiniteError => {
  const { learningRate, metric, step, value } = error, found = firstIn(batch, "")
  return found === undefined ? error : new NonFiniteError({
    ...{ metric, value, step, batch: found },
    ...(learningRate === undefined ? {} : { learningRate })
  })
}
