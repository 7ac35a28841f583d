/**
 * Ends a small run again and again, at moments that a seed draws, each time goes on with it, and compares what has come
 * of it with a run that nobody ended: `npm run bench:kills -- --kills 100 --stops 30 --seed 1`.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { Key, Random } from "../../src/index.ts"
import { chain, straight } from "./chain.ts"
import type { End, Straight } from "./chain.ts"

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "100" },
    stops: { type: "string", default: "30" },
    seed: { type: "string", default: "1" }
  }
})
const root = mkdtempSync(join(tmpdir(), "effect-neuron-kills-")), next = Random.generator(Key.make(Number(values.seed)))

/** A signal between any two lines that are printed, those before the first one and behind the last one among them. */
const between = (signal: "SIGKILL" | "SIGTERM" | "SIGHUP", { lines, milliseconds }: Straight): End => {
  const before = Math.floor(next() * (lines + 1))
  return { signal, lines: before, after: next() * milliseconds / (before === 0 ? 4 : lines) }
}

/** Kills at any time, and, every other one, at a change of a file. */
const kill = (i: number, run: Straight): End =>
  i % 2 === 0 ? between("SIGKILL", run) : { change: 1 + Math.floor(next() * run.changes) }

const stop = (i: number, run: Straight): End => between(i % 2 === 0 ? "SIGTERM" : "SIGHUP", run)

// To the last step, and ended by patience, and each of them made longer.
const expected = [
  await straight(join(root, "straight"), { patience: 0 }),
  await straight(join(root, "patience"), { patience: 2 }),
  await straight(join(root, "longer"), { patience: 0, more: 3 }),
  await straight(join(root, "longer-patience"), { patience: 2, more: 3 })
]

const endAll = async (what: string, total: number, endOf: (i: number, run: Straight) => End): Promise<boolean> => {
  const counts = new Map<string, number>(), wrong: Array<string> = []
  let drawn = 0, ended = 0, runs = 0
  while (ended < total) {
    const run = expected[runs % expected.length]!, folder = join(root, `${what}-${runs++}`), before = ended
    let tried = 0
    const { differs, places } = await chain(
      folder,
      run,
      () => before + tried++ < total ? endOf(drawn++, run) : undefined
    )
    ended += places.length
    for (const place of places) counts.set(place, (counts.get(place) ?? 0) + 1)
    if (differs.length > 0) wrong.push(`${folder}: other ${differs.join(", ")}`)
    else rmSync(folder, { recursive: true })
    console.log(`${ended} ${what} in ${runs} runs, ${wrong.length} of them came to something else`)
  }
  for (const [place, n] of [...counts].toSorted(([, a], [, b]) => b - a)) console.log(`  ${n}\t${place}`)
  for (const line of wrong) console.log(line)
  return wrong.length === 0
}

const isRight = [
  await endAll("kills", Number(values.kills), kill),
  await endAll("stops", Number(values.stops), stop)
]
if (isRight.every(Boolean)) rmSync(root, { recursive: true })
else process.exitCode = 1
