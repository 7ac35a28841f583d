import { backend, engine, env, removeBackend } from "@tensorflow/tfjs-core"
import { Effect, Layer } from "effect"
import { DeviceError } from "../core/errors.ts"
import type { BackendError } from "../core/errors.ts"
import { activate } from "./activate.ts"
import { Backend } from "./Backend.ts"
import { currentDevice, useDevice } from "./device.ts"
import type { Device } from "./device.ts"
import { assertHardware } from "./software.ts"
import type { GpuOptions } from "./software.ts"

const NAME = "webgpu"

/** The part of the WebGPU backend that is used here. */
interface WebgpuBackend {
  readonly device: { readonly lost: Promise<unknown> }
}

const lost = new WeakSet<WebgpuBackend>()

const deviceOf = (of: WebgpuBackend): Device => ({
  isLost: () => lost.has(of),
  lost: of.device.lost.then(() => {
    lost.add(of)
  }),
  // WebGPU says so to who made a scope for errors before, which TensorFlow.js does not.
  isOutOfMemory: () => false,
  error: (reason) => new DeviceError({ backend: NAME, reason })
})

const load = async (): Promise<void> => {
  await import("@tensorflow/tfjs-backend-webgpu")
  const old = engine().registry[NAME] as unknown as WebgpuBackend | undefined
  if (old === undefined || !lost.has(old)) return
  const { factory, priority } = engine().registryFactory[NAME]!
  removeBackend(NAME)
  engine().registerBackend(NAME, factory, priority)
}

interface Adapters {
  readonly gpu?: {
    readonly requestAdapter: (options?: object) => Promise<
      { readonly info?: { readonly isFallbackAdapter?: boolean; readonly architecture?: string } } | null
    >
  }
}

/** What WebGPU would compute with here: the adapter that TensorFlow.js takes. */
const rendererName = async (): Promise<string> => {
  const powerPreference = env().get("WEBGPU_USE_LOW_POWER_GPU") ? "low-power" : "high-performance"
  const adapter = await (globalThis.navigator as Adapters | undefined)?.gpu?.requestAdapter({ powerPreference })
  const { architecture = "", isFallbackAdapter } = adapter?.info ?? {}
  return isFallbackAdapter === true ? `software ${architecture}` : architecture
}

const make = ({ software = false }: GpuOptions) =>
  Effect.tap(
    activate(
      NAME,
      async () => {
        await load()
        if (!software) assertHardware(await rendererName())
      },
      "there is no WebGPU here, or it is turned off"
    ),
    () =>
      Effect.sync(() => {
        if (currentDevice() === undefined) useDevice(deviceOf(backend() as unknown as WebgpuBackend))
      })
  )

/**
 * The WebGPU backend, experimental: TensorFlow.js has not been developed further there since 2024, and it was tested
 * here on a processor that plays a GPU: training, evaluation, checkpoints and all that a worker can be asked. Otherwise
 * as {@link layerWebgl}, with two exceptions. Values can only be read with `Backend.read`: `Backend.toHost` throws, and
 * so does `dataSync` in Node, while in a page it can take the device away. And memory that the GPU does not have is not
 * found out.
 *
 * Fails with a `BackendError` where there is no WebGPU, or a processor plays the GPU.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend } from "effect-neuron"
 *
 * const error = await Effect.runPromise(Effect.flip(Effect.provide(Backend.Backend, Backend.layerWebgpu)))
 * error._tag // => "BackendError"
 * ```
 */
export const layerWebgpu: Layer.Layer<Backend, BackendError> = /* @__PURE__ */ Layer.effect(
  Backend,
  /* @__PURE__ */ make({})
)

/**
 * {@link layerWebgpu} with a choice: `{ software: true }` takes a GPU that the processor plays too, for tests.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend } from "effect-neuron"
 *
 * const layer = Backend.layerWebgpuWith({ software: true })
 * const error = await Effect.runPromise(Effect.flip(Effect.provide(Backend.Backend, layer)))
 * error._tag // => "BackendError"
 * ```
 */
export const layerWebgpuWith = (options: GpuOptions): Layer.Layer<Backend, BackendError> =>
  Layer.effect(Backend, make(options))
