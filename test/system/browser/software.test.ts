import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Backend } from "effect-neuron"
import { hasWebgpu, webgl, webgpu } from "./backends.ts"

const name = Effect.map(Effect.service(Backend.Backend), (backend) => backend.name)

describe("a GPU that the processor plays", () => {
  it.effect("is told apart, so that wasm is taken, and taken for the asking", ({ skip }) =>
    Effect.gen(function*() {
      const gl = new OffscreenCanvas(1, 1).getContext("webgl2")!
      const { UNMASKED_RENDERER_WEBGL } = gl.getExtension("WEBGL_debug_renderer_info")!
      if (!/swiftshader|llvmpipe/i.test(gl.getParameter(UNMASKED_RENDERER_WEBGL))) return skip("a GPU that is one")
      const wasm = Backend.layerWasm
      assert.strictEqual(yield* Effect.provide(name, Layer.catch(Backend.layerWebgl, () => wasm)), "wasm")
      assert.strictEqual(yield* Effect.provide(name, webgl), "webgl")
      const error = yield* Effect.flip(Effect.provide(name, Backend.layerWebgl))
      assert.match(error.message, /^the webgl backend could not be started: the processor plays the GPU here \(.+\)/)
      if (!(yield* hasWebgpu)) return
      assert.strictEqual(yield* Effect.provide(name, Layer.catch(Backend.layerWebgpu, () => wasm)), "wasm")
      assert.strictEqual(yield* Effect.provide(name, webgpu), "webgpu")
    }))

  it.effect("is told by its name, and others are not", () =>
    Effect.gen(function*() {
      const original = WebGL2RenderingContext.prototype.getParameter
      const named = (renderer: string) =>
        Effect.exit(Effect.provide(name, Backend.layerWebgl)).pipe(
          Effect.map((exit) => exit._tag),
          (run) =>
            Effect.acquireUseRelease(
              Effect.sync(() => {
                WebGL2RenderingContext.prototype.getParameter = function(key) {
                  return key === 0x9246 ? renderer : original.call(this, key)
                }
              }),
              () => run,
              () =>
                Effect.sync(() => {
                  WebGL2RenderingContext.prototype.getParameter = original
                })
            )
        )
      const software = [
        "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero) (0x0000C0DE)), SwiftShader driver)",
        "llvmpipe (LLVM 15.0.6, 256 bits)",
        "ANGLE (Microsoft, Microsoft Basic Render Driver Direct3D11 vs_5_0 ps_5_0, D3D11)"
      ]
      for (const renderer of software) assert.strictEqual(yield* named(renderer), "Failure", renderer)
      const hardware = [
        "ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)",
        "ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)",
        "Mali-G78",
        "Mesa Intel(R) UHD Graphics 620 (KBL GT2)"
      ]
      for (const renderer of hardware) assert.strictEqual(yield* named(renderer), "Success", renderer)
    }))
})
