import { backend, engine, env, registerBackend, removeBackend } from "@tensorflow/tfjs-core"
import { Effect, Layer } from "effect"
import { DeviceError } from "../core/errors.ts"
import type { BackendError } from "../core/errors.ts"
import { inTurn } from "../core/turns.ts"
import { activate, warnOnce } from "./activate.ts"
import { Backend } from "./Backend.ts"
import { currentDevice, useDevice } from "./device.ts"
import type { Device } from "./device.ts"
import { assertHardware } from "./software.ts"
import type { GpuOptions } from "./software.ts"

const NAME = "webgl"

/** The part of the WebGL backend that is used here. */
interface WebglBackend {
  readonly gpgpu: { readonly gl: WebGL2RenderingContext; readonly itemsToPoll: Array<unknown> }
}

const webgl = (): WebglBackend => backend() as unknown as WebglBackend

const deviceOf = ({ gpgpu }: WebglBackend): Device => {
  const { gl } = gpgpu
  return {
    isLost: () => gl.isContextLost(),
    lost: new Promise((resolve) =>
      gl.canvas.addEventListener("webglcontextlost", () => {
        // Reads that wait for the context would ask for it without end.
        gpgpu.itemsToPoll.splice(0)
        resolve()
      })
    ),
    isOutOfMemory: () => gl.getError() === gl.OUT_OF_MEMORY,
    error: (reason) => new DeviceError({ backend: NAME, reason })
  }
}

// TensorFlow.js asks by timers whether the GPU is done, and a page that is hidden has one in a second, or in a minute.
const askWhenHidden = (): void => {
  env().platform.setTimeoutCustom = (task: () => void, delay: number): void => {
    const { document } = globalThis as { readonly document?: Document }
    if (document?.visibilityState === "hidden") inTurn(task)
    else setTimeout(task, delay)
  }
}

const load = async (): Promise<void> => {
  const { MathBackendWebGL } = await import("@tensorflow/tfjs-backend-webgl")
  const old = engine().registry[NAME] as unknown as WebglBackend | undefined
  if (old?.gpgpu.gl.isContextLost() !== true) return
  // A context that is lost does not come back to TensorFlow.js: its textures and programs are gone.
  removeBackend(NAME)
  registerBackend(NAME, () => new MathBackendWebGL(), 2)
}

/** What WebGL would draw with here, asked of a context that is given back at once. */
const rendererName = (): string => {
  const canvas = typeof OffscreenCanvas === "function"
    ? new OffscreenCanvas(1, 1)
    : (globalThis as { readonly document?: Document }).document?.createElement("canvas")
  const gl = canvas?.getContext("webgl2") as WebGL2RenderingContext | null | undefined
  if (!gl) return ""
  const info = gl.getExtension("WEBGL_debug_renderer_info")
  // Firefox names it without the extension.
  const name = gl.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER)
  gl.getExtension("WEBGL_lose_context")?.loseContext()
  return String(name)
}

const unavailable = "there is no WebGL here, or it is turned off"

const make = ({ software = false }: GpuOptions) =>
  Effect.tap(
    activate(
      NAME,
      () => {
        if (!software) assertHardware(rendererName())
        return load()
      },
      unavailable
    ),
    () => {
      askWhenHidden()
      if (currentDevice() === undefined) useDevice(deviceOf(webgl()))
      return env().getBool("WEBGL_RENDER_FLOAT32_ENABLED")
        ? Effect.void
        : warnOnce("this device's WebGL computes with 16 bits, which is too little for most training")
    }
  )

/**
 * The WebGL backend: the GPU of a page or of a worker. Numbers differ from those of other backends in their last
 * digits.
 *
 * The GPU works beside the program; to wait for the metrics of each step would keep it idle in between, which
 * `readEvery` of `Train.make` avoids. When the browser takes the context away (a driver that starts anew, a device that
 * sleeps, too many contexts), a trainer fails with a `DeviceError`, and whoever builds this layer again gets a new
 * context: `Effect.retry` around a program that provides it goes on, from a checkpoint.
 *
 * Fails with a `BackendError` where there is no WebGL, in Node, say, and where a processor plays the GPU, which is told
 * by the name of the renderer (SwiftShader, llvmpipe, Microsoft Basic Render): a tenth as fast as wasm, it is no choice
 * unless {@link layerWebglWith} asks for it.
 *
 * @example
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { Backend } from "effect-neuron"
 *
 * const name = Effect.map(Effect.service(Backend.Backend), (backend) => backend.name)
 * const best = Layer.catch(Backend.layerWebgl, () => Backend.layerWasm)
 * await Effect.runPromise(Effect.provide(name, best)) // => "wasm"
 * ```
 */
export const layerWebgl: Layer.Layer<Backend, BackendError> = /* @__PURE__ */ Layer.effect(
  Backend,
  /* @__PURE__ */ make({})
)

/**
 * {@link layerWebgl} with a choice: `{ software: true }` takes a GPU that the processor plays too, for tests.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend } from "effect-neuron"
 *
 * const layer = Backend.layerWebglWith({ software: true })
 * const error = await Effect.runPromise(Effect.flip(Effect.provide(Backend.Backend, layer)))
 * error._tag // => "BackendError"
 * ```
 */
export const layerWebglWith = (options: GpuOptions): Layer.Layer<Backend, BackendError> =>
  Layer.effect(Backend, make(options))
