import { backend } from "@tensorflow/tfjs-core"
import { Effect, Layer } from "effect"
import { Backend } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { Bands, make } from "../remote/program.ts"
import { webgl, webgpu } from "./backends.ts"

/** By its name a worker is told its backend, or what is wrong with it. */
const { name } = globalThis as { readonly name?: string }

if (name === "broken module") throw new Error("the module is broken")
if (name === "broken promise") await Promise.reject(new Error("the promise is broken"))
if (name === "no webgl") OffscreenCanvas.prototype.getContext = () => null

const backends: { readonly [name: string]: Layer.Layer<Backend.Backend, unknown> } = {
  webgl,
  "no webgl": webgl,
  webgpu,
  "no wasm": Backend.layerWasmWith({ paths: "/nowhere" }),
  "broken layer": Layer.effect(Backend.Backend, Effect.die(new Error("the layer is broken")))
}

// A driver that starts anew takes the context away. One that is lost already has no extensions.
new BroadcastChannel("lose context").addEventListener("message", () => {
  const { gpgpu } = backend() as unknown as { readonly gpgpu: { readonly gl: WebGL2RenderingContext } }
  gpgpu.gl.getExtension("WEBGL_lose_context")?.loseContext()
})

Remote.layer(Bands, make).pipe(
  Layer.provide([RemoteBrowser.layerRunner, backends[name!] ?? Backend.layerWasm]),
  Layer.launch,
  Effect.runFork
)
