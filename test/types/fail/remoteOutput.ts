// error: Property 'mean' does not exist on type
import { Effect, Schema } from "effect"
import { NdArray } from "effect-neuron"
import * as Remote from "effect-neuron/remote"

const Prices = Remote.define({
  config: Schema.Struct({ seed: Schema.Int }),
  output: Schema.Struct({ low: Remote.array, high: Remote.array })
})

export const predicted = Effect.gen(function*() {
  const { predict } = yield* Remote.connect(Prices)
  return (yield* predict(NdArray.make([1], [1]))).mean
})
