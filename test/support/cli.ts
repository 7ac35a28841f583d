import { NodeServices } from "@effect/platform-node"
import { Console, Effect, Exit, Stream } from "effect"
import { Datasets, NdArray } from "effect-neuron"
import { spawn } from "node:child_process"
import type { ChildProcess } from "node:child_process"
import { fileURLToPath } from "node:url"
import { runCommand } from "../../src/cli/command.ts"

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))

/** Writes the four MNIST files with generated digits in them: the real format, a small size. */
export const writeSmallMnist = (folder: string, train = 640, test = 100) =>
  Effect.gen(function*() {
    const digits = Datasets.digits({ train, test })
    for (const [split, prefix] of [["train", "train"], ["test", "t10k"]] as const) {
      const examples = yield* Stream.runCollect(digits[split])
      const images = Uint8Array.from(examples.flatMap(({ x }) => Array.from(x.data, (v) => Math.round(255 * v))))
      const labels = Uint8Array.from(examples, ({ y }) => y.data[0]!)
      const n = examples.length
      yield* Datasets.writeIdx(`${folder}/${prefix}-images-idx3-ubyte.gz`, NdArray.make(images, [n, 28, 28]), {
        gzip: true
      })
      yield* Datasets.writeIdx(`${folder}/${prefix}-labels-idx1-ubyte`, NdArray.make(labels, [n]))
    }
  })

/** What a command printed, and whether it succeeded. */
export interface Printed {
  readonly ok: boolean
  readonly out: ReadonlyArray<string>
  readonly err: ReadonlyArray<string>
}

/** Runs the command line in this process. */
export const runHere = (...args: ReadonlyArray<string>): Effect.Effect<Printed> =>
  Effect.suspend(() => {
    const out: Array<string> = [], err: Array<string> = []
    const recorded = {
      ...globalThis.console,
      log: (...text: ReadonlyArray<unknown>) => out.push(text.join(" ")),
      error: (...text: ReadonlyArray<unknown>) => err.push(text.join(" "))
    } as unknown as Console.Console
    return runCommand(args).pipe(
      Effect.provide(NodeServices.layer),
      Effect.provideService(Console.Console, recorded),
      Effect.exit,
      Effect.map((exit) => ({ ok: Exit.isSuccess(exit), out, err }))
    )
  })

/** A command in a process of its own. */
export interface Running {
  readonly child: ChildProcess
  readonly output: () => string
  /** Resolves when the output so far matches; rejects when the process ends before. */
  readonly seen: (pattern: RegExp) => Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
}

/** Starts the command line in a process of its own. */
export const start = (...args: ReadonlyArray<string>): Running => {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  let text = ""
  const waiting = new Set<() => void>()
  const more = (data: Buffer) => {
    text += data.toString()
    for (const check of waiting) check()
  }
  child.stdout.on("data", more)
  child.stderr.on("data", more)
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.on("close", (code, signal) => {
      resolve({ code, signal })
      for (const check of waiting) check()
    })
  })
  return {
    child,
    output: () => text,
    ended,
    seen: (pattern) =>
      new Promise((resolve, reject) => {
        const check = () => {
          if (pattern.test(text)) resolve()
          else if (child.exitCode !== null || child.signalCode !== null) {
            reject(new Error(`ended without ${pattern}:\n${text}`))
          } else return
          waiting.delete(check)
        }
        waiting.add(check)
        check()
      })
  }
}
