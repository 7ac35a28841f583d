import { Effect, FileSystem, Option, Path, Schema } from "effect"
import { fileName } from "../src/checkpoint/index.ts"
import { metricsFile, samplesFolder, stepOfSample, summaryFile } from "../src/cli/runFolder.ts"

/** A run folder of `effect-neuron train` as the page lists it. */
export interface RunFolder {
  readonly name: string
  /** When its metrics were last written, in milliseconds since 1970. */
  readonly modified: number
  /** How many bytes of metrics there are. */
  readonly size: number
  readonly hasWeights: boolean
  /** The pictures that a generator has made in the course of its training, by name, in the order of their steps. */
  readonly samples: ReadonlyArray<string>
  /** What `summary.json` says; `null` where there is none that can be read. */
  readonly summary: unknown
}

/** What a request for a part of a run's metrics gives: whole lines, and where the next part begins. */
export interface Part {
  readonly text: string
  readonly next: number
}

const PART = 1 << 20

const isSample = (file: string): boolean => stepOfSample(file) !== undefined

const json = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Unknown))

/** The folders in `root`. A folder that is no run, or that cannot be read, is left out. */
export const list = (root: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, { join } = yield* Path.Path
    const names = yield* Effect.orElseSucceed(fs.readDirectory(root), () => [])
    const found = yield* Effect.forEach(names, (name) =>
      Effect.gen(function*() {
        const folder = yield* inside(root, name)
        const info = yield* fs.stat(join(folder, metricsFile))
        const summary = yield* Effect.orElseSucceed(
          Effect.flatMap(fs.readFileString(join(folder, summaryFile)), json),
          () => null
        )
        return {
          name,
          modified: Option.match(info.mtime, { onNone: () => 0, onSome: (date) => date.getTime() }),
          size: Number(info.size),
          samples: yield* Effect.orElseSucceed(
            Effect.map(fs.readDirectory(join(folder, samplesFolder)), (files) => files.filter(isSample).sort()),
            () => []
          ),
          hasWeights: yield* fs.exists(join(folder, fileName)),
          summary
        }
      }).pipe(Effect.option), { concurrency: 8 })
    return found.flatMap(Option.toArray).sort((a, b) => b.modified - a.modified) as ReadonlyArray<RunFolder>
  })

/**
 * The folder of a run's name. A name is looked for among the entries of `root` and never put into a path unseen, and a
 * link that leads out of `root` is no run: no request reaches another file.
 */
export const inside = (root: string, name: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, { join, sep } = yield* Path.Path
    const names = yield* fs.readDirectory(root)
    const found = names.find((entry) => entry === name)
    if (found === undefined) return yield* Effect.fail("not a run" as const)
    const real = yield* fs.realPath(root), folder = yield* fs.realPath(join(root, found))
    return folder.startsWith(real + sep) ? folder : yield* Effect.fail("not a run" as const)
  })

const within = (root: string, ...parts: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, { join, sep } = yield* Path.Path
    const path = yield* fs.realPath(join(...parts))
    return path.startsWith((yield* fs.realPath(root)) + sep) ? path : yield* Effect.fail("not a run" as const)
  })

/** A file of a run, wherever links in its folder lead within `root`. */
export const fileOf = (root: string, name: string, file: typeof fileName | typeof metricsFile) =>
  Effect.flatMap(inside(root, name), (folder) => within(root, folder, file))

/** A picture of a run, by a name that {@link list} gives. */
export const sampleOf = (root: string, name: string, file: string) =>
  isSample(file)
    ? Effect.flatMap(inside(root, name), (folder) => within(root, folder, samplesFolder, file))
    : Effect.fail("not a run" as const)

/**
 * The whole lines of a run's metrics from byte `from` on, at most a mebibyte of them: what was written since the last
 * part, while the run goes on. A file that has become shorter, because the run was resumed from an earlier step, is
 * given from its beginning, with `next` below `from`.
 */
export const metricsFrom = (root: string, name: string, from: number) =>
  Effect.scoped(Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const file = yield* fs.open(yield* fileOf(root, name, metricsFile))
    const size = Number((yield* file.stat).size), start = from > size ? 0 : from
    const bytes = yield* file.readAlloc(Math.min(PART, size - start), { position: BigInt(start) })
    const read = Option.getOrElse(bytes, () => new Uint8Array(0))
    const end = read.lastIndexOf(10) + 1
    return { text: new TextDecoder().decode(read.subarray(0, end)), next: start + end } satisfies Part
  }))
