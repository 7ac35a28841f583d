import { useCompanion } from "../src/backend/companion/companion.ts"
import { attentionCases } from "./attentionCases.ts"
import type { Bounds } from "./bounds.ts"
import type { Case } from "./kernelCase.ts"
import { memoryCases } from "./memoryCases.ts"
import { productCases } from "./productCases.ts"
import { table } from "./table.ts"
import { tf } from "./tfjs.ts"
import { summarize } from "./timing.ts"
import type { Summary } from "./timing.ts"

export interface KernelCost {
  readonly kernel: string
  readonly unit: Case["unit"]
  readonly work: number
  /** The most of it in a nanosecond: what arithmetic without memory, or a copy of as many bytes, reaches. */
  readonly bound: number
  /** Milliseconds with the companion module, and without it. */
  readonly on: Summary
  readonly off: Summary
}

/** Calls in a turn: so many that a turn is long against what the clock resolves. */
const CALLS = 8

const once = ({ fresh, inputs, run }: Case): number => {
  let elapsed = 0
  for (let i = 0; i < CALLS; i++) {
    const made = fresh()
    tf.tidy(() => {
      const start = performance.now()
      run(inputs, made)
      elapsed += performance.now() - start
    })
    for (const tensor of made) tensor.dispose()
  }
  return elapsed / CALLS
}

/** Single kernels with the companion module and without it, in turns. The WebAssembly backend must be in force. */
export const kernelCosts = (rounds: number, bounds: Bounds): ReadonlyArray<KernelCost> => {
  try {
    return [...productCases(), ...attentionCases(), ...memoryCases()].map((kernel) => {
      const times = { on: [] as Array<number>, off: [] as Array<number> }
      for (let round = -2; round < rounds; round++) {
        for (const which of round % 2 === 0 ? ["on", "off"] as const : ["off", "on"] as const) {
          useCompanion(which === "on")
          const time = once(kernel)
          if (round >= 0) times[which].push(time)
        }
      }
      const { name, unit, work } = kernel
      const bound = unit === "GFLOPS" ? bounds.gflops : bounds.gigabytes(work)
      return { kernel: name, unit, work, bound, on: summarize(times.on), off: summarize(times.off) }
    })
  } finally {
    useCompanion(true)
  }
}

export const kernelTable = (costs: ReadonlyArray<KernelCost>): string =>
  table(
    ["", "companion ms", "min", "without ms", "rate", "unit", "bound", "share of it", "times as fast"],
    costs.map(({ bound, kernel, off, on, unit, work }) => {
      const rate = work / on.min / 1e6
      return [
        kernel,
        ...[on.median, on.min, off.median].map((ms) => ms.toFixed(3)),
        ...[rate.toFixed(1), unit, bound.toFixed(1), `${(100 * rate / bound).toFixed(0)} %`],
        (off.median / on.median).toFixed(2)
      ]
    })
  )
