import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { Run } from "effect-neuron"
import { spawnSync } from "node:child_process"
import { hostname } from "node:os"
import { inTempFolder, withFiles } from "../../../support/files.ts"

const runOf = (fields: object): string =>
  JSON.stringify({
    ...{ format: 1, experiment: "xor", state: "stopped", step: 20, created: "2026-01-02T03:04:05.678Z" },
    ...fields
  })

/** Writes files by their paths in a folder. */
const write = (folder: string, texts: { readonly [path: string]: string }) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    for (const [path, text] of Object.entries(texts)) {
      const whole = `${folder}/${path}`
      yield* files.makeDirectory(whole.slice(0, whole.lastIndexOf("/")), { recursive: true })
      yield* files.writeFileString(whole, text)
    }
  })

/** What version 0.1.0 wrote of a run. */
const summary = {
  ...{ status: "finished", step: 60, steps: 60, resumedFrom: 10, versions: { "effect-neuron": "0.1.0", node: "v24" } },
  config: { dataset: "mnist", model: "mlp", epochs: 3, batchSize: 32, learningRate: 3e-3, seed: 42, backend: "wasm" },
  networks: { model: { rows: [], parameters: 1, bytes: 4, multiplyAdds: 1 } },
  ...{ train: { loss: 0.5, accuracy: 0.9 }, test: { loss: 0.6, accuracy: 0.8, size: 100 } },
  seconds: { train: 3, test: 1, total: 4 }
}

layer(NodeServices.layer)("the reader of runs", (it) => {
  it.effect("reads a run of today, and one of version 0.1.0 in its form", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const { error: _, ...stopped } = { ...summary, status: "interrupted", error: "x" }
        yield* write(folder, {
          "new/run.json": runOf({ steps: 30 }),
          "both/run.json": runOf({ step: 3 }),
          "both/summary.json": JSON.stringify(summary),
          "old/summary.json": JSON.stringify(summary),
          "gan/summary.json": JSON.stringify({
            ...{
              status: "running",
              step: 3,
              versions: {},
              config: { dataset: "digits", loss: "hinge", criticSteps: 2 }
            },
            judged: { counts: [1, 2] }
          }),
          "failed/summary.json": JSON.stringify({ ...summary, status: "failed", error: "loss is NaN" }),
          "stopped/summary.json": JSON.stringify(stopped)
        })
        assert.deepInclude(yield* Run.read(`${folder}/new`), {
          experiment: "xor",
          state: "stopped",
          step: 20,
          steps: 30
        })
        assert.strictEqual((yield* Run.read(`${folder}/both/`)).step, 3)
        const { created, updated, ...old } = yield* Run.read(`${folder}/old`)
        assert.match(created, /^20\d\d-\d\d-\d\dT/)
        assert.strictEqual(updated, created)
        assert.deepStrictEqual(old as object, {
          ...{ format: 1, experiment: "mnist", kind: "supervised", state: "tested", step: 60, steps: 60 },
          ...{ resumedFrom: 10, backend: "wasm", config: summary.config, versions: summary.versions },
          ...{ networks: summary.networks, seconds: summary.seconds },
          results: { train: summary.train, test: summary.test }
        })
        assert.deepInclude(yield* Run.read(`${folder}/gan`), {
          ...{ kind: "adversarial", state: "running", results: { judged: { counts: [1, 2] } } }
        })
        assert.deepInclude(yield* Run.read(`${folder}/failed`), { state: "failed", reason: "loss is NaN" })
        assert.deepInclude(yield* Run.read(`${folder}/stopped`), { state: "stopped" })
      })
    ))

  it.effect("says what is wrong with a folder that is no run", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        yield* write(folder, { "empty/readme.txt": "", "broken/run.json": "{", "old/summary.json": "[]" })
        const refused = (name: string) =>
          Effect.map(Effect.flip(Run.read(`${folder}/${name}`)), ({ message }) => message)
        assert.strictEqual(
          yield* refused("empty"),
          `${folder}/empty: expected a run, with its run.json, found none`
        )
        assert.match(yield* refused("none"), /expected a run, with its run\.json, found none$/)
        assert.match(yield* refused("empty/readme.txt"), /expected a run, with its run\.json, found none$/)
        assert.match(yield* refused("broken"), /broken\/run\.json: expected a run, found what is no JSON$/)
        assert.match(yield* refused("old"), /old\/summary\.json: expected the summary of a run, found JSON that is no/)
      })
    ))

  it.effect("lists the newest first, with what is wrong, and leaves out what is no run", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        yield* write(folder, {
          "b/run.json": runOf({ created: "2026-03-01T00:00:00.000Z" }),
          "a/run.json": runOf({ created: "2026-01-01T00:00:00.000Z", updated: "2026-09-01T00:00:00.000Z" }),
          "c/run.json": runOf({ created: "2026-01-01T00:00:00.000Z" }),
          "alone/metrics.jsonl": "",
          "broken/run.json": "{\"format\":",
          "nothing/notes.txt": "",
          "file.txt": ""
        })
        const day = new Date("2026-02-01T00:00:00.000Z")
        yield* files.utimes(`${folder}/alone/metrics.jsonl`, day, day)
        const listed = yield* Run.list(folder)
        assert.deepStrictEqual(listed.map(({ name }) => name), ["b", "alone", "c", "a", "broken"])
        assert.deepStrictEqual(listed.map(({ run }) => run?.experiment), ["xor", undefined, "xor", "xor", undefined])
        assert.deepStrictEqual(listed.map(({ problem }) => problem?.message.replaceAll(folder, "runs")), [
          undefined,
          "runs/alone: expected a run, with its run.json, found metrics.jsonl alone",
          undefined,
          undefined,
          "runs/broken/run.json: expected a run, found what is no JSON"
        ])
        assert.strictEqual(listed[0]!.folder, `${folder}/b`)
        assert.match(
          (yield* Effect.flip(Run.list(`${folder}/file.txt`))).message,
          /file\.txt: expected a folder of runs/
        )
      })
    ))

  it.effect("says of a run that goes on when its process is gone", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const lock = (pid: number) =>
          JSON.stringify({ token: "of-a-test", pid, host: hostname(), since: "2026-01-02T03:04:05.678Z" })
        const gone = spawnSync(process.execPath, ["--version"]).pid
        yield* write(folder, {
          "killed/run.json": runOf({ state: "running" }),
          "killed/run.lock": lock(gone),
          "running/run.json": runOf({ state: "running" }),
          "running/run.lock": lock(process.ppid),
          "elsewhere/run.json": runOf({ state: "paused" }),
          "elsewhere/run.lock": lock(gone).replace(hostname(), "elsewhere"),
          "unsaid/run.json": runOf({ state: "paused" }),
          "ended/run.json": runOf({ state: "running" }),
          "stopped/run.json": runOf({ state: "stopped" }),
          "stopped/run.lock": lock(gone)
        })
        const killed = (listed: ReadonlyArray<Run.Listed>) =>
          listed.filter(({ killed }) => killed).map(({ name }) => name).sort()
        assert.deepStrictEqual(killed(yield* Run.list(folder)), ["ended", "killed", "unsaid"])
        // It says its end, and lets go of its lock, while it is looked at.
        const ending = withFiles((files) => ({
          readFileString: (path, options) =>
            Effect.andThen(
              path === `${folder}/ended/run.lock`
                ? files.writeFileString(`${folder}/ended/run.json`, runOf({ state: "tested" }))
                : Effect.void,
              files.readFileString(path, options)
            )
        }))
        const listed = yield* ending(Run.list(folder))
        assert.deepStrictEqual(killed(listed), ["killed", "unsaid"])
        assert.strictEqual(listed.find(({ name }) => name === "ended")?.run?.state, "tested")
      })
    ))

  it.effect("reads the lines of metrics by split, those of adversarial runs of old too, and no torn ones", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const deep = `{"step":1,"mine":${"[".repeat(100_000)}${"]".repeat(100_000)}}`
        const lines = [
          ...[
            "{\"split\":\"train\",\"step\":1,\"loss\":3}",
            "",
            "{\"step\":2,\"criticLoss\":1}",
            "{\"split\":\"judged\",\"step\":2}"
          ],
          ...[
            "null",
            "3",
            "[]",
            "{\"split\":\"train\"}",
            "{\"step\":1.5}",
            "{\"step\":\"3\"}",
            "{\"split\":3,\"step\":3}",
            deep
          ],
          ...["{\"split\":\"validation\",\"step\":2,\"loss\":5}", "{\"split\":\"train\",\"step\":3,\"lo"]
        ]
        yield* write(folder, { "metrics.jsonl": lines.join("\n") })
        const { train, ...others } = yield* Run.metrics(folder)
        assert.deepStrictEqual(train!.slice(0, 2), [
          { split: "train", step: 1, loss: 3 },
          { split: "train", step: 2, criticLoss: 1 }
        ])
        assert.deepStrictEqual(train!.map(({ step }) => step), [1, 2, 1])
        assert.deepStrictEqual(others, {
          judged: [{ split: "judged", step: 2 }],
          validation: [{ split: "validation", step: 2, loss: 5 }]
        })
        assert.deepStrictEqual(yield* Run.metrics(`${folder}/none`), {})
      })
    ))

  it.effect("reads on in metrics that grow, and anew in those that were cut", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem, path = `${folder}/metrics.jsonl`
        const line = (step: number, note = "é") => `${JSON.stringify({ split: "train", step, note })}\n`
        const from = (at: number) =>
          Effect.map(Run.metricsFrom(folder, at), ({ lines, ...part }) => ({
            ...part,
            steps: lines.map(({ step }) => step)
          }))
        const size = (text: string) => new TextEncoder().encode(text).length
        yield* files.writeFileString(path, line(1) + line(2) + "{\"split\":")
        const two = size(line(1) + line(2))
        assert.deepStrictEqual(yield* from(0), { steps: [1, 2], next: two, anew: false })
        assert.deepStrictEqual(yield* from(two), { steps: [], next: two, anew: false })
        yield* files.writeFileString(path, line(1) + line(2) + line(3))
        assert.deepStrictEqual(yield* from(two), { steps: [3], next: size(line(1)) * 3, anew: false })
        // It has become shorter, and then another file of the same length.
        yield* files.writeFileString(path, line(1))
        assert.deepStrictEqual(yield* from(two), { steps: [1], next: size(line(1)), anew: true })
        yield* files.writeFileString(path, line(1, "another one") + line(2, "which is longer"))
        assert.deepStrictEqual((yield* from(two)).anew, true)
        yield* files.writeFileString(path, "")
        assert.deepStrictEqual(yield* from(0), { steps: [], next: 0, anew: false })
        const many = Array.from({ length: 40_000 }, (_, i) => line(i + 1)).join("")
        yield* files.writeFileString(path, many)
        let next = 0
        const steps: Array<number> = []
        while (next < size(many)) {
          const part = yield* from(next)
          assert.isAtMost(part.next - next, 1 << 20)
          steps.push(...part.steps)
          next = part.next
        }
        assert.deepStrictEqual(steps, Array.from({ length: 40_000 }, (_, i) => i + 1))
        assert.match((yield* Effect.flip(Run.metricsFrom(`${folder}/none`, 0))).message, /found no such file$/)
      })
    ))
})
