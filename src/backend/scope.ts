import { engine } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { isTensor } from "../core/Tree.ts"

/** The tensors of a structure of any kind; host arrays are not looked into. */
const tensorsOf = (value: unknown): ReadonlyArray<Tensor> => {
  const found: Array<Tensor> = [], seen = new Set<object>()
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || seen.has(value)) return
    if (isTensor(value)) found.push(value)
    else if (!ArrayBuffer.isView(value)) {
      seen.add(value)
      for (const child of Array.isArray(value) ? value : Object.values(value)) visit(child)
    }
  }
  visit(value)
  return found
}

/**
 * Runs a tensor program and disposes every tensor that it made and does not return, also when it throws: as `tf.tidy`,
 * which takes some ten times as long to find the tensors of a training state. `note` is told of those that it returns.
 */
export const scoped = <A>(program: () => A, note?: (kept: ReadonlyArray<Tensor>) => void): A => {
  engine().startScope()
  let kept: ReadonlyArray<Tensor> = []
  try {
    const result = program()
    kept = tensorsOf(result)
    note?.(kept)
    return result
  } finally {
    engine().endScope([...kept])
  }
}
