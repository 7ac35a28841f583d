import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, PlatformError } from "effect"
import { Checkpoint, Run } from "effect-neuron"
import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { kill, runHere, runOn, writeSmallMnist } from "../../support/cli.ts"
import { all, parse, text } from "../../support/html.ts"
import { runUntil } from "../../support/signal.ts"

const main = fileURLToPath(new URL("../../../src/cli/main.ts", import.meta.url))
const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))

/** A folder with the data set in `data`, and the words that train on it. */
const setup = Effect.gen(function*() {
  const path = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped(), data = ["--data-dir", `${path}/data`]
  yield* writeSmallMnist(`${path}/data`, 160, 20)
  const words = (name: string, ...more: ReadonlyArray<string>) => [
    ...[
      "train",
      "mnist",
      ...data,
      "--model",
      "mlp",
      "--validation",
      "0",
      "--batch-size",
      "16",
      "--out",
      `${path}/${name}`
    ],
    ...more
  ]
  const resume = (name: string, ...more: ReadonlyArray<string>) =>
    runHere("train", "--resume", `${path}/${name}`, ...data, ...more)
  const steps = (name: string) =>
    Effect.map(Run.metrics(`${path}/${name}`), ({ train = [] }) => train.map(({ step }) => step))
  return { path, data, words, resume, steps }
})

layer(NodeServices.layer, { excludeTestServices: true })("a run of the command line", (it) => {
  it.effect("saves and ends when its terminal is closed, and when nobody reads what it prints", () =>
    Effect.gen(function*() {
      const { path, steps, words } = yield* setup
      for (const send of ["SIGHUP", "no reader"] as const) {
        const { code, err, out } = yield* Effect.promise(() =>
          runUntil(main, words(send, "--epochs", "10000"), { when: "step 2/", send })
        )
        assert.deepStrictEqual({ code, err }, { code: 130, err: "" }, out)
        const { state, step } = json(`${path}/${send}/run.json`)
        assert.strictEqual(state, "stopped")
        assert.strictEqual((yield* steps(send)).at(-1), step)
        assert.deepStrictEqual(readdirSync(`${path}/${send}`).sort(), [
          ...["metrics.jsonl", "model.safetensors", "report.html", "run.json"]
        ])
      }
    }))

  it.effect("killed before its first checkpoint is begun anew by --resume, which --out says", () =>
    Effect.gen(function*() {
      const { path, resume, steps, words } = yield* setup
      const length = ["--epochs", "40"], straight = yield* runHere(...words("straight", ...length))
      assert.isTrue(straight.ok, straight.err.join())
      yield* kill("SIGKILL", /step 10\/10/, ...words("killed", "--checkpoint-every", "1000", ...length))
      const left = json(`${path}/killed/run.json`)
      assert.deepStrictEqual([left.state, left.step], ["running", 1])
      assert.isFalse(existsSync(`${path}/killed/model.safetensors`))
      assert.isTrue(existsSync(`${path}/killed/run.lock`))

      const { err } = yield* runHere(...words("killed", ...length))
      assert.match(err.join(), /the run\.json of another run; go on with it by --resume, or choose another --out$/)
      const resumed = yield* resume("killed")
      assert.isTrue(resumed.ok, resumed.err.join())
      const model = (name: string) => readFileSync(`${path}/${name}/model.safetensors`)
      assert.deepStrictEqual(model("killed"), model("straight"))
      assert.deepStrictEqual(yield* steps("killed"), yield* steps("straight"))
      assert.strictEqual(json(`${path}/killed/run.json`).state, "tested")
      assert.deepStrictEqual(readdirSync(`${path}/killed`).sort(), readdirSync(`${path}/straight`).sort())
    }))

  it.effect("killed after a checkpoint goes on from there to the weights and lines of a run that was not", () =>
    Effect.gen(function*() {
      const { path, resume, steps, words } = yield* setup, length = ["--epochs", "40", "--checkpoint-every", "7"]
      assert.isTrue((yield* runHere(...words("straight", ...length))).ok)
      yield* kill("SIGKILL", /step 8\/10/, ...words("killed", ...length))
      assert.strictEqual(json(`${path}/killed/run.json`).state, "running")
      const [{ step }] = (yield* Checkpoint.list(`${path}/killed`)) as [Checkpoint.Saved]
      assert.isAtLeast(step, 7)
      const resumed = yield* resume("killed")
      assert.isTrue(resumed.ok, resumed.err.join())
      const model = (name: string) => readFileSync(`${path}/${name}/model.safetensors`)
      assert.deepStrictEqual(model("killed"), model("straight"))
      assert.deepStrictEqual(yield* steps("killed"), yield* steps("straight"))
      assert.deepInclude(json(`${path}/killed/run.json`), { state: "tested", resumedFrom: step })
    }))

  it.effect("says in one line that the disk is full, keeps what it had, and goes on when there is room", () =>
    Effect.gen(function*() {
      const { path, resume, steps, words } = yield* setup, length = ["--epochs", "2", "--checkpoint-every", "7"]
      const full = PlatformError.systemError({
        ...{ _tag: "Unknown", module: "FileSystem", method: "open" },
        cause: new Error("ENOSPC: no space left on device, write")
      })
      assert.isTrue((yield* runHere(...words("straight", ...length))).ok)
      // Before the first checkpoint, and before the second one.
      for (const room of [0, 1]) {
        const name = `full-${room}`
        let opened = 0
        const { err, ok } = yield* runOn((files) => ({
          open: (file, options) =>
            file.includes("model.safetensors") && opened++ >= room ? Effect.fail(full) : files.open(file, options)
        }), ...words(name, ...length))
        assert.isFalse(ok)
        assert.lengthOf(err, 1)
        assert.match(err[0]!, /model\.safetensors: cannot be written: ENOSPC: no space left on device/)
        assert.deepInclude(json(`${path}/${name}/run.json`), { state: "failed", step: 7 * (room + 1), reason: err[0] })
        assert.deepStrictEqual((yield* steps(name)).length, 7 * (room + 1))
        assert.strictEqual(existsSync(`${path}/${name}/model.safetensors`), room === 1)
        const resumed = yield* resume(name)
        assert.isTrue(resumed.ok, resumed.err.join())
        assert.deepStrictEqual(
          readFileSync(`${path}/${name}/model.safetensors`),
          readFileSync(`${path}/straight/model.safetensors`)
        )
        assert.deepStrictEqual(yield* steps(name), yield* steps("straight"))
        assert.deepStrictEqual(readdirSync(`${path}/${name}`).sort(), readdirSync(`${path}/straight`).sort())
      }
    }))

  it.effect("killed between its last step and its end goes on to the test and the report, whatever it had said", () =>
    Effect.gen(function*() {
      const { path, resume, words } = yield* setup, files = yield* FileSystem.FileSystem
      assert.isTrue((yield* runHere(...words("run"))).ok)
      const whole = json(`${path}/run/run.json`), metrics = readFileSync(`${path}/run/metrics.jsonl`, "utf8")
      const untested = metrics.split("\n").filter((line) => !line.includes("\"test\"")).join("\n")
      for (
        const [state, lines, isThere] of [
          ["running", untested, true],
          ["finished", untested, true],
          ["finished", metrics, true],
          ["tested", metrics, false]
        ] as const
      ) {
        yield* files.writeFileString(`${path}/run/run.json`, JSON.stringify({ ...whole, state }))
        yield* files.writeFileString(`${path}/run/metrics.jsonl`, lines)
        if (!isThere) yield* files.remove(`${path}/run/report.html`)
        const resumed = yield* resume("run")
        assert.isTrue(resumed.ok, resumed.err.join())
        const { results, state: after } = json(`${path}/run/run.json`)
        assert.deepStrictEqual([after, results], ["tested", whole.results])
        assert.strictEqual(readFileSync(`${path}/run/metrics.jsonl`, "utf8"), metrics)
        assert.include(readFileSync(`${path}/run/report.html`, "utf8"), "Confusion matrix")
      }
      assert.match((yield* resume("run")).err.join(), /is finished, 10 of 10 steps: give more --epochs/)
    }))

  it.effect("is written by one process at a time", () =>
    Effect.gen(function*() {
      const { path, resume, steps, words } = yield* setup
      let second: Effect.Success<ReturnType<typeof runHere>> | undefined
      const { code, out } = yield* Effect.promise(() =>
        runUntil(main, words("run", "--epochs", "10000", "--checkpoint-every", "1"), {
          when: "step 2/",
          send: async () => {
            second = await Effect.runPromise(resume("run"))
            return "SIGTERM"
          }
        })
      )
      assert.strictEqual(code, 130, out)
      assert.isFalse(second?.ok)
      assert.match(
        second!.err.join(),
        /run is being written by process \d+ on \S+ since .*; if that is gone, remove \S+run\.lock$/
      )
      const { step } = json(`${path}/run/run.json`)
      assert.deepStrictEqual(yield* steps("run"), Array.from({ length: step }, (_, i) => i + 1))
    }))

  it.effect("goes on with, and reports on, a run of version 0.1.0", () =>
    Effect.gen(function*() {
      const { data, path, resume, steps, words } = yield* setup, files = yield* FileSystem.FileSystem
      const folder = `${path}/run`
      assert.isTrue((yield* runHere(...words("run"))).ok)
      const { config, results: { test, train }, seconds, step, versions } = json(`${folder}/run.json`)
      const before = { dataset: "mnist", ...config }
      const summary = { status: "finished", step, steps: step, config: before, versions, train, test, seconds }
      yield* files.writeFileString(`${folder}/summary.json`, JSON.stringify(summary))
      yield* files.remove(`${folder}/run.json`)
      const lines = readFileSync(`${folder}/metrics.jsonl`, "utf8").replaceAll(/,"time":[\d.]+/g, "")
      yield* files.writeFileString(`${folder}/metrics.jsonl`, lines)
      yield* files.remove(`${folder}/report.html`)
      assert.isTrue((yield* runHere("report", folder, ...data)).ok)
      assert.include(readFileSync(`${folder}/report.html`, "utf8"), "Finished: 10 of 10 steps.")
      assert.match((yield* resume("run")).err.join(), /is finished, 10 of 10 steps/)
      assert.isTrue((yield* resume("run", "--epochs", "2")).ok)
      assert.deepInclude(json(`${folder}/run.json`), { format: 1, state: "tested", step: 20, resumedFrom: 10 })
      assert.deepStrictEqual(yield* steps("run"), Array.from({ length: 20 }, (_, i) => i + 1))
    }))

  it.effect("goes on by the command that its report prints", () =>
    Effect.gen(function*() {
      const { data, path, steps, words } = yield* setup, name = "it's a run"
      yield* kill("SIGINT", /step 2\//, ...words(name, "--epochs", "10000"))
      assert.isTrue((yield* runHere("report", `${path}/${name}`, "--data-dir", `${path}/data`)).ok)
      const root = yield* parse(readFileSync(`${path}/${name}/report.html`, "utf8"))
      const note = all(root, "p").find(({ attributes }) => attributes["role"] === "note")!
      const [command] = all(note, "code").map(text)
      const argument = `'${path}/it'\\''s a run'`
      assert.strictEqual(command, `npm run cli -- train --resume ${argument}`)
      assert.strictEqual(json(`${path}/${name}/run.json`).resume, command)
      // As a shell takes it, but for the number of epochs, which nobody waits for.
      const typed = execFileSync("sh", ["-c", `set -- ${command}; shift 4; printf '%s\\n' "$@"`], { encoding: "utf8" })
      const { step } = json(`${path}/${name}/run.json`)
      const { err } = yield* runHere(...typed.trimEnd().split("\n"), ...data, "--epochs", String(Math.ceil(step / 10)))
      assert.deepStrictEqual(err.filter((line) => !line.includes("is finished")), [])
      assert.deepStrictEqual(yield* steps(name), Array.from({ length: 10 * Math.ceil(step / 10) }, (_, i) => i + 1))
    }))
})
