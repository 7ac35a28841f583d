import { spawn } from "node:child_process"
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
const main = here("../../src/cli/main.ts"), experiment = here("experiment.ts"), dying = here("dying.ts")

/**
 * How a run is ended: by a signal, some milliseconds after it has printed so many lines, or by a kill at its nth change
 * of a file.
 */
export type End =
  | { readonly signal: "SIGKILL" | "SIGTERM" | "SIGHUP"; readonly lines: number; readonly after: number }
  | { readonly change: number }

interface Ran {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
  readonly milliseconds: number
}

const execute = (args: ReadonlyArray<string>, end: End | undefined): Promise<Ran> =>
  new Promise((resolve) => {
    const began = performance.now(), change = end !== undefined && "change" in end ? end.change : 0
    const child = spawn(process.execPath, ["--import", dying, main, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, DIES_AT: String(change) }
    })
    let out = "", err = "", timer: NodeJS.Timeout | undefined
    const wait = () => {
      if (timer !== undefined || end === undefined || !("signal" in end)) return
      if (linesIn(out) >= end.lines) timer = setTimeout(() => child.kill(end.signal), end.after)
    }
    wait()
    child.stdout.on("data", (data: Buffer) => {
      out += data.toString()
      wait()
    })
    child.stderr.on("data", (data: Buffer) => {
      err += data.toString()
    })
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, out, err, milliseconds: performance.now() - began })
    })
  })

const linesIn = (text: string): number => text.split("\n").length - 1

/** How a run is made: with a patience, and, when it has come to its end, longer by so many epochs. */
export interface Course {
  readonly patience: number
  readonly more?: number
}

const EPOCHS = 10

/**
 * Begins the run in a folder, or goes on with it where there is something to go on with; one that is to be longer is
 * made so until it says it.
 */
const takeUp = (folder: string, { more = 0, patience }: Course, end?: End): Promise<Ran> => {
  const every = ["--checkpoint-every", "9"], path = `${folder}/run.json`
  if (!existsSync(path)) {
    return execute(["train", experiment, "--patience", String(patience), ...every, "--out", folder], end)
  }
  const { config } = JSON.parse(readFileSync(path, "utf8")), epochs = EPOCHS + more
  const longer = config.epochs === epochs ? [] : ["--epochs", String(epochs)]
  return execute(["train", "--resume", folder, ...longer, ...every], end)
}

/** The folder of a run as it was before it was made longer. */
const shorter = (folder: string): string => `${folder}-shorter`

/** What a run has come to: its files, but for times. Sums of an epoch that was gone on with are added in another order. */
const outcome = (folder: string) => {
  const { results, state, step } = JSON.parse(readFileSync(`${folder}/run.json`, "utf8"))
  const rounded = (_: string, value: unknown) => typeof value === "number" ? Number(value.toPrecision(12)) : value
  const metrics = readFileSync(`${folder}/metrics.jsonl`, "utf8").replaceAll(/,"time":[\d.e-]+/g, "")
  const bytes = (name: string) => readFileSync(`${folder}/${name}`).toString("base64")
  return {
    said: JSON.stringify({ ...Object.fromEntries(Object.entries(results).sort()), state, step }, rounded),
    metrics,
    model: bytes("model.safetensors"),
    best: bytes("best.safetensors"),
    files: readdirSync(folder).sort().join(),
    report: readFileSync(`${folder}/report.html`, "utf8").includes("Finished: ")
  }
}

/** A run that nobody ends: what has come of it, how long it took, what it printed, how often it changed a file. */
export const straight = async (folder: string, course: Course): Promise<Straight> => {
  if (course.more !== undefined) {
    await straight(folder, { patience: course.patience })
    cpSync(folder, shorter(folder), { recursive: true })
  }
  const { code, err, milliseconds, out } = await takeUp(folder, course), changes = /^(\d+) changes/m.exec(err)
  if (code !== 0 || changes === null) throw new Error(`the run that is compared with has failed:\n${err}`)
  return { course, folder, outcome: outcome(folder), milliseconds, lines: linesIn(out), changes: Number(changes[1]) }
}

/** What {@link straight} gives. */
export interface Straight {
  readonly course: Course
  readonly folder: string
  readonly outcome: ReturnType<typeof outcome>
  readonly milliseconds: number
  readonly lines: number
  readonly changes: number
}

/** Where a run stood when it was ended. */
const placeOf = ({ err, out }: Ran, { steps }: { readonly steps: RegExp }): string => {
  const change = /^dies at (\w+) of .*?([^/]+?)(\.[\da-f-]{36}(\.partial)?)*$/m.exec(err)
  if (change !== null) return `file ${change[2]}`
  return !steps.test(out) ? "start" : / in all$/m.test(out) ? "test, report" : "steps, validation"
}

/**
 * A run that is ended again and again, and each time gone on with, until it comes to its end; one that is made longer is
 * ended from then on. Gives where it was ended, and in what it differs from the one that nobody ended.
 */
export const chain = async (folder: string, expected: Straight, nextEnd: () => End | undefined) => {
  const { course } = expected, places: Array<string> = []
  if (course.more !== undefined) cpSync(shorter(expected.folder), folder, { recursive: true })
  while (true) {
    const end = nextEnd(), ran = await takeUp(folder, course, end)
    if (ran.code === 0 || / is finished, /.test(ran.err)) break
    const isEnded = ran.signal !== null || ran.code === 130
    if (end === undefined || !isEnded) throw new Error(`${folder}: exit ${ran.code}\n${ran.out}\n${ran.err}`)
    places.push(placeOf(ran, { steps: /^epoch/m }))
  }
  const found = outcome(folder)
  const differs = Object.entries(expected.outcome)
    .flatMap(([name, value]) => found[name as keyof typeof found] === value ? [] : [name])
  return { places, differs }
}
