import { Console, Effect } from "effect"
import * as NdArray from "../core/NdArray.ts"
import type { HostTree } from "../core/NdArray.ts"
import { classProbabilities } from "../core/softmax.ts"
import * as Tree from "../core/Tree.ts"
import type { View } from "../experiment/index.ts"
import { likeliestText, tokenizerOf } from "../experiment/tokens.ts"
import { grid } from "../images/grid.ts"
import { writePng } from "../images/png.ts"
import { withRun } from "./openRun.ts"
import type { Computing } from "./openRun.ts"
import { pictureFiles } from "./predictedPictures.ts"
import type { Pictures } from "./predictedPictures.ts"
import { readInputs } from "./readInputs.ts"
import { UsageError } from "./UsageError.ts"

/** What `predict` is asked for. */
export interface PredictOptions extends Computing, Pictures {
  readonly run: string
  readonly inputs: ReadonlyArray<string>
  readonly invert: boolean
  readonly json: boolean
}

type Prediction = NdArray.NdArray

/** Numbers in nested lists, as JSON has them. */
const listOf = ({ data, shape }: Prediction): unknown => {
  const [n, ...rest] = shape
  if (n === undefined) return data[0]
  const length = data.length / n
  return Array.from({ length: n }, (_, i) => listOf({ data: data.slice(i * length, (i + 1) * length), shape: rest }))
}

const single = (tree: HostTree): HostTree =>
  Tree.map(tree, ({ data, shape }: Prediction): Prediction => ({ data, shape: [1, ...shape] }), {
    isLeaf: NdArray.isNdArray
  })

const number = (value: number): string => Number.isInteger(value) ? String(value) : value.toPrecision(5)

/** Classes by their probability, the most likely first. */
const ranked = (classes: ReadonlyArray<string>, logits: Prediction) =>
  classProbabilities(logits.data, classes.length).map((probability, i) => ({
    name: classes[i] ?? String(i),
    probability
  }))
    .toSorted((a, b) => b.probability - a.probability)

/** A prediction in words. */
const inWords = (view: View, prediction: Prediction): string => {
  const values = Array.from(prediction.data)
  switch (view.kind) {
    case "class": {
      const shown = ranked(view.classes, prediction)
      return `${shown[0]!.name}  (${
        shown.slice(0, 3).map(({ name, probability }) => `${name} ${(100 * probability).toFixed(2)} %`).join(", ")
      })`
    }
    case "text":
      return JSON.stringify(likeliestText(values, tokenizerOf(view)))
    case "row":
      return view.names.length === 1
        ? number(values[0]!)
        : values.map((value, i) => `${view.names[i] ?? i + 1} ${number(value)}`).join(", ")
    case "point":
    case "series":
    case "image":
      return values.map(number).join(", ")
  }
}

/** A prediction for programs. */
const inJson = (view: View | undefined, prediction: HostTree): object => {
  if (!NdArray.isNdArray(prediction)) {
    return { prediction: Tree.map(prediction, (leaf: Prediction) => leaf, { isLeaf: NdArray.isNdArray }) }
  }
  if (view?.kind !== "class") return { prediction: listOf(prediction) }
  return {
    class: ranked(view.classes, prediction)[0]!.name,
    probabilities: classProbabilities(prediction.data, view.classes.length)
  }
}

/** Says what a run makes of inputs. */
export const predict = (options: PredictOptions) =>
  withRun(options.run, options, ({ experiment, file, opened, state }) =>
    Effect.gen(function*() {
      const { about: { show }, inspections } = opened, { json, run } = options
      if (inspections.predict === undefined || experiment.kind === "adversarial") {
        return yield* new UsageError({ message: `${run}: ${experiment.name} predicts nothing` })
      }
      const inputs = yield* readInputs(options.inputs, opened.about, options)
      const pictures = json || show?.target.kind !== "image"
        ? []
        : yield* pictureFiles(inputs.map(({ name }) => name), options)
      yield* Effect.forEach(inputs, ({ name, note }) =>
        note === undefined ? Effect.void : Console.error(`${name}: ${note}`))
      if (!json) {
        yield* Console.log(`${file}, step ${state.step}`)
      }
      yield* Effect.forEach(inputs, ({ name, x }, i) =>
        Effect.gen(function*() {
          const whole = yield* inspections.predict!(state, single(x))
          const prediction = Tree.map(
            whole,
            ({ data, shape }: Prediction): Prediction => ({ data, shape: shape.slice(1) }),
            { isLeaf: NdArray.isNdArray }
          )
          if (json) {
            return yield* Console.log(
              JSON.stringify({ input: name, checkpoint: file, ...inJson(show?.target, prediction) })
            )
          }
          if (show?.target.kind === "image" && NdArray.isNdArray(whole)) {
            const out = pictures[i]!
            // One without an axis of channels is gray.
            const { data, shape } = whole, images = { data, shape: shape.length === 3 ? [...shape, 1] : shape }
            yield* writePng(out, grid(images, { columns: 1, padding: 0, range: show.target.range }))
            return yield* Console.log(`${name}: ${out}`)
          }
          yield* Console.log(
            `${name}: ${
              show === undefined || !NdArray.isNdArray(prediction)
                ? JSON.stringify(inJson(undefined, prediction))
                : inWords(show.target, prediction)
            }`
          )
        }), { discard: true })
    }))
