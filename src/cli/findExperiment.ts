import { Effect, FileSystem, Path } from "effect"
import { messageOf } from "../core/messageOf.ts"
import { placeOf, thrownInWords } from "../core/thrown.ts"
import * as Experiment from "../experiment/index.ts"
import { ownPackages } from "./ownPackages.ts"
import { UsageError } from "./UsageError.ts"

/** An experiment of any configuration, which may ask for files. */
export type Any = Experiment.Experiment<object, FileSystem.FileSystem | Path.Path>

/** An experiment, and where it was found. */
export interface Found {
  readonly experiment: Any
  /** The file that exports it, if it is not one of the library. */
  readonly file?: string
}

/** The experiments of the library, by name. */
export const known: { readonly [name: string]: Any } = {
  mnist: Experiment.mnist as unknown as Any,
  digits: Experiment.digits as unknown as Any,
  generator: Experiment.generator as unknown as Any,
  gpt: Experiment.gpt as unknown as Any,
  lstm: Experiment.lstm as unknown as Any,
  gru: Experiment.gru as unknown as Any,
  rnn: Experiment.rnn as unknown as Any
}

const isExperiment = (u: unknown): u is Any =>
  typeof u === "object" && u !== null && "name" in u && "config" in u && "open" in u && typeof u.open === "function"

/** What is wrong with a module, and, of one that cannot be read, where: Node writes it before the stack. */
const problemOf = (cause: unknown): string => {
  const [, line] = (cause instanceof SyntaxError ? /^.*:(\d+)\n/.exec(cause.stack ?? "") : undefined) ?? []
  if (line !== undefined) return `line ${line}: ${messageOf(cause)}`
  const place = placeOf(cause)
  return place === undefined ? thrownInWords(cause) : `${thrownInWords(cause)} (${place})`
}

const importing = (file: string, address: string) =>
  Effect.tryPromise({
    try: async () => {
      await ownPackages()
      return await import(/* @vite-ignore */ address) as { readonly [name: string]: unknown }
    },
    catch: (cause) => new UsageError({ message: `${file} cannot be loaded: ${problemOf(cause)}`, cause })
  })

/**
 * The experiment that is meant: one of the library by its name, or one that a file exports, `my.ts`, by the name of the
 * export where there are several: `my.ts#small`.
 */
export const findExperiment = (
  reference: string
): Effect.Effect<Found, UsageError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const own = Object.hasOwn(known, reference) ? known[reference] : undefined
    if (own !== undefined) return { experiment: own }
    const files = yield* FileSystem.FileSystem, { resolve, toFileUrl } = yield* Path.Path
    const [file = "", after] = reference.split("#"), wanted = after === "" ? undefined : after
    const found = yield* Effect.orElseSucceed(files.stat(file), () => undefined)
    if (found?.type === "Directory") {
      return yield* new UsageError({ message: `${file}: expected a file that exports an experiment, found a folder` })
    }
    if (found === undefined) {
      return yield* new UsageError({
        message:
          `${reference || "\"\""}: expected an experiment, ${
            Object.keys(known).join(", ")
          } or a file that exports one, ` +
          "found neither"
      })
    }
    const address = yield* Effect.orDie(toFileUrl(resolve(file)))
    // One that is exported as the default too is one.
    const exported = Object.entries(yield* importing(file, address.href)).filter(([name, value], _, all) =>
      isExperiment(value) && (name !== "default" || all.every(([other, same]) => other === name || same !== value))
    )
    const names = exported.map(([name]) => name)
    const [, experiment] = exported.find(([name], _, all) =>
      wanted === undefined ? all.length === 1 : name === wanted
    ) ?? []
    if (experiment !== undefined) {
      return {
        experiment: experiment as Any,
        file: wanted === undefined ? file : reference
      }
    }
    const expected = wanted === undefined ? "one experiment among its exports" : `an experiment named ${wanted}`
    const several = names.length > 1 ? `; choose one by ${file}#${names[0]}` : ""
    return yield* new UsageError({
      message: `${file}: expected ${expected}, found ${names.length === 0 ? "none" : names.join(", ")}${several}`
    })
  })
