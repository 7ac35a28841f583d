import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { Safetensors } from "effect-neuron"
import { readdirSync, readFileSync } from "node:fs"
import { runHere, writeSmallMnist } from "../../support/cli.ts"
import { readEvents, tagged } from "../../support/events.ts"

const measures = {
  critic_loss: "criticLoss",
  generator_loss: "generatorLoss",
  gradient_penalty: "gradientPenalty",
  real_score: "realScore",
  fake_score: "fakeScore",
  critic_gradient_norm: "criticGradientNorm",
  generator_gradient_norm: "generatorGradientNorm"
}
const judged = {
  frechet_distance: "frechetDistance",
  frechet_floor: "frechetFloor",
  present: "present",
  entropy: "entropy",
  confidence: "confidence",
  as_asked: "asAsked"
}

layer(NodeServices.layer, { excludeTestServices: true })("effect-neuron gan train --tensorboard", (it) => {
  const setup = Effect.gen(function*() {
    const path = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
    yield* writeSmallMnist(`${path}/data`, 160, 20)
    const events = (board: string) =>
      readdirSync(`${path}/${board}`).sort().map((name) => readEvents(readFileSync(`${path}/${board}/${name}`)))
    const run = (...args: ReadonlyArray<string>) =>
      Effect.map(runHere(...args, "--data-dir", `${path}/data`), ({ err, ok }) => assert.isTrue(ok, err.join()))
    const train = (...args: ReadonlyArray<string>) => run("gan", "train", ...args)
    const mlp = ["--dataset", "mnist", "--model", "mlp", "--batch-size", "16", "--latent", "8"]
    const linesOf = (folder: string): ReadonlyArray<Record<string, number | string>> =>
      readFileSync(`${path}/${folder}/metrics.jsonl`, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line))
    return { path, events, run, train, mlp, linesOf }
  })
  const steps = (values: ReturnType<typeof tagged>) => values.map(([step]) => step)

  it.effect("shows every tenth step, both networks, the pictures and the judgments, and goes on in a new file", () =>
    Effect.gen(function*() {
      const { events, linesOf, mlp, path, run, train } = yield* setup, board = ["--tensorboard", `${path}/board`]
      yield* run("train", "mnist", "--model", "mlp", "--out", `${path}/classifier`)
      const judging = ["--classifier", `${path}/classifier`, "--sample-every", "6", ...board]
      yield* train(
        ...[...mlp, "--loss", "wgan-gp", "--conditional", "--critic-steps", "1", "--steps", "24"],
        ...["--out", `${path}/run`, "--checkpoint-every", "10", ...judging]
      )
      const [first] = events("board"), lines = linesOf("run")
      assert.deepStrictEqual(first![0], { step: 0, version: "brain.Event:2", start: false, values: [] })
      const logged = lines.filter(({ split }) => split === "train")
      for (const [tag, name] of Object.entries(measures)) {
        assert.deepStrictEqual(
          tagged(first!, `train/${tag}`).map(([step, { simple }]) => [step, simple]),
          [10, 20].map((step) => [step, Math.fround(logged[step - 1]![name] as number)]),
          tag
        )
      }
      const judgments = lines.filter(({ split }) => split === "judged")
      for (const [tag, name] of Object.entries(judged)) {
        assert.deepStrictEqual(
          tagged(first!, `judged/${tag}`).map(([step, { simple }]) => [step, simple]),
          judgments.map((line) => [line["step"] as number, Math.fround(line[name] as number)]),
          tag
        )
      }
      const { tensors } = yield* Effect.fromResult(
        Safetensors.decode(readFileSync(`${path}/run/model.safetensors`), "run")
      )
      const leaves = Object.keys(tensors).flatMap((name) => {
        const [, network, leaf] = /^(generator|critic)\.params\.(.*)$/.exec(name) ?? []
        return network === undefined ? [] : [`weights/${network}.${leaf}`]
      })
      const histograms = first!.filter(({ values }) => values.some(({ kind }) => kind === "histogram"))
      assert.deepStrictEqual(histograms.map(({ step }) => step), [0, 10, 20, 24])
      for (const { values } of histograms) assert.deepStrictEqual(values.map(({ tag }) => tag).sort(), leaves.sort())
      const pictures = (file: typeof first) => tagged(file!, "samples").map(([step, { png }]) => [step, png])
      const files = readdirSync(`${path}/run/samples`).sort()
      assert.deepStrictEqual(
        pictures(first),
        [0, 6, 12, 18, 24].map((step, i) => [step, readFileSync(`${path}/run/samples/${files[i]}`)])
      )

      // The picture of step 24 and its judgment are there already.
      yield* train("--resume", `${path}/run`, "--steps", "30", ...judging)
      const [before, after] = events("board")
      assert.deepStrictEqual(before, first)
      assert.deepStrictEqual(after!.slice(0, 2).map(({ start, step }) => [step, start]), [[0, false], [25, true]])
      for (
        const tag of ["train/critic_loss", "judged/present", "samples", "weights/generator.network.hidden1.kernel"]
      ) {
        assert.deepStrictEqual(steps(tagged(after!, tag)), [30], tag)
      }
    }))

  it.effect("leaves out what there is not: judgments, the share as asked", () =>
    Effect.gen(function*() {
      const { events, mlp, path, train } = yield* setup
      const args = [...mlp, "--steps", "10", "--sample-every", "100"]
      yield* train(...args, "--out", `${path}/plain`)
      yield* train(...args, "--out", `${path}/shown`, "--tensorboard", `${path}/board`)
      const [shown] = events("board"), tags = new Set(shown!.flatMap(({ values }) => values.map(({ tag }) => tag)))
      const expected = ["validation/sliced_wasserstein", ...Object.keys(measures).map((tag) => `train/${tag}`)]
      assert.deepStrictEqual(
        [...tags].filter((tag) => !tag.startsWith("weights/")).sort(),
        ["samples", ...expected].sort()
      )
      assert.deepStrictEqual(steps(tagged(shown!, "samples")), [0, 10])
      // Nothing of the training depends on who looks at it.
      const weights = (run: string) => readFileSync(`${path}/${run}/model.safetensors`)
      assert.deepStrictEqual(weights("shown"), weights("plain"))
    }))
})
