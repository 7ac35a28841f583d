import type { Tensor, TensorInfo } from "@tensorflow/tfjs-core"
import type { Key } from "../../core/Key.ts"
import { companion, pointer } from "../companion/companion.ts"
import { share } from "../companion/parallel.ts"
import type { Needs } from "../companion/parallel.ts"
import type { KernelCall, KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

/** The attributes of attention. */
export interface Attention {
  readonly causal: boolean
  /** 0 for none. */
  readonly window: number
  readonly scale: number
  /** One for each head, or none. */
  readonly slopes: ReadonlyArray<number>
  readonly dropout: { readonly key: Key; readonly threshold: number; readonly kept: number } | undefined
}

interface Functions {
  readonly attention: (...geometry: ReadonlyArray<number>) => void
  readonly attentionScratch: () => number
  readonly attentionGradientScratch: () => number
}

// More keys than there are.
const ALL = 2 ** 29

// Queries of a head that go together.
const BLOCK = 96

/** Where a tensor is, with the distances of its elements along four axes, or nowhere. */
const placed = (tensor: Tensor): ReadonlyArray<number> => {
  if (tensor.size === 0) return [0, 0, 0, 0, 0]
  const { shape } = tensor,
    strides = shape.map((n, axis) => n === 1 ? 0 : shape.slice(axis + 1).reduce((a, b) => a * b, 1))
  return [pointer(tensor), ...strides]
}

/** Tells the companion which attention the next call is about, and what its functions need. */
const prepared = (
  { attrs, inputs }: KernelCall,
  slopes: TensorInfo,
  scratch: "attentionScratch" | "attentionGradientScratch"
): Needs => {
  const { causal, dropout, scale, window } = attrs as unknown as Attention, fast = companion<Functions>()!
  const { bias, key, mask, query } = inputs as unknown as Given
  const [, time, heads, size] = query.shape as Shape4D, [, keyTime, keyHeads] = key.shape as Shape4D
  const behind = window === 0 ? ALL : causal ? window - 1 : window
  const geometry = [
    ...[time, keyTime, heads, keyHeads, size, behind, causal ? 0 : window === 0 ? ALL : window, scale],
    ...[...placed(bias), ...placed(mask), slopes.shape[0] === 0 ? 0 : pointer(slopes)],
    ...(dropout === undefined ? [0, 0, 0, 0] : [...dropout.key, dropout.threshold, dropout.kept])
  ]
  fast.attention(...geometry)
  return { before: ["attention", ...geometry], scratch: fast[scratch]() }
}

interface Given {
  readonly query: Tensor
  readonly key: Tensor
  readonly value: Tensor
  readonly mask: Tensor
  readonly bias: Tensor
}

type Shape4D = [number, number, number, number]

const covers = ({ inputs }: KernelCall): boolean =>
  companion<Functions>() !== undefined && inputs["query"]!.size > 0 && inputs["key"]!.size > 0

/** Nanoseconds for so many multiplications with additions for each score and number of a head. */
const workOf = ({ attrs, inputs }: KernelCall, products: number): number => {
  const { key, query } = inputs as unknown as Given, { causal, window } = attrs as unknown as Attention
  const keyTime = key.shape[1]!, seen = window === 0 ? keyTime : Math.min(keyTime, causal ? window : 2 * window + 1)
  return query.size * (causal ? (seen + 1) / 2 : seen) * products / 28
}

/** Calls with the slopes where the companion module reads them. */
const withSlopes = <A>({ attrs, backend }: KernelCall, use: (slopes: TensorInfo) => A): A => {
  const host = wasmBackend(backend), { slopes } = attrs as unknown as Attention
  const placed = host.makeOutput([slopes.length], "float32")
  heapView(backend, placed).set(slopes)
  const result = use(placed)
  host.disposeData(placed.dataId)
  return result
}

/** `[the result, of each query the greatest score and 1 / the sum of its weights]`. */
export const attentionWasm: KernelOverride = {
  kernelName: "Attention",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (!covers(call)) return stock(call as never)
    const { backend, inputs } = call, { key, query, value } = inputs as unknown as Given
    const [batch, time, heads] = query.shape as Shape4D, host = wasmBackend(backend)
    const out = host.makeOutput(query.shape, "float32"), sums = host.makeOutput([batch, heads, time, 2], "float32")
    const of = [query, key, value, out, sums].map(pointer), count = batch * heads * Math.ceil(time / BLOCK)
    withSlopes(call, (slopes) => {
      const shared = { count, unit: 1, work: workOf(call, 2) }, needs = prepared(call, slopes, "attentionScratch")
      share("attend", shared, (first, some) => [first, some, ...of], needs)
    })
    return [out, sums]
  }
}

/** The gradients by query, key and value, and by the bias where it is asked for. */
export const attentionGradientWasm: KernelOverride = {
  kernelName: "AttentionGradient",
  backendName: "wasm",
  kernel: (call, stock) => {
    if (!covers(call) || call.inputs["sums"]!.size === 0) return stock(call as never)
    const { attrs, backend, inputs } = call, { bias, dout, key, out, query, sums, value } = inputs as unknown as Known
    const [batch] = query.shape as Shape4D, keyHeads = key.shape[2]!, host = wasmBackend(backend)
    const { byBias } = attrs as unknown as { readonly byBias: boolean }
    const grads = [query, key, value].map(({ shape }) => host.makeOutput(shape, "float32"))
    const dbias = host.makeOutput(byBias ? bias.shape : [0], "float32")
    heapView(backend, dbias).fill(0)
    // What is added to one bias is added by one thread, in one order.
    const ofBatch = byBias && bias.shape[0] === 1 ? batch : 1, ofHeads = byBias && bias.shape[1] === 1 ? keyHeads : 1
    const byHead = ofBatch > 1 && ofHeads === 1 ? 1 : 0
    const of = [query, key, value, out, sums, dout, ...grads].map(pointer)
    withSlopes(call, (slopes) =>
      share(
        "attendGradient",
        { count: batch * keyHeads, unit: ofBatch * ofHeads, work: workOf(call, 5) },
        (first, some) => [first, some, byHead, batch, ...of, byBias ? pointer(dbias) : 0],
        prepared(call, slopes, "attentionGradientScratch")
      ))
    return [...grads, dbias]
  }
}

interface Known extends Given {
  readonly out: Tensor
  readonly sums: Tensor
  readonly dout: Tensor
}
