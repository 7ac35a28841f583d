import type { Contestant, Measurement } from "./measure.ts"
import { BATCH } from "./models.ts"
import type { Profile } from "./profile.ts"
import { table } from "./table.ts"
import { ratio, summarize } from "./timing.ts"
import type { Summary } from "./timing.ts"

export type Row = {
  readonly name: string
  readonly wall?: Summary
  readonly cpu?: Summary
  readonly examplesPerSecond?: number
  readonly ratio?: { readonly to: string; readonly target: number; readonly wall: Summary; readonly cpu: Summary }
}

/** The rows of one model. Pipelines compare with the bare step of the same metric, the bare step with PyTorch. */
export const rowsOf = (
  { epochs, model, samples }: Measurement,
  torchVersion: string | undefined,
  torchTarget: number
): ReadonlyArray<Row> => {
  const all = epochs.map((_, round) => round)
  const row = (
    name: string,
    of: Contestant,
    rounds: ReadonlyArray<number>,
    against?: { readonly of: Contestant; readonly to: string; readonly target: number }
  ): Row => {
    const pick = (c: Contestant, clock: "wall" | "cpu") => rounds.map((round) => samples[c][round]![clock])
    const wall = summarize(pick(of, "wall"))
    return {
      name: `${model}: ${name}`,
      wall,
      cpu: summarize(pick(of, "cpu")),
      examplesPerSecond: 1000 * BATCH / wall.median,
      ...(against === undefined ? {} : {
        ratio: {
          to: against.to,
          target: against.target,
          wall: ratio(pick(of, "wall"), pick(against.of, "wall")),
          cpu: ratio(pick(of, "cpu"), pick(against.of, "cpu"))
        }
      })
    }
  }
  const toBare = { of: "bareAccuracy", to: "bare + accuracy", target: 1.1 } as const
  const first = all.filter((round) => epochs[round] === 0), later = all.filter((round) => epochs[round]! > 0)
  return [
    row(
      "bare step",
      "bare",
      all,
      torchVersion === undefined ? undefined : {
        of: "torch",
        to: "PyTorch",
        target: torchTarget
      }
    ),
    row("bare + accuracy", "bareAccuracy", all),
    ...(first.length === 0 ? [] : [row("pipeline, first epoch", "pipeline", first, toBare)]),
    ...(later.length === 0 ? [] : [row("pipeline, later epochs", "pipeline", later, toBare)]),
    torchVersion === undefined
      ? { name: `${model}: PyTorch: not found` }
      : row(`PyTorch ${torchVersion}, 1 thread`, "torch", all)
  ]
}

const ms = (n: number | undefined) => n === undefined ? "-" : n.toFixed(n < 10 ? 3 : 1)
const times = (summary: Summary | undefined) =>
  summary === undefined ? "" : `${summary.median.toFixed(2)} (${summary.min.toFixed(2)}-${summary.max.toFixed(2)})`

export const timeTable = (rows: ReadonlyArray<Row>): string =>
  table(
    ["", "ms/step", "min", "max", "CPU ms", "examples/s", "times as long, wall", "CPU", "target"],
    rows.map(({ cpu, examplesPerSecond, name, ratio, wall }) => [
      name,
      ms(wall?.median),
      ms(wall?.min),
      ms(wall?.max),
      ms(cpu?.median),
      examplesPerSecond === undefined ? "-" : Math.round(examplesPerSecond).toLocaleString("en-US"),
      times(ratio?.wall),
      times(ratio?.cpu),
      ratio === undefined ? "" : `<= ${ratio.target} x ${ratio.to}`
    ])
  )

export const profileTable = ({ kernels, model, ms: total, outside }: Profile): string => {
  const shown = kernels.filter(({ ms }) => ms / total >= 0.01)
  const rest = kernels.slice(shown.length)
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
