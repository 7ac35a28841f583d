import { Console, Effect, Stdio, Terminal } from "effect"
import { count } from "../experiment/report/numbers.ts"
import { linesOf, plain } from "../experiment/run/lines.ts"

/** What is shown of every step, and how fast it goes; the rest is up to the training. */
export interface Shown {
  readonly step: number
  readonly epoch: number
  readonly endOfEpoch: boolean
  readonly examplesPerSecond: number
}

/** Shows a training: a bar on a terminal, plain lines elsewhere, JSON lines for programs. */
export interface Progress<M extends Shown> {
  readonly step: (metrics: M) => Effect.Effect<void>
  /** A line for people; not shown among JSON lines. */
  readonly say: (line: string) => Effect.Effect<void>
  /** An object for programs; shown only as a JSON line. */
  readonly emit: (value: unknown) => Effect.Effect<void>
}

/** How long a training is, and what is shown of it. */
export interface ProgressOptions<M extends Shown> {
  /** The steps of the whole run. */
  readonly steps: number
  readonly examplesPerStep: number
  /** What the bar stands for, the epoch or the run: steps taken of it, and all of its steps. */
  readonly part: (metrics: M) => readonly [taken: number, of: number]
  /** Where the training stands and how well, for a line. */
  readonly describe: (metrics: M) => ReadonlyArray<Part>
}

/** A part of a line, and how much it matters: of a line that is too long those that matter least are left out. */
export type Part = readonly [text: string, weight: number]

const GAP = "  "

const lengthOf = (parts: ReadonlyArray<Part>): number =>
  parts.reduce((sum, [text]) => sum + text.length + GAP.length, 0) - GAP.length

/**
 * The parts of a line that fit into so many columns, in their order: those that matter least go first. One that does
 * not fit alone is cut.
 */
export const fitting = (parts: ReadonlyArray<Part>, columns: number): string => {
  let kept = parts
  while (kept.length > 1 && lengthOf(kept) > columns) {
    const least = kept.reduce((at, [, weight], i) => weight <= kept[at]![1] ? i : at, 0)
    kept = kept.filter((_, i) => i !== least)
  }
  return kept.map(([text]) => text).join(GAP).slice(0, columns)
}

const BAR = 24, REDRAW_MILLISECONDS = 100, LINES_PER_PART = 10

const time = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`

const bar = (fraction: number): string => {
  const full = Math.round(fraction * BAR)
  return "━".repeat(full) + "─".repeat(BAR - full)
}

const printJson = (value: unknown) => Console.log(JSON.stringify(value, plain))

/** Says what happens before the first step. */
export const sayer = (json: boolean) => (line: string): Effect.Effect<void> => json ? Effect.void : Console.log(line)

export const makeProgress = <M extends Shown>(
  { describe, examplesPerStep, part, steps }: ProgressOptions<M>,
  json: boolean
): Effect.Effect<Progress<M>, never, Stdio.Stdio | Terminal.Terminal> =>
  Effect.gen(function*() {
    const terminal = yield* Terminal.Terminal, stdio = yield* Stdio.Stdio
    if (json) {
      return {
        emit: printJson,
        say: () => Effect.void,
        // As metrics.jsonl has them, a line for each split.
        step: (metrics) => {
          const lines = linesOf(metrics), due = metrics.endOfEpoch || metrics.step === steps || lines.length > 1
          return due ? Effect.forEach(lines, printJson, { discard: true }) : Effect.void
        }
      }
    }
    const emit = () => Effect.void

    const started = performance.now()
    const partsOf = (metrics: M): ReadonlyArray<Part> => {
      const left = (steps - metrics.step) * examplesPerStep / metrics.examplesPerSecond
      return [
        ...describe(metrics),
        [`${count(Math.round(metrics.examplesPerSecond))} examples/s`, 1],
        [metrics.step < steps ? `${time(left)} left` : `${time((performance.now() - started) / 1000)} in all`, 4]
      ]
    }
    const ends = ({ endOfEpoch, step }: M): boolean => endOfEpoch || step === steps

    if (!(yield* stdio.stdoutIsTerminal)) {
      const step = (metrics: M) => {
        const [taken, of] = part(metrics)
        const due = ends(metrics) || taken % Math.ceil(of / LINES_PER_PART) === 0
        return due ? Console.log(fitting(partsOf(metrics), Infinity)) : Effect.void
      }
      return { emit, say: (line) => Console.log(line), step }
    }

    let drawn = -Infinity, open = false
    const display = (text: string) => Effect.ignore(terminal.display(text))
    const step = (metrics: M) => {
      const now = performance.now()
      if (!ends(metrics) && now - drawn < REDRAW_MILLISECONDS) return Effect.void
      drawn = now
      open = !ends(metrics)
      return Effect.flatMap(terminal.columns, (columns) => {
        const [taken, of] = part(metrics)
        // The bar goes before any number does. A terminal that does not say how wide it is is taken for a usual one.
        const line = fitting([[bar(taken / of), 0], ...partsOf(metrics)], columns > 1 ? columns - 1 : 79)
        return display(`\r\u001b[K${line}${ends(metrics) ? "\n" : ""}`)
      })
    }
    const say = (line: string) =>
      Effect.suspend(() => {
        const text = `${open ? "\n" : ""}${line}\n`
        open = false
        return display(text)
      })
    return { emit, say, step }
  })
