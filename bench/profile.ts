import { Effect } from "effect"
import type { ModelName } from "./models.ts"
import { table } from "./table.ts"
import { tf } from "./tfjs.ts"
import { timed } from "./timing.ts"

type Cost = { calls: number; self: number }

/**
 * Measures each kernel of the backend from now on, without the kernels that it calls in turn. The kernels stay wrapped,
 * so nothing else is measured after this.
 */
const wrapKernels = (backend: string): ReadonlyMap<string, Cost> => {
  const costs = new Map<string, Cost>()
  let children = 0
  for (const config of tf.getKernelsForBackend(backend)) {
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

let costs: ReadonlyMap<string, Cost> | undefined

export interface Profile {
  readonly model: ModelName
  readonly ms: number
  readonly outside: number
  readonly kernels: ReadonlyArray<{ readonly kernel: string; readonly calls: number; readonly ms: number }>
}

/**
 * Where the time of a step goes: per step, the calls and the milliseconds of each kernel, and what is outside. Of
 * `rounds` rounds the fastest one, the least disturbed by what else runs on the machine.
 */
export const profile = <E, R>(
  model: ModelName,
  { rounds, steps }: { readonly rounds: number; readonly steps: number },
  once: Effect.Effect<unknown, E, R>
): Effect.Effect<Profile, E, R> =>
  Effect.gen(function*() {
    costs ??= wrapKernels("wasm")
    yield* timed(steps, once)
    let best: Profile | undefined
    for (let round = 0; round < rounds; round++) {
      for (const cost of costs.values()) cost.calls = cost.self = 0
      const { wall } = yield* timed(steps, once)
      if (best !== undefined && best.ms <= wall) continue
      const kernels = [...costs]
        .map(([kernel, { calls, self }]) => ({ kernel, calls: calls / steps, ms: self / steps }))
        .filter(({ calls }) => calls > 0)
        .sort((a, b) => b.ms - a.ms)
      best = { model, ms: wall, outside: wall - kernels.reduce((sum, { ms }) => sum + ms, 0), kernels }
    }
    return best!
  })

export const profileTable = ({ kernels, model, ms: total, outside }: Profile): string => {
  const shown = kernels.filter(({ ms }) => ms / total >= 0.01), rest = kernels.slice(shown.length)
  const row = (name: string, calls: string, time: number) => [
    name,
    calls,
    time.toFixed(3),
    `${(100 * time / total).toFixed(1)} %`
  ]
  const sum = (of: "calls" | "ms") => rest.reduce((total, kernel) => total + kernel[of], 0)
  return table([`${model}: kernel`, "calls", "ms/step", "share"], [
    ...shown.map(({ calls, kernel, ms }) => row(kernel, calls.toFixed(1), ms)),
    row(`${rest.length} others`, sum("calls").toFixed(1), sum("ms")),
    row("outside of kernels", "", outside),
    row("step", "", total)
  ])
}
