// What page and worker agree on. It imports no tensor code, so that the page has none.
import { Schema } from "effect"
import * as Remote from "effect-neuron/remote"

export const Xor = Remote.define({
  config: Schema.Struct({
    units: Schema.Int,
    learningRate: Schema.Number,
    backend: Schema.Literals(["wasm", "webgl"]),
    threads: Schema.Int
  })
})
