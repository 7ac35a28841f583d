import { companion, pointer } from "../companion/companion.ts"
import { share } from "../companion/parallel.ts"
import type { KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

interface Functions {
  readonly ctcScratch: (time: number, longest: number) => number
}

/** Nanoseconds for one state of one step, and for one class of it. */
const STATE = 10, CLASS = 1

/** The loss of each example, or its gradient by the logits, where there is a `dy` for each example. */
const kernel = (kernelName: string, name: "ctc" | "ctcGradient"): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const { dy, labels, logits, mask } = call.inputs, fast = companion<Functions>()
    const [batch, time, classes] = logits!.shape as [number, number, number], longest = labels!.shape[1]!
    if (fast === undefined || logits!.size === 0) return stock(call as never)
    const out = wasmBackend(call.backend).makeOutput(dy === undefined ? [batch] : logits!.shape, "float32")
    const at = (start: number, first: number, width: number) => start + 4 * first * width
    const [x, steps, words, to] = [logits!, mask!, labels!, out].map(pointer) as [number, number, number, number]
    const part = (first: number, some: number) => [
      ...[some, time, classes, longest, call.attrs["blank"] as number, at(x, first, time * classes)],
      ...[mask!.size === 0 ? 0 : at(steps, first, time), longest === 0 ? 0 : at(words, first, longest)],
      ...(dy === undefined
        ? [at(to, first, 1)]
        : [at(pointer(dy), first, 1), at(to, first, time * classes)])
    ]
    const work = batch * time * ((2 * longest + 1) * STATE + classes * CLASS)
    share(name, { count: batch, unit: 1, work }, part, { scratch: fast.ctcScratch(time, longest) })
    return out
  }
})

/** The loss of connectionist temporal classification, and its gradient; both names are our own. */
export const ctcWasm = [kernel("Ctc", "ctc"), kernel("CtcGradient", "ctcGradient")]
