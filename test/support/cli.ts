import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert } from "@effect/vitest"
import { Console, Deferred, Effect, Exit, Fiber, Stream } from "effect"
import type { FileSystem } from "effect"
import { Datasets, NdArray } from "effect-neuron"
import { spawn } from "node:child_process"
import { cpSync, existsSync, rmSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { runCommand } from "../../src/cli/command.ts"
import { withFiles } from "./files.ts"

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
interface Printed {
  readonly ok: boolean
  readonly out: ReadonlyArray<string>
  readonly err: ReadonlyArray<string>
}

/** Runs the command line in this process, with each line that it prints given to `print` too. */
const running = (
  args: ReadonlyArray<string>,
  print: (line: string) => void,
  change: (files: FileSystem.FileSystem) => Partial<FileSystem.FileSystem> = () => ({})
): Effect.Effect<Printed> =>
  Effect.suspend(() => {
    const out: Array<string> = [], err: Array<string> = []
    const recorded = {
      ...globalThis.console,
      log: (...text: ReadonlyArray<unknown>) => {
        out.push(text.join(" "))
        print(out.at(-1)!)
      },
      error: (...text: ReadonlyArray<unknown>) => err.push(text.join(" "))
    } as unknown as Console.Console
    return runCommand(args).pipe(
      withFiles(change),
      Effect.provide(NodeServices.layer),
      Effect.provideService(Console.Console, recorded),
      Effect.exit,
      Effect.map((exit) => ({ ok: Exit.isSuccess(exit), out, err }))
    )
  })

/** Runs the command line in this process. */
export const runHere = (...args: ReadonlyArray<string>): Effect.Effect<Printed> => running(args, () => {})

/** Expects that it fails with one line on standard error, and no stack trace; gives what it printed. */
export const refuses = (expected: RegExp, ...args: ReadonlyArray<string>): Effect.Effect<Printed> =>
  Effect.map(runHere(...args), (printed) => {
    const { err, ok } = printed
    assert.isFalse(ok, args.join(" "))
    assert.strictEqual(err.length, 1, `${args.join(" ")}: ${err.join("\n")}`)
    assert.match(err[0]!, expected)
    assert.notMatch(err[0]!, /\n|^ +at /)
    return printed
  })

/** Runs the command line in this process, with some functions of the file system in the place of its own. */
export const runOn = (
  change: (files: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>,
  ...args: ReadonlyArray<string>
): Effect.Effect<Printed> => running(args, () => {}, change)

/** Runs it until it prints a line that matches, and interrupts it then, as Ctrl-C does; gives all that it printed. */
export const interruptAt = (line: RegExp, ...args: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const seen = yield* Deferred.make<void>(), out: Array<string> = []
    const run = running(args, (text) => {
      out.push(text)
      if (line.test(text)) Deferred.doneUnsafe(seen, Effect.void)
    })
    const fiber = yield* Effect.forkChild(run)
    yield* Effect.raceFirst(Deferred.await(seen), Fiber.await(fiber))
    yield* Fiber.interrupt(fiber)
    return out
  })

/** Runs it, and when it prints a line that matches copies a folder as it is then, which is what a kill would leave. */
export const copyAt = (
  line: RegExp,
  [from, to]: readonly [string, string],
  ...args: ReadonlyArray<string>
): Effect.Effect<Printed> =>
  running(args, (text) => {
    if (!line.test(text) || existsSync(to)) return
    cpSync(from, to, { recursive: true })
    // It names this process, which goes on.
    rmSync(`${to}/run.lock`)
  })

/** Runs it in a process of its own, which gets a signal when it prints a line that matches. */
export const kill = (signal: NodeJS.Signals, line: RegExp, ...args: ReadonlyArray<string>) =>
  Effect.promise(() =>
    new Promise<{ readonly code: number | null; readonly output: string }>((resolve) => {
      const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] })
      let output = "", sent = false
      const more = (data: Buffer) => {
        output += data.toString()
        if (sent || !line.test(output)) return
        sent = true
        child.kill(signal)
      }
      child.stdout.on("data", more)
      child.stderr.on("data", more)
      child.on("close", (code) => resolve({ code, output }))
    })
  )
