import type { Key } from "../../core/Key.ts"
import { companion, pointer } from "../companion/companion.ts"
import type { KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

/** Of a number of values, a key and two parameters. */
type Draw = (count: number, high: number, low: number, a: number, b: number, out: number) => void

interface Functions {
  readonly dropoutMask: Draw
  readonly uniform: Draw
  readonly normal: Draw
}

const random = (
  kernelName: string,
  draw: keyof Functions,
  parameters: (attrs: { readonly [name: string]: number }) => readonly [number, number]
): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: ({ attrs, backend, inputs }, stock) => {
    const fast = companion<Functions>()
    if (fast === undefined) return stock({ attrs, backend, inputs } as never)
    const { key, shape } = attrs as unknown as { readonly shape: Array<number>; readonly key: Key }
    const out = wasmBackend(backend).makeOutput(shape, "float32"), [a, b] = parameters(attrs as never)
    fast[draw](shape.reduce((a, b) => a * b, 1), key[0], key[1], a, b, pointer(out))
    return out
  }
})

/**
 * The mask of dropout, made where it is used: the same bits as without it.
 * 0.9 values per nanosecond, four times as fast as without.
 */
export const dropoutMaskWasm = random("DropoutMask", "dropoutMask", ({ kept, threshold }) => [threshold!, kept!])

/** The values of `Random.uniform`, bit for bit: 0.4 per nanosecond, 2.3 times as fast as without. */
export const uniformWasm = random(
  "KeyedUniform",
  "uniform",
  ({ high, low }) => [low!, (high! - low!) * 2 ** -24]
)

/**
 * The values of `Random.normal`, computed in float32: within 3e-7 of their size, for a mean of 0. 0.2 per nanosecond,
 * four times as fast as without.
 */
export const normalWasm = random("KeyedNormal", "normal", ({ mean, stddev }) => [mean!, stddev!])
