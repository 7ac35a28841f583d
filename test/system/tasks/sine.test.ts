import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Key, Layers, Losses, NdArray, Random } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { learn } from "./learn.ts"

const KNOWN = 20, CONTINUED = 40

/** Waves of any phase and of amplitudes from 0.5 to 1, with a period of 20 steps. */
const waves = (i: number, size: number, time: number): Float32Array => {
  const next = Random.generator(Key.fold(Key.make(3), i)), values = new Float32Array(size * time)
  for (let row = 0; row < size; row++) {
    const phase = 2 * Math.PI * next(), amplitude = 0.5 + next() / 2
    for (let t = 0; t < time; t++) values[row * time + t] = amplitude * Math.sin(phase + 2 * Math.PI * t / 20)
  }
  return values
}

/** Of each step the next one. */
const batch = (i: number) => {
  const size = 32,
    all = waves(i, size, KNOWN + 1),
    x = new Float32Array(size * KNOWN),
    y = new Float32Array(size * KNOWN)
  for (let row = 0; row < size; row++) {
    x.set(all.subarray(row * (KNOWN + 1), (row + 1) * (KNOWN + 1) - 1), row * KNOWN)
    y.set(all.subarray(row * (KNOWN + 1) + 1, (row + 1) * (KNOWN + 1)), row * KNOWN)
  }
  return { x: NdArray.make(x, [size, KNOWN, 1]), y: NdArray.make(y, [size, KNOWN, 1]), size }
}

/** What changes from a step to the next. */
const model = Layers.residual(Layers.named({ memory: Layers.gru(32), head: Layers.dense(1) }))

describe("a sine", () => {
  it.effect("is continued by a model that goes on from what it has given", () =>
    Effect.gen(function*() {
      const trainer = yield* learn(model, Losses.meanSquaredError, { input: [null, 1], rate: 5e-3, steps: 200, batch })
      const going = Layers.stateful(model), mode = { training: false, key: Key.make(0) }, size = 8
      const off = yield* trainer.use(({ params, state }) =>
        Backend.tensors("continue", () => {
          const all = tf.tensor3d(waves(-1, size, KNOWN + CONTINUED), [size, KNOWN + CONTINUED, 1])
          let [y, carried] = going.apply(params, state, tf.slice(all, 0, [size, KNOWN, 1]), mode)
          const given: Array<tf.Tensor> = [tf.slice(y, [0, KNOWN - 1, 0], [size, 1, 1])]
          while (given.length < CONTINUED) {
            ;[y, carried] = going.apply(params, carried, given.at(-1)!, mode)
            given.push(y)
          }
          const expected = tf.slice(all, [0, KNOWN, 0], [size, CONTINUED, 1])
          return tf.mean(tf.abs(tf.sub(tf.concat(given, 1), expected))).dataSync()[0]!
        })
      )
      // A guess of 0 everywhere is off by 0.64.
      assert.isAtMost(off, 0.15)
    }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(Backend.layerWasm)))
})
