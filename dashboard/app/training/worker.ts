import { Effect, Layer } from "effect"
import { Backend } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { classifier } from "./classifier.ts"
import { dashboard } from "./definition.ts"
import { generator } from "./generator.ts"

const make = ({ choice, resume }: typeof dashboard.config.Type) =>
  choice.task === "classifier" ? classifier(choice, resume) : generator(choice, resume)

// Of its backend the page tells a worker by its name.
const { name = "wasm" } = globalThis as { readonly name?: string }

// A user who has chosen a GPU gets it, also where the processor plays it.
const backend = name === "webgl" ?
  Backend.layerWebglWith({ software: true }) :
  name === "webgpu" ?
  Backend.layerWebgpuWith({ software: true }) :
  Backend.layerWasmWith({
    threads: Number(/\d/.exec(name)?.[0] ?? 1)
  })

Remote.layer(dashboard, make).pipe(
  Layer.provide([RemoteBrowser.layerRunner, backend]),
  Layer.launch,
  Effect.runFork
)
