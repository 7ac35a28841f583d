// error: Type 'string' is not assignable to type 'number'.
import { Effect, Schema } from "effect"
import * as Remote from "effect-neuron/remote"

const Line = Remote.define({ config: Schema.Struct({ learningRate: Schema.Number }) })

export const started = Effect.flatMap(Remote.connect(Line), ({ start }) => start({ learningRate: "0.1" }))
