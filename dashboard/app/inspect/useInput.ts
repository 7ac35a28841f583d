import type { NdArray } from "effect-neuron"
import { useEffect, useState } from "preact/hooks"
import { currentRun, runs } from "../state/runs.ts"
import { useStore } from "../state/store.ts"
import { classes, defaults } from "../training/definition.ts"
import { input } from "./input.ts"
import { imageOf, testData } from "./testData.ts"
import type { TestData } from "./testData.ts"

/** The test examples of the current run's data set, when they are there. */
export const useTestData = (): TestData | undefined => {
  const id = useStore(runs, ({ current }) => current)
  const dataset = currentRun()?.choice?.dataset ?? defaults.classifier.dataset
  const [data, setData] = useState<TestData>()
  useEffect(() => {
    let over = false
    testData(dataset).then((found) => over || setData(found), () => undefined)
    return () => {
      over = true
    }
  }, [dataset, id])
  return data
}

/** The image that the model is shown, and what it is. */
export const useInput = (): { readonly image: NdArray.NdArray | undefined; readonly label: string } => {
  const data = useTestData()
  const { drawing, example, useDrawing } = useStore(input, (value) => value)
  if (useDrawing && drawing !== undefined) return { image: drawing, label: "your drawing" }
  if (data === undefined) return { image: undefined, label: "" }
  const i = example % data.y.length
  return { image: imageOf(data, i), label: `test example ${i}, a ${classes[data.y[i]!]}` }
}
