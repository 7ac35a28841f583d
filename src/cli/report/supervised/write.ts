import { Effect } from "effect"
import * as NdArray from "../../../core/NdArray.ts"
import { writeReport } from "../../../experiment/report/write.ts"
import type { Tested } from "./testModel.ts"

/** Writes the report of a supervised run into its folder, from the files in it and from the test, if there was one. */
export const writeSupervised = (folder: string, tested?: Tested) => {
  if (tested === undefined) return writeReport(folder)
  const { loss, matrix, mistakes, step } = tested, { accuracy, total: size } = matrix
  const worst = mistakes.map(({ image, index, label, loss, probabilities }) => ({
    index,
    loss,
    x: image,
    y: NdArray.index(label),
    prediction: NdArray.make(probabilities.map(Math.log), [probabilities.length])
  }))
  const examined = { step, size, losses: new Float32Array(0), worst, matrix }
  return Effect.suspend(() => writeReport(folder, { figures: { loss, accuracy, size }, examined }))
}
