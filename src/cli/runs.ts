import { Console, Effect, Option, Path, Stdio, Terminal } from "effect"
import { DataError } from "../core/errors.ts"
import { count, duration, words } from "../experiment/report/numbers.ts"
import { runFile } from "../experiment/run/format.ts"
import type { Figures, Run } from "../experiment/run/format.ts"
import { find, list } from "../experiment/run/read.ts"
import type { Listed } from "../experiment/run/read.ts"
import { rename } from "../experiment/run/rename.ts"
import { measuredIn, shown } from "./figures.ts"
import { folderOf } from "./runFolder.ts"
import { checkedKey, compare, condition, listed, valueOf } from "./runKeys.ts"
import type { Known } from "./runKeys.ts"
import { fittingTable, textTable } from "./textTable.ts"
import { UsageError } from "./UsageError.ts"

const isKnown = (found: Listed): found is Listed & Known => found.run !== undefined

/** A run that says it goes on, and whose process is gone, was killed. */
const withKilled = <A extends Listed & Known>(found: A): A =>
  found.killed === true ? { ...found, run: { ...found.run, state: "killed" } } : found

const figures = (found: Figures | undefined): string =>
  measuredIn(found ?? {}).slice(0, 2).map(([name, value]) => `${words(name)} ${shown(name, value)}`).join(", ")

const row = ({ name, run }: Known): ReadonlyArray<string> => {
  const { created, experiment, results, seconds, state, step, steps } = run
  return [
    run.name ?? name,
    experiment,
    state,
    steps === undefined || steps === step
      ? count(step)
      : `${count(step)}/${count(steps)}`,
    figures(results?.["test"] ?? results?.["validation"] ?? results?.["train"]),
    results?.["best"] === undefined
      ? ""
      : `${shown("", Number(results["best"]["value"]))} at ${results["best"]["step"]}`,
    seconds === undefined ? "" : duration(seconds.total ?? seconds.train),
    created.slice(0, 16).replace("T", " ")
  ]
}

const HEADS = ["run", "experiment", "state", "steps", "figures", "best", "time", "begun"]

/** What a narrow terminal goes without, what matters least first. */
const LEAST = ["time", "best", "begun", "experiment", "steps", "state"]

/** How wide what is printed may be. */
const width: Effect.Effect<number, never, Stdio.Stdio | Terminal.Terminal> = Effect.gen(function*() {
  const columns = yield* (yield* Terminal.Terminal).columns
  return columns > 0 && (yield* (yield* Stdio.Stdio).stdoutIsTerminal) ? columns : Infinity
})

/** What `runs` is asked for. */
export interface RunsOptions {
  readonly folder: string
  readonly sort: Option.Option<string>
  readonly filter: ReadonlyArray<string>
  readonly json: boolean
}

/** Lists the runs in a folder, the newest first, or by what they are sorted by, the best known first. */
export const runs = ({ filter, folder, json, sort }: RunsOptions) =>
  Effect.gen(function*() {
    const all = yield* list(folder), known = all.filter(isKnown).map(withKilled)
    const conditions = yield* Effect.forEach(filter, (text) => condition(text, known))
    const found = known.filter((run) => conditions.every((holds) => holds(run)))
    const asked = Option.getOrUndefined(sort), turned = asked?.startsWith("-") === true
    const key = asked === undefined ? undefined : yield* checkedKey(`--sort ${asked}`, asked.replace(/^-/, ""), known)
    const sorted = key === undefined ? found : found.toSorted((a, b) => {
      const [x, y] = [valueOf(a, key), valueOf(b, key)]
      // What is not known comes last either way.
      return x === undefined || y === undefined ? compare(x, y) : turned ? compare(y, x) : compare(x, y)
    })
    if (json) {
      return yield* Effect.forEach(
        sorted,
        ({ folder, name, run }) => Console.log(JSON.stringify({ name, folder, ...run })),
        { discard: true }
      )
    }
    const broken = all.filter((found) => !isKnown(found))
    if (all.length === 0) return yield* Console.log(`no runs in ${folder}`)
    if (sorted.length > 0) {
      const table = fittingTable(HEADS, sorted.map(row), { columns: yield* width, least: LEAST })
      yield* Console.log(table.join("\n"))
    }
    const left = known.length - sorted.length
    if (left > 0) yield* Console.log(`${left} of ${known.length} runs are not as --filter says`)
    for (const { name, problem } of broken) yield* Console.log(`${name}: ${problem?.message ?? "cannot be read"}`)
  })

const flat = (value: unknown, path: string, out: Map<string, string>): void => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [name, child] of Object.entries(value)) flat(child, path === "" ? name : `${path}.${name}`, out)
  } else out.set(path, typeof value === "string" ? value : JSON.stringify(value) ?? "")
}

/** What a run says, by path, without what no two runs share. */
const said = (
  { backend, config, experiment, kind, networks, results, seconds, state, step, steps, threads, versions }: Run
) => {
  const out = new Map<string, string>()
  flat({ experiment, kind, state, step, steps, backend, threads, config, versions, seconds, results }, "", out)
  for (const [name, { multiplyAdds, parameters }] of Object.entries(networks ?? {})) {
    out.set(`${name}.parameters`, count(parameters))
    if (multiplyAdds !== null) out.set(`${name}.multiply-adds`, count(multiplyAdds))
  }
  return out
}

/** A run that is named; where there is none, what runs there are beside it is said. */
const readNamed = (path: string) =>
  Effect.gen(function*() {
    const folder = yield* folderOf(path), found = yield* find(folder)
    if (found !== undefined) return found
    const { dirname, normalize } = yield* Path.Path, around = dirname(normalize(folder))
    const names = yield* Effect.orElseSucceed(
      Effect.map(list(around), (all) => all.filter(isKnown).map(({ name }) => name)),
      () => []
    )
    return yield* new DataError({
      source: path,
      expected: `a run, with its ${runFile}`,
      actual: names.length === 0 ? "none" : `none; those in ${around} are ${listed(names)}`
    })
  })

/** Says in what two runs differ: in what they were configured with, and in what has come of it. */
export const compareRuns = ({ a, b, json }: { readonly a: string; readonly b: string; readonly json: boolean }) =>
  Effect.gen(function*() {
    const { basename, resolve } = yield* Path.Path
    const [left, right] = [said(yield* readNamed(a)), said(yield* readNamed(b))]
    const paths = [...new Set([...left.keys(), ...right.keys()])]
    const different = paths.filter((path) => left.get(path) !== right.get(path))
    if (json) {
      const entries = different.map((path) => [path, [left.get(path) ?? null, right.get(path) ?? null]])
      return yield* Console.log(JSON.stringify(Object.fromEntries(entries)))
    }
    const names = (yield* Effect.forEach([a, b], folderOf)).map((folder) => basename(resolve(folder)))
    yield* Console.log(
      different.length === 0
        ? `${names.join(" and ")} do not differ`
        : textTable(["", ...names], different.map((path) => [path, left.get(path) ?? "–", right.get(path) ?? "–"]))
          .join("\n")
    )
  })

/** What `runs rename` is asked for. */
export interface RenameOptions {
  readonly run: string
  readonly name: string
  readonly note: Option.Option<string>
}

/** Calls a run by another name, with a note if one is given; its folder stays where it is. */
export const renameRun = ({ name, note, run }: RenameOptions) =>
  Effect.gen(function*() {
    if (name.trim() === "") return yield* new UsageError({ message: `${run}: expected a name, found nothing` })
    const folder = yield* folderOf(run)
    yield* readNamed(run)
    yield* rename(folder, { name, ...(Option.isSome(note) ? { note: note.value } : {}) })
    yield* Console.log(`${folder}: ${name}${Option.isSome(note) && note.value !== "" ? `, ${note.value}` : ""}`)
  })
