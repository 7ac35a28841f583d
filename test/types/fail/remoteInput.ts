// error: Property 'street' is missing in type
import { Effect, Schema } from "effect"
import { NdArray } from "effect-neuron"
import * as Remote from "effect-neuron/remote"

const Prices = Remote.define({
  config: Schema.Struct({ seed: Schema.Int }),
  input: Schema.Struct({ rooms: Remote.array, street: Remote.array })
})

export const predicted = Effect.flatMap(
  Remote.connect(Prices),
  ({ predict }) => predict({ rooms: NdArray.make([1], [1]) })
)
