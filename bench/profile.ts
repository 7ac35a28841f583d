import { getKernelsForBackend } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { timed } from "./timing.ts"

type Cost = { calls: number; self: number }

/**
 * Measures each kernel of the backend from now on, without the kernels that it calls in turn. The kernels stay wrapped,
 * so nothing else is measured after this.
 */
const wrapKernels = (backend: string): ReadonlyMap<string, Cost> => {
  const costs = new Map<string, Cost>()
  let children = 0
  for (const config of getKernelsForBackend(backend)) {
    const kernel = config.kernelFunc, cost = { calls: 0, self: 0 }
    costs.set(config.kernelName, cost)
    config.kernelFunc = (call) => {
      const outer = children, start = performance.now()
      children = 0
      const output = kernel(call), elapsed = performance.now() - start
      cost.calls += 1
      cost.self += elapsed - children
      children = outer + elapsed
      return output
    }
  }
  return costs
}

export type KernelShare = { readonly kernel: string; readonly calls: number; readonly ms: number }

export interface Profile {
  readonly model: string
  readonly ms: number
  readonly outside: number
  readonly kernels: ReadonlyArray<KernelShare>
}

let costs: ReadonlyMap<string, Cost> | undefined

/** Where the time of a step goes: per step, the calls and the milliseconds of each kernel, and what is outside. */
export const profile = <E, R>(
  model: string,
  steps: number,
  once: Effect.Effect<unknown, E, R>
): Effect.Effect<Profile, E, R> =>
  Effect.gen(function*() {
    costs ??= wrapKernels("wasm")
    yield* timed(Math.ceil(steps / 10), once)
    for (const cost of costs.values()) cost.calls = cost.self = 0
    const { wall } = yield* timed(steps, once)
    const kernels = [...costs]
      .map(([kernel, { calls, self }]) => ({ kernel, calls: calls / steps, ms: self / steps }))
      .filter(({ calls }) => calls > 0)
      .sort((a, b) => b.ms - a.ms)
    return { model, ms: wall, outside: wall - kernels.reduce((sum, { ms }) => sum + ms, 0), kernels }
  })
