import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { hostname } from "node:os"
import { refuses, runHere } from "../../support/cli.ts"

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
      assert.deepStrictEqual(yield* names("--filter", "accuracy>=90%"), ["a"])
      assert.deepStrictEqual(yield* names("--filter", "accuracy < 85 %"), ["b"])
      const some = yield* runHere("runs", "--folder", path, "--filter", "state=stopped")
      assert.include(some.out, "2 of 3 runs are not as --filter says")
      const wrong = yield* runHere("runs", "--folder", path, "--filter", "tested")
      assert.match(wrong.err.join(), /^--filter tested: expected a condition as state=tested or hidden>32/)
      assert.deepStrictEqual(yield* names("--filter", " hidden > 16 "), ["b", "c"])
    }))

  it.effect("are neither sorted nor filtered by what no run knows, and by no words where there are numbers", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const refused = (expected: RegExp, ...options: ReadonlyArray<string>) =>
        Effect.map(
          refuses(expected, "runs", "--folder", path, ...options),
          ({ out }) => assert.deepStrictEqual(out, [])
        )
      const known = /expected one of name, duration, .*step, .*hidden, config\.kind, accuracy, loss, found hiden$/
      yield* refused(known, "--sort", "hiden")
      yield* refused(/^--sort -hiden: expected one of /, "--sort=-hiden")
      yield* refused(known, "--filter", "hiden>3")
      yield* refused(/^--filter hidden>many: expected a number behind hidden>, found many$/, "--filter", "hidden>many")
      yield* refused(/^--filter hidden=: expected a number behind hidden=, found nothing$/, "--filter", "hidden=")
      // What every run could say is known, whether or not one of them does.
      assert.isTrue((yield* runHere("runs", "--folder", path, "--sort", "reason")).ok)
      const none = yield* runHere("runs", "--folder", `${path}/none`, "--sort", "hiden")
      assert.deepStrictEqual([none.ok, none.out], [true, [`no runs in ${path}/none`]])
    }))

  it.effect("tell a field of the configuration from what every run says under its name", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem, path = yield* files.makeTempDirectoryScoped()
      const fields = [{ step: 3, state: "new", model: "mlp", loss: "hinge" }, { step: 2, model: "cnn", loss: "wgan" }]
      for (const [i, config] of fields.entries()) {
        const run = {
          format: 1,
          experiment: "x",
          state: "tested",
          step: i,
          created: "2026-01-01T10:00:00.000Z",
          config
        }
        const results = { test: { loss: 1 - i, "top-1": i } }
        yield* files.makeDirectory(`${path}/r${i}`)
        yield* files.writeFileString(
          `${path}/r${i}/run.json`,
          JSON.stringify({ ...run, model: { kind: "a" }, results })
        )
      }
      const names = (...options: ReadonlyArray<string>) =>
        Effect.map(
          runHere("runs", "--folder", path, ...options, "--json"),
          ({ err, out }) => out.length === 0 ? err : out.map((line) => JSON.parse(line).name)
        )
      assert.deepStrictEqual(yield* names("--sort", "step"), ["r0", "r1"])
      assert.deepStrictEqual(yield* names("--sort", "config.step"), ["r1", "r0"])
      assert.deepStrictEqual(yield* names("--filter", "state=tested", "--filter", "config.state=new"), ["r0"])
      assert.deepStrictEqual(yield* names("--filter", "model=cnn"), ["r1"])
      assert.deepStrictEqual(yield* names("--filter", "loss=hinge"), ["r0"])
      assert.deepStrictEqual(yield* names("--sort", "test.loss"), ["r1", "r0"])
      assert.deepStrictEqual(yield* names("--filter", "top-1=0"), ["r0"])
      assert.match((yield* runHere("runs", "--help")).out.join(), /config\.step/)
    }))

  it.effect("are called by other names, with notes, while nobody writes them", () =>
    Effect.gen(function*() {
      const path = yield* folder, files = yield* FileSystem.FileSystem
      const said = (name: string) =>
        Effect.map(files.readFileString(`${path}/${name}/run.json`), (text) => JSON.parse(text))
      const before = yield* said("a")
      const first = yield* runHere("runs", "rename", `${path}/a`, "wide one", "--note", "twice the units")
      assert.deepStrictEqual(first.out, [`${path}/a: wide one, twice the units`])
      assert.deepInclude(yield* said("a"), { ...before, name: "wide one", note: "twice the units" })
      // The note stays where none is given; a checkpoint stands for its run.
      assert.isTrue((yield* runHere("runs", "rename", `${path}/a/model.safetensors`, "wide")).ok)
      assert.deepInclude(yield* said("a"), { name: "wide", note: "twice the units" })
      assert.match((yield* runHere("runs", "--folder", path)).out[0]!, /^wide +sums/m)
      const lock = JSON.stringify({ token: "x", pid: process.ppid, host: hostname(), since: before.created })
      yield* files.writeFileString(`${path}/b/run.lock`, lock)
      const refused = (expected: RegExp, ...args: ReadonlyArray<string>) => refuses(expected, "runs", "rename", ...args)
      yield* refused(/b is being written by process \d+ on /, `${path}/b`, "other")
      assert.notProperty(yield* said("b"), "name")
      yield* refused(/^\S+: expected a name, found nothing$/, `${path}/c`, " ")
      yield* refused(/none: expected a run, with its run\.json, found none/, `${path}/none`, "other")
      assert.isFalse(yield* files.exists(`${path}/none`))
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
      assert.match(
        missing.err.join(),
        /none: expected a run, with its run\.json, found none; those in \S+ are b, c, a$/
      )
      const nowhere = yield* runHere("runs", "compare", `${path}/no/run`, `${path}/a`)
      assert.match(nowhere.err.join(), /no\/run: expected a run, with its run\.json, found none$/)
      const file = yield* runHere("runs", "compare", `${path}/a/model.safetensors`, `${path}/a`)
      assert.deepStrictEqual(file.out, ["a and a do not differ"])
    }))
})
