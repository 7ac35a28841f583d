import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Checkpoint } from "effect-neuron"
import { readFileSync } from "node:fs"
import { kill, refuses, runHere } from "../../support/cli.ts"
import { fileOf, folderWith, sums } from "../../support/ownExperiments.ts"

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))

layer(NodeServices.layer, { excludeTestServices: true })("an experiment of one's own that is at fault", (it) => {
  it.effect("is said with the function of it that threw, and with its line", () =>
    Effect.gen(function*() {
      const nothing = "(undefined as any).size"
      // Each replaces a function of the experiment; what is expected stands behind it.
      const cases: ReadonlyArray<readonly [name: string, from: RegExp, to: string, expected: RegExp]> = [
        [
          "data1",
          /data: .*/,
          `data: () => ${nothing},`,
          /^data of data1: expected a data set, found TypeError: .*'size'\) \(/
        ],
        ["data2", /data: .*/, `data: () => Effect.die(new Error("no luck")),`, /^data of data2: .* found no luck \(/],
        [
          "data3",
          /data: .*/,
          `data: () => Effect.promise(async () => { throw "a word" }),`,
          /^data of data3: .* a word$/
        ],
        ["data4", /data: .*/, "data: () => ({}),", /^data of data4: expected a data set, found another object$/],
        [
          ...["data5", /data: .*/] as const,
          `data: () => { const all = Datasets.fromArrays(part(0, 50)); return Effect.map(all, (found) => ({
             ...found, train: Stream.map(found.train, () => ${nothing}) })) },`,
          /^data of data5: expected a data set, found TypeError: .*'size'\) \(/
        ],
        [
          "model",
          /model: [^]*?\n.*\n/,
          `model: () => ${nothing},\n`,
          /^model of model: expected a layer, found TypeError: /
        ],
        ["gone", /model: [^]*?\n.*\n/, "model: () => {},\n", /^model of gone: expected a layer, found undefined$/],
        [
          ...["range", /model: [^]*?\n.*\n/, "model: () => Layers.dense(0),\n"] as const,
          /^configuration of range: expected a valid one, found dense: .* got 0 \(in its model, /
        ],
        ["loss", /loss: .*/, `loss: () => ${nothing},`, /^loss of loss: expected a function of .*, found TypeError: /],
        [
          "metrics",
          /loss: /,
          `metrics: () => ${nothing},\n  loss: `,
          /^metrics of metrics: expected a list of metrics, /
        ],
        ["none", /loss: /, "metrics: () => [undefined],\n  loss: ", /^metrics of none: expected a list of metrics, /],
        ["optimizer", /loss: /, `optimizer: () => ${nothing},\n  loss: `, /^optimizer of optimizer: expected an opti/],
        ["show", /show: .*/, `show: () => ${nothing}`, /^show of show: expected how .*, found TypeError: /],
        // What throws on the way says it too.
        ["step", /loss: .*/, `loss: () => (y: any) => ${nothing},`, /^train step 1, .*: Cannot read .*'size'\) \(/]
      ]
      for (const [name, from, to, expected] of cases) {
        const path = yield* folderWith({ [`${name}.ts`]: fileOf(sums(name).replace(from, () => to)) })
        const { err, ok } = yield* runHere("train", `${path}/${name}.ts`, "--out", `${path}/run`)
        assert.isFalse(ok, name)
        assert.lengthOf(err, 1)
        assert.match(err[0]!, expected)
        assert.notMatch(err[0]!, /\n|node_modules|\/src\//)
        if (expected.source.endsWith("\\(")) assert.include(err[0]!, `(${path}/${name}.ts:`)
      }
    }))

  it.effect("is refused where what it shows does not fit the data", () =>
    Effect.gen(function*() {
      const show = `show: () => ({ input: { kind: "image", range: [0, 1] }, target: { kind: "row", names: ["sum"] } })`
      const path = yield* folderWith({ "looks.ts": fileOf(sums("looks").replace(/show: .*/, show)) })
      const expected =
        /^show of looks, input as image: expected images \[height, width, 1, 3 or 4\], found numbers \[2\]$/
      yield* refuses(expected, "train", `${path}/looks.ts`, "--out", `${path}/run`)
      yield* refuses(expected, "summary", `${path}/looks.ts`)
    }))

  it.effect("ends in one line where its file throws beside everything else", () =>
    Effect.gen(function*() {
      const later = `Promise.reject(new TypeError("unhandled"))\n`
      const steps = "let asked = 0\nconst late = () => { throw new TypeError(\"late\") }\n"
      // Once in the steps, where the run is saved; the second time, the first one is not over yet.
      const loss = (times: number) =>
        `loss: () => (...given) => {
           if (++asked === 100) for (let i = 0; i < ${times}; i++) setImmediate(late)
           return Losses.meanSquaredError(...given)
         },`
      const throwing = (name: string, times: number) => fileOf(steps, sums(name).replace(/loss: .*/, loss(times)))
      const path = yield* folderWith({
        "later.ts": fileOf(later, sums("later")),
        "once.ts": throwing("once", 1),
        "twice.ts": throwing("twice", 2)
      })
      const { code, output } = yield* kill("SIGTERM", /^never$/, "train", `${path}/later.ts`, "--out", `${path}/run`)
      assert.strictEqual(code, 1)
      assert.match(output, /^TypeError: unhandled \(\S+\/later\.ts:\d+:\d+\)\n$/)
      const ends = (name: string) =>
        kill("SIGTERM", /^never$/, "train", `${path}/${name}.ts`, "--epochs", "9999", "--out", `${path}/${name}`)
      const once = yield* ends("once"), said = json(`${path}/once/run.json`)
      assert.strictEqual(once.code, 1)
      assert.match(once.output, /^TypeError: late \(\S+\/once\.ts:\d+:\d+\)$/m)
      assert.match(once.output, new RegExp(`^failed after step ${said.step}; go on with: .* --resume `, "m"))
      assert.strictEqual(said.state, "failed")
      assert.match(said.reason, /^TypeError: late \(\S+\/once\.ts:\d+:\d+\)$/)
      const [{ step }] = (yield* Checkpoint.list(`${path}/once`)) as [Checkpoint.Saved]
      assert.deepStrictEqual([step, said.step > 0], [said.step, true])
      const twice = yield* ends("twice")
      assert.strictEqual(twice.code, 1)
      assert.notMatch(twice.output, /^failed after/m)
      assert.strictEqual(json(`${path}/twice/run.json`).state, "running")
    }))
})
