import { Console, Effect, Stdio, Terminal } from "effect"
import type { RunConfig } from "./config.ts"

/** What is shown of a step: means since the start of its epoch, and how fast it goes. */
export interface Shown {
  readonly step: number
  readonly epoch: number
  readonly endOfEpoch: boolean
  readonly loss: number
  readonly accuracy: number
  readonly examplesPerSecond: number
}

/** Shows a training: a bar on a terminal, plain lines elsewhere, JSON lines for programs. */
export interface Progress {
  readonly step: (metrics: Shown) => Effect.Effect<void>
  /** A line for people; not shown among JSON lines. */
  readonly say: (line: string) => Effect.Effect<void>
  /** An object for programs; shown only as a JSON line. */
  readonly emit: (value: unknown) => Effect.Effect<void>
}

const BAR = 24, REDRAW_MILLISECONDS = 100, LINES_PER_EPOCH = 10

const count = (n: number): string => Math.round(n).toLocaleString("en-US")

const time = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`

const bar = (fraction: number): string => {
  const full = Math.round(fraction * BAR)
  return "━".repeat(full) + "─".repeat(BAR - full)
}

export const makeProgress = (
  { batchSize, epochs }: Pick<RunConfig, "batchSize" | "epochs">,
  stepsPerEpoch: number,
  json: boolean
): Effect.Effect<Progress, never, Stdio.Stdio | Terminal.Terminal> =>
  Effect.gen(function*() {
    const terminal = yield* Terminal.Terminal, stdio = yield* Stdio.Stdio
    const emit = (value: unknown) => json ? Console.log(JSON.stringify(value)) : Effect.void
    if (json) {
      return {
        emit,
        say: () => Effect.void,
        step: (metrics) => metrics.endOfEpoch ? emit(metrics) : Effect.void
      }
    }

    const started = performance.now()
    const describe = ({ accuracy, epoch, examplesPerSecond, loss, step }: Shown): string => {
      const left = (epochs * stepsPerEpoch - step) * batchSize / examplesPerSecond
      return [
        `epoch ${epoch + 1}/${epochs}`,
        `step ${step - epoch * stepsPerEpoch}/${stepsPerEpoch}`,
        `loss ${loss.toFixed(4)}`,
        `accuracy ${(100 * accuracy).toFixed(2)} %`,
        `${count(examplesPerSecond)} examples/s`,
        step < epochs * stepsPerEpoch ? `${time(left)} left` : `${time((performance.now() - started) / 1000)} in all`
      ].join("  ")
    }

    if (!(yield* stdio.stdoutIsTerminal)) {
      const every = Math.max(1, Math.ceil(stepsPerEpoch / LINES_PER_EPOCH))
      const step = (metrics: Shown) => {
        const due = metrics.endOfEpoch || (metrics.step - metrics.epoch * stepsPerEpoch) % every === 0
        return due ? Console.log(describe(metrics)) : Effect.void
      }
      return { emit, say: (line) => Console.log(line), step }
    }

    let drawn = -Infinity, open = false
    const display = (text: string) => Effect.ignore(terminal.display(text))
    const step = (metrics: Shown) => {
      const now = performance.now()
      if (!metrics.endOfEpoch && now - drawn < REDRAW_MILLISECONDS) return Effect.void
      drawn = now
      open = !metrics.endOfEpoch
      return Effect.flatMap(terminal.columns, (columns) => {
        const fraction = (metrics.step - metrics.epoch * stepsPerEpoch) / stepsPerEpoch
        const line = `${bar(fraction)}  ${describe(metrics)}`.slice(0, Math.max(columns - 1, 20))
        return display(`\r\u001b[K${line}${metrics.endOfEpoch ? "\n" : ""}`)
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
