import type { Contestant, Measurement } from "./measure.ts"
import { BATCH } from "./models.ts"
import { table } from "./table.ts"
import { ratio, summarize } from "./timing.ts"
import type { Summary } from "./timing.ts"

export type Ratio = { readonly to: string; readonly target: number; readonly wall: Summary; readonly cpu: Summary }

export type Row = {
  readonly name: string
  readonly wall?: Summary
  readonly cpu?: Summary
  readonly examplesPerSecond?: number
  readonly ratio?: Ratio
}

const torchTargets = { mlp: 3, cnn: 5 }

/** The rows of one model. Pipelines compare with the bare step of the same metric, the bare step with PyTorch. */
export const rowsOf = ({ model, rounds, torch }: Measurement): ReadonlyArray<Row> => {
  const row = (
    name: string,
    of: Contestant,
    against?: { readonly of: Contestant; readonly to: string; readonly target: number },
    chosen: ReadonlyArray<number> = rounds[of].map((_, round) => round)
  ): ReadonlyArray<Row> => {
    if (chosen.length === 0) return []
    const pick = (c: Contestant, clock: "wall" | "cpu") => chosen.map((round) => rounds[c][round]![clock])
    const wall = summarize(pick(of, "wall")), cpu = summarize(pick(of, "cpu"))
    const plain = { name: `${model}: ${name}`, wall, cpu, examplesPerSecond: 1000 * BATCH / wall.median }
    if (against === undefined) return [plain]
    const { of: other, target, to } = against
    const [byWall, byCpu] = (["wall", "cpu"] as const).map((clock) => ratio(pick(of, clock), pick(other, clock)))
    return [{ ...plain, ratio: { to, target, wall: byWall!, cpu: byCpu! } }]
  }
  const toBare = { of: "bareAccuracy", to: "bare + accuracy", target: 1.1 } as const
  const pipeline = (name: string, of: "float32" | "uint8") => {
    const within = (isFirst: boolean) =>
      rounds[of].flatMap(({ epoch }, round) => (epoch === 0) === isFirst ? [round] : [])
    return [
      ...row(`${name}, first epoch`, of, toBare, within(true)),
      ...row(`${name}, later epochs`, of, toBare, within(false))
    ]
  }
  return [
    ...row(
      "bare step",
      "bare",
      torch === undefined ? undefined : {
        of: "torch",
        to: "PyTorch",
        target: torchTargets[model]
      }
    ),
    ...row("bare + accuracy", "bareAccuracy"),
    ...pipeline("pipeline", "float32"),
    ...pipeline("pipeline of bytes", "uint8"),
    ...(torch === undefined
      ? [{ name: `${model}: PyTorch: not found` }]
      : row(`PyTorch ${torch}, 1 thread`, "torch"))
  ]
}

const ms = (n: number | undefined) => n === undefined ? "-" : n.toFixed(n < 10 ? 2 : 1)
const times = (summary: Summary | undefined) =>
  summary === undefined ? "" : `${summary.median.toFixed(2)} (${summary.min.toFixed(2)}-${summary.max.toFixed(2)})`

export const timeTable = (rows: ReadonlyArray<Row>): string =>
  table(
    ["", "ms/step", "min", "max", "CPU ms", "examples/s", "ratio", "CPU ratio", "target"],
    rows.map(({ cpu, examplesPerSecond, name, ratio, wall }) => [
      name,
      ms(wall?.median),
      ms(wall?.min),
      ms(wall?.max),
      ms(cpu?.median),
      examplesPerSecond === undefined ? "-" : Math.round(examplesPerSecond).toLocaleString("en-US"),
      times(ratio?.wall),
      times(ratio?.cpu),
      ratio === undefined ? "" : `${ratio.target.toFixed(1)} x ${ratio.to}`
    ])
  )
