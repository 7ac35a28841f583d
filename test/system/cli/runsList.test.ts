import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { runHere } from "../../support/cli.ts"

/** A folder of runs: two of numbers, one that is going, one that is broken, and a file that is none. */
const folder = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem, path = yield* files.makeTempDirectoryScoped()
  const write = (name: string, run: object) =>
    Effect.andThen(
      files.makeDirectory(`${path}/${name}`),
      files.writeFileString(`${path}/${name}/run.json`, JSON.stringify({ format: 1, kind: "supervised", ...run }))
    )
  const tested = (accuracy: number) => ({ train: { loss: 1 }, test: { accuracy, loss: 0.5 } })
  yield* write("a", {
    ...{ experiment: "sums", state: "tested", step: 1200, steps: 1200, created: "2026-01-01T10:00:00.000Z" },
    ...{ config: { hidden: 16, kind: "relu" }, results: tested(0.9), seconds: { train: 100, total: 125 } }
  })
  yield* write("b", {
    ...{ experiment: "sums", state: "tested", step: 600, steps: 600, created: "2026-01-03T10:00:00.000Z" },
    ...{ config: { hidden: 64, kind: "relu" }, results: tested(0.8), seconds: { train: 10, total: 12 } }
  })
  yield* write("c", {
    ...{ experiment: "other", state: "stopped", step: 5, steps: 10, created: "2026-01-02T10:00:00.000Z" },
    ...{ config: { hidden: 32 }, results: { best: { step: 4, value: 0.25 } } }
  })
  yield* files.makeDirectory(`${path}/broken`)
  yield* files.writeFileString(`${path}/broken/run.json`, "{")
  yield* files.writeFileString(`${path}/notes.txt`, "")
  return path
})

layer(NodeServices.layer, { excludeTestServices: true })("runs", (it) => {
  it.effect("lists what is in a folder, the newest first, and what is wrong with those that cannot be read", () =>
    Effect.gen(function*() {
      const path = yield* folder, { ok, out } = yield* runHere("runs", "--folder", path)
      assert.isTrue(ok)
      const [heads, , ...rows] = out[0]!.split("\n")
      assert.match(heads!, /^run +experiment +state +steps +figures +best +time +begun$/)
      assert.deepStrictEqual(rows.map((row) => row.split(/ {2,}/)[0]), ["b", "c", "a"])
      assert.match(rows[2]!, /^a +sums +tested +1,200 +accuracy 90\.00 %, loss 0\.5000 +2 min 5 s +2026-01-01 10:00$/)
      assert.match(rows[1]!, /^c +other +stopped +5\/10 +0\.2500 at 4 +2026-01-02 10:00$/)
      assert.match(out[1]!, /^broken: .*run\.json: expected /)
      assert.lengthOf(out, 2)
      const none = yield* runHere("runs", "--folder", `${path}/none`)
      assert.deepStrictEqual(none.out, [`no runs in ${path}/none`])
    }))

  it.effect("are sorted by what they are configured with or have come to, the unknown last, and filtered", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const names = (...options: ReadonlyArray<string>) =>
        Effect.map(
          runHere("runs", "--folder", path, ...options, "--json"),
          ({ out }) => out.map((line) => JSON.parse(line).name)
        )
      assert.deepStrictEqual(yield* names("--sort", "hidden"), ["a", "c", "b"])
      assert.deepStrictEqual(yield* names("--sort=-hidden"), ["b", "c", "a"])
      assert.deepStrictEqual(yield* names("--sort", "accuracy"), ["b", "a", "c"])
      assert.deepStrictEqual(yield* names("--sort=-test.accuracy"), ["a", "b", "c"])
      assert.deepStrictEqual(yield* names("--sort", "duration"), ["b", "a", "c"])
      assert.deepStrictEqual(yield* names("--filter", "hidden>16"), ["b", "c"])
      assert.deepStrictEqual(yield* names("--filter", "hidden>=16", "--filter", "experiment=sums"), ["b", "a"])
      assert.deepStrictEqual(yield* names("--filter", "state!=tested"), ["c"])
      assert.deepStrictEqual(yield* names("--filter", "accuracy<0.85"), ["b"])
      const some = yield* runHere("runs", "--folder", path, "--filter", "state=stopped")
      assert.include(some.out, "2 of 3 runs are not as --filter says")
      const wrong = yield* runHere("runs", "--folder", path, "--filter", "tested")
      assert.match(wrong.err.join(), /^--filter tested: expected a condition as state=tested or hidden>32/)
    }))

  it.effect("are compared: in what they differ, and nothing else", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const { out } = yield* runHere("runs", "compare", `${path}/a`, `${path}/b`, "--json")
      assert.deepStrictEqual(JSON.parse(out[0]!), {
        ...{ step: ["1200", "600"], steps: ["1200", "600"], "config.hidden": ["16", "64"] },
        ...{ "results.test.accuracy": ["0.9", "0.8"], "seconds.train": ["100", "10"], "seconds.total": ["125", "12"] }
      })
      const table = yield* runHere("runs", "compare", `${path}/a`, `${path}/c`)
      assert.match(table.out[0]!, /^ +a +c\n─+\nexperiment +sums +other\n/)
      assert.match(table.out[0]!, /^config\.kind +relu +–$/m)
      const same = yield* runHere("runs", "compare", `${path}/a`, `${path}/a`)
      assert.deepStrictEqual(same.out, ["a and a do not differ"])
      const missing = yield* runHere("runs", "compare", `${path}/a`, `${path}/none`)
      assert.match(missing.err.join(), /none: expected a run, with its run\.json, found none/)
    }))
})
