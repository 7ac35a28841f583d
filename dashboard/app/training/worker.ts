import { Effect, Layer } from "effect"
import { Backend, Errors } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { messageOf } from "../../../src/core/messageOf.ts"
import { loadCheckpoint } from "../state/database.ts"
import { classifier } from "./classifier.ts"
import { dashboard } from "./definition.ts"
import { generator } from "./generator.ts"

const kept = (run: string) =>
  Effect.tryPromise({
    try: () => loadCheckpoint(run),
    catch: (cause) =>
      new Errors.DataError({ source: "the checkpoint", expected: "to be read", actual: messageOf(cause), cause })
  })

const make = ({ choice, resume, run }: typeof dashboard.config.Type) =>
  Effect.gen(function*() {
    const part = { run, checkpoint: resume ? yield* kept(run) : undefined }
    return choice.task === "classifier" ? yield* classifier(choice, part) : yield* generator(choice, part)
  })

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
