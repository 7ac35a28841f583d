import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Backend, Key, Layers, Losses, Metrics, NdArray, Pipeline, Random, Train } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { learn } from "./learn.ts"

type Example = { readonly x: NdArray.NdArray; readonly y: NdArray.NdArray }

const exampleOf = (ids: ReadonlyArray<number>, y: number): Example => ({
  x: NdArray.make(Int32Array.from(ids), [ids.length]),
  y: NdArray.index(y)
})

/** Whether brackets of two kinds match: half of the texts have one that was changed. */
const brackets = (below: (n: number) => number): Example => {
  const open: Array<number> = [], text: Array<number> = [], pairs = 1 + below(7)
  for (let left = pairs; left > 0 || open.length > 0;) {
    if (left > 0 && (open.length === 0 || below(2) === 0)) {
      open.push(below(2))
      text.push(open.at(-1)!)
      left -= 1
    } else text.push(2 + open.pop()!)
  }
  const isWrong = below(2) === 1, at = below(text.length)
  if (isWrong) text[at] = (text[at]! + 1 + below(3)) % 4
  return exampleOf(text, isWrong ? 0 : 1)
}

/** Which of three symbols is there most often. */
const majority = (below: (n: number) => number): Example => {
  const counts = [0, 0, 0], ids = Array.from({ length: 1 + below(14) }, () => below(3))
  for (const id of ids) counts[id]! += 1
  return exampleOf(ids, counts.indexOf(Math.max(...counts)))
}

const tasks = { brackets: [brackets, 4, 2], majority: [majority, 3, 3] } as const

/** A sequence of ids with a mask, to what a layer makes of the whole of it. */
const classifier = (size: number, classes: number, body: Layers.Any) =>
  Layers.sequence(
    ["embedding", Layers.each({ x: Layers.embedding({ size, features: 16 }), mask: Layers.identity })],
    ["body", body],
    ["head", Layers.dense(classes)]
  )

const { bidirectional, gru, lstm } = Layers, last = { returns: "last" } as const

const table: ReadonlyArray<
  readonly [task: keyof typeof tasks, body: Layers.Any, steps: number, least: number]
> = [
  ["brackets", lstm<Layers.Masked>(32, last), 250, 0.97],
  ["brackets", bidirectional(gru<Layers.Masked>(32, last)), 220, 0.95],
  ["majority", gru<Layers.Masked>(32, last), 250, 0.93]
]

describe("sequences of different lengths", () => {
  for (const [name, body, steps, least] of table) {
    it.effect(`${name} is learned by ${body.name}`, () =>
      Effect.gen(function*() {
        const [draw, size, classes] = tasks[name], next = Random.generator(Key.make(5))
        const batches = yield* Stream.range(0, 32 * (steps + 8) - 1).pipe(
          Stream.map(() => draw((n) => Math.floor(next() * n))),
          Pipeline.padBatch(32, { buckets: { buffer: 256, seed: 1 } }),
          Stream.runCollect
        )
        const model = classifier(size, classes, body), loss = Losses.softmaxCrossEntropy
        const trainer = yield* learn(model, loss, {
          ...{ input: { x: [null], mask: [null] }, rate: 1e-2, steps, batch: (i) => batches[i]! }
        })
        const rest = Stream.fromIterable(batches.slice(steps + 1))
        const { accuracy } = yield* Train.evaluate(rest, { model, loss, metrics: [Metrics.accuracy] }, trainer)
        assert.isAtLeast(accuracy, least)
      }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(Backend.layerWasm)))
  }
})
