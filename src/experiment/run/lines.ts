import { isBranch } from "../../core/structure.ts"

/** A line of `metrics.jsonl`: what was measured on a split after a step. */
export interface Line {
  /** `train` for the batch of a step, else what was measured beside: `validation`, `test`, `judged`. */
  readonly split: string
  readonly step: number
  /** Of a step: the seconds of training so far. */
  readonly time?: number
  readonly [name: string]: unknown
}

/** The line of a text, if it is one. Lines without a split, as adversarial runs once wrote them, are of steps. */
export const parseLine = (text: string): Line | undefined => {
  if (text === "") return undefined
  try {
    const found = JSON.parse(text) as { readonly [name: string]: unknown } | null
    const step = found?.["step"]
    if (found === null || typeof step !== "number" || !Number.isSafeInteger(step) || step < 0) return undefined
    const { split = "train", time, ...others } = found
    if (typeof split !== "string") return undefined
    return { ...others, split, step, ...(typeof time === "number" && Number.isFinite(time) ? { time } : {}) }
  } catch {
    return undefined
  }
}

/** Whether a value is what was measured on another split: a record with the number of its examples. */
export const isSplit = (value: unknown): value is { readonly [name: string]: unknown } =>
  isBranch(value) && !Array.isArray(value) && typeof (value as { readonly size?: unknown }).size === "number"

/**
 * What `trainer.run` and the operators behind it emit for a step, as lines: that of the step, and of each other split.
 */
export const linesOf = (element: { readonly step: number }): ReadonlyArray<Line> => {
  const train: { [name: string]: unknown } = {}, others: Array<Line> = []
  for (const [name, value] of Object.entries<unknown>(element)) {
    if (isSplit(value)) others.push({ ...value, split: name, step: element.step })
    else train[name] = value
  }
  return [{ ...train, split: "train", step: element.step }, ...others]
}

/** What JSON is to write of a value: metrics may have made arrays of numbers, which it would write as records. */
export const plain = (_: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) && !(value instanceof DataView) ? Array.from(value as unknown as ArrayLike<number>) : value

/** A line as it is written: what tells lines apart first. */
export const formatLine = ({ split, step, ...rest }: Line): string => {
  const line = { split, step, ...rest }
  // Numbers alone are written several times as fast.
  const isFlat = Object.values(line).every((value) => typeof value !== "object")
  return `${isFlat ? JSON.stringify(line) : JSON.stringify(line, plain)}\n`
}
