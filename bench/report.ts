import type { Sample } from "./answers.ts"
import { contestantsOf, goals, peers, titles, torchs } from "./contestants.ts"
import type { Contestant, Goal } from "./contestants.ts"
import { CRITIC_STEPS } from "./critic.ts"
import type { Measurement, Result, Round } from "./measure.ts"
import { stepsIn } from "./models.ts"
import { table } from "./table.ts"
import { ratio, summarize } from "./timing.ts"
import type { Summary } from "./timing.ts"

export type Row = {
  readonly name: string
  readonly wall?: Summary
  readonly cpu?: Summary
  readonly examplesPerSecond?: number
  /** Steps of sequences. */
  readonly tokensPerSecond?: number
  readonly turns?: number
  readonly failed?: string
}

const label = ({ batch, model }: Measurement, name: string) => `${model} ${batch}: ${name}`

const titleOf = (name: Contestant, { version }: Result) =>
  version === undefined ? titles[name] : titles[name].replace(/,|$/, (end) => ` ${version}${end}`)

const isRound = (round: Round | undefined): round is Round => round !== undefined

/** The times of one model and size of batch. */
export const rowsOf = (measurement: Measurement): ReadonlyArray<Row> => {
  const row = (name: string, rounds: ReadonlyArray<Round>): ReadonlyArray<Row> => {
    if (rounds.length === 0) return []
    const wall = summarize(rounds.map(({ wall }) => wall)), cpu = summarize(rounds.map(({ cpu }) => cpu))
    const examples = measurement.batch * (measurement.model === "critic" ? CRITIC_STEPS : 1)
    const examplesPerSecond = 1000 * examples / wall.median
    const steps = stepsIn(measurement.model), tokens = steps && { tokensPerSecond: steps * examplesPerSecond }
    return [{ name: label(measurement, name), wall, cpu, examplesPerSecond, ...tokens, turns: rounds.length }]
  }
  return contestantsOf(measurement.model).flatMap((name) => {
    const result = measurement.results[name]
    if (result === undefined) return []
    const title = titleOf(name, result), rounds = result.rounds.filter(isRound)
    if (result.failed !== undefined) return [{ name: label(measurement, title), failed: result.failed }]
    if (rounds[0]?.epoch === undefined) return row(title, rounds)
    return row(`${title}, first epoch`, rounds.filter(({ epoch }) => epoch === 0))
      .concat(row(`${title}, later epochs`, rounds.filter(({ epoch }) => epoch !== 0)))
  })
}

/** How ours compares with another, in the rounds that both took part in. */
export type Comparison = {
  readonly name: string
  readonly unit: "times as long" | "times as fast"
  readonly wall?: Summary
  readonly cpu?: Summary
  readonly goal?: string
  readonly isMet?: boolean
  readonly failed?: string
}

/** In each round the faster of some contestants, of which any may be missing. */
const best = ({ results }: Measurement, names: ReadonlyArray<Contestant>): Result | undefined => {
  const found = names.flatMap((name) => results[name] ?? [])
  const length = Math.max(0, ...found.map(({ rounds }) => rounds.length))
  const rounds = Array.from(
    { length },
    (_, i) => found.flatMap(({ rounds }) => rounds[i] ?? []).sort((a, b) => a.wall - b.wall)[0]
  )
  return rounds.some(isRound) ? { rounds } : found[0]
}

/**
 * Against PyTorch and ourselves: how many times as long ours takes. Against the others: how many times as fast it is.
 */
const compare = (measurement: Measurement, { against, least, most, of }: Goal): Array<Comparison> => {
  const ours = measurement.results[of],
    other = against === "torch" ? best(measurement, torchs) : measurement.results[against]
  if (ours === undefined || other === undefined) return []
  const isFaster = peers.some((peer) => peer === against) && !against.startsWith("torch")
  const goal = most !== undefined ? `at most ${most}` : least !== undefined ? `at least ${least}` : undefined
  const base = (name: string) => ({
    name: label(measurement, name),
    unit: isFaster ? "times as fast" : "times as long",
    ...(goal === undefined ? {} : { goal })
  } as const)
  const within = (name: string, chosen: (round: Round) => boolean): Array<Comparison> => {
    const pairs = ours.rounds.flatMap((round, i) => {
      const match = other.rounds[i]
      return round !== undefined && match !== undefined && chosen(round) ? [[round, match] as const] : []
    })
    if (pairs.length === 0) return []
    const by = (clock: keyof Sample) => {
      const a = pairs.map(([round]) => round[clock]), b = pairs.map(([, match]) => match[clock])
      return isFaster ? ratio(b, a) : ratio(a, b)
    }
    const wall = by("wall"), isMet = most === undefined ? wall.median >= (least ?? 0) : wall.median <= most
    return [{ ...base(name), wall, cpu: by("cpu"), ...(goal === undefined ? {} : { isMet }) }]
  }
  const name = `${titleOf(of, ours)} to ${against === "torch" ? "the better PyTorch" : titleOf(against, other)}`
  const failed = ours.failed ?? other.failed
  if (failed !== undefined) return [{ ...base(name), failed }]
  if (ours.rounds.find(isRound)?.epoch === undefined) return within(name, () => true)
  return within(`${name}, first epoch`, ({ epoch }) => epoch === 0)
    .concat(within(`${name}, later epochs`, ({ epoch }) => epoch !== 0))
}

export const comparisonsOf = (measurement: Measurement): ReadonlyArray<Comparison> =>
  goals.filter(({ model }) => model === measurement.model).flatMap((goal) => compare(measurement, goal))

const ms = (n: number | undefined) => n === undefined ? "-" : n.toFixed(n < 10 ? 2 : n < 1000 ? 1 : 0)
const short = (n: number) => n.toFixed(n < 10 ? 2 : n < 100 ? 1 : 0)
const times = (summary: Summary | undefined) =>
  summary === undefined ? "-" : `${short(summary.median)} (${short(summary.min)}-${short(summary.max)})`
const named = (name: string, failed: string | undefined) => failed === undefined ? name : `${name}: ${failed}`

const count = (n: number | undefined) => n === undefined ? "-" : Math.round(n).toLocaleString("en-US")

export const timeTable = (rows: ReadonlyArray<Row>): string =>
  table(
    ["", "ms/step", "min", "max", "CPU ms", "examples/s", "tokens/s", "turns"],
    rows.map(({ cpu, examplesPerSecond, failed, name, tokensPerSecond, turns, wall }) => [
      named(name, failed),
      ms(wall?.median),
      ms(wall?.min),
      ms(wall?.max),
      ms(cpu?.median),
      count(examplesPerSecond),
      count(tokensPerSecond),
      turns === undefined ? "-" : String(turns)
    ])
  )

export const comparisonTable = (comparisons: ReadonlyArray<Comparison>): string =>
  table(
    ["", "ratio", "CPU ratio", "", "target", "met"],
    comparisons.map(({ cpu, failed, goal, isMet, name, unit, wall }) => [
      named(name, failed),
      times(wall),
      times(cpu),
      unit,
      goal ?? "",
      isMet === undefined ? "" : isMet ? "yes" : "no"
    ])
  )
