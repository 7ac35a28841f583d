import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { Safetensors } from "effect-neuron"
import { decode, encode } from "fast-png"
import { readdirSync, readFileSync } from "node:fs"
import { copyAt, interruptAt, kill, refuses, runHere, writeSmallMnist } from "../../support/cli.ts"

const folder = Effect.gen(function*() {
  const path = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  yield* writeSmallMnist(`${path}/data`, 160, 20)
  return path
})

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))
const lines = (path: string): ReadonlyArray<Record<string, unknown>> =>
  readFileSync(path, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line))
const picture = (path: string) => decode(readFileSync(path))
const mnist = (path: string) => ["--dataset", "mnist", "--data-dir", `${path}/data`]

/** The image in a row and a column of a grid of images of 28 x 28, 2 apart. */
const imageAt = (path: string, row: number, column: number): ReadonlyArray<number> => {
  const { data, width } = picture(path)
  return Array.from({ length: 28 * 28 }, (_, i) => {
    const y = 2 + row * 30 + Math.floor(i / 28), x = 2 + column * 30 + i % 28
    return data[y * width + x]!
  })
}

layer(NodeServices.layer, { excludeTestServices: true })("effect-neuron gan", (it) => {
  it.effect("trains, draws as it goes, and leaves a run folder that gan sample reads", () =>
    Effect.gen(function*() {
      const path = yield* folder, run = `${path}/run`
      const trained = yield* runHere(
        ...["gan", "train", ...mnist(path), "--model", "mlp", "--loss", "wgan-gp", "--conditional", "--out", run],
        ...["--steps", "12", "--critic-steps", "2", "--batch-size", "32", "--latent", "8", "--sample-every", "5"]
      )
      assert.deepStrictEqual(trained.err, [])
      assert.isTrue(trained.ok)
      assert.deepStrictEqual(readdirSync(run).sort(), [
        ...["best.safetensors", "metrics.jsonl", "model.safetensors", "report.html", "run.json", "samples"]
      ])
      const samples = ["step-000000.png", "step-000005.png", "step-000010.png", "step-000012.png"]
      assert.deepStrictEqual(readdirSync(`${run}/samples`).sort(), samples)
      for (const name of samples) {
        assert.deepInclude(picture(`${run}/samples/${name}`), { width: 302, height: 242, channels: 1 })
      }
      assert.notDeepEqual(picture(`${run}/samples/${samples[0]}`), picture(`${run}/samples/${samples[3]}`))

      const recorded = json(`${run}/run.json`)
      assert.deepInclude(recorded, {
        kind: "adversarial",
        experiment: "generator",
        state: "finished",
        step: 12,
        steps: 12
      })
      assert.deepInclude(recorded.config, {
        ...{ dataset: "mnist", model: "mlp", loss: "wgan-gp", conditional: true, latent: 8, steps: 12 },
        ...{ batchSize: 32, criticSteps: 2, seed: 42 }
      })
      const all = lines(`${run}/metrics.jsonl`), metrics = all.filter(({ split }) => split === "train")
      // Of a hundred and sixty examples five batches of thirty-two are an epoch, and two of them a step.
      const validated = all.filter(({ split }) => split === "validation")
      assert.deepStrictEqual(validated.map(({ step }) => step), [3, 5, 8, 10])
      assert.isTrue(validated.every(({ slicedWasserstein }) => Number(slicedWasserstein) > 0))
      assert.deepStrictEqual(metrics.map(({ step }) => step), Array.from({ length: 12 }, (_, i) => i + 1))
      for (const line of metrics) {
        assert.hasAllKeys(line, [
          ...["split", "step", "epoch", "endOfEpoch", "size", "time", "criticLoss", "generatorLoss"],
          ...["gradientPenalty", "realScore", "fakeScore", "criticGradientNorm", "generatorGradientNorm"]
        ])
        // The critic is updated twice, with a batch each; its loss is what the scores and the penalty say.
        assert.strictEqual(line["size"], 64)
        const { criticLoss, fakeScore, gradientPenalty, realScore } = line as Record<string, number>
        assert.approximately(criticLoss!, fakeScore! - realScore! + 10 * gradientPenalty!, 1e-4)
      }
      const { metadata, tensors } = yield* Effect.fromResult(
        Safetensors.decode(readFileSync(`${run}/model.safetensors`), "run")
      )
      assert.match(metadata["critic.model"]!, /leakyRelu/)
      for (const part of ["generator.params.", "generator.opt.", "critic.params.", "critic.opt.", "average."]) {
        assert.isTrue(Object.keys(tensors).some((name) => name.startsWith(part)), part)
      }

      const sample = (name: string, ...more: ReadonlyArray<string>) =>
        Effect.map(
          runHere("gan", "sample", run, "--json", "--out", `${path}/${name}.png`, ...more),
          ({ err, out }) => [...err, ...out.map((line) => JSON.parse(line))]
        )
      assert.deepStrictEqual(yield* sample("seven", "--count", "20", "--seed", "7"), [
        {
          ...{ run, checkpoint: `${run}/model.safetensors`, out: `${path}/seven.png` },
          ...{ count: 20, columns: 10, seed: 7, interpolate: false }
        }
      ])
      assert.deepInclude(picture(`${path}/seven.png`), { width: 302, height: 62 })
      yield* sample("again", "--count", "20", "--seed", "7")
      assert.deepStrictEqual(picture(`${path}/again.png`), picture(`${path}/seven.png`))
      yield* sample("eight", "--count", "20", "--seed", "8")
      assert.notDeepEqual(picture(`${path}/eight.png`), picture(`${path}/seven.png`))

      // Noise goes by the number of the image, classes by its column: only the third of them is a 2 in both.
      assert.deepInclude((yield* sample("twos", "--count", "9", "--seed", "7", "--label", "2"))[0], {
        ...{ count: 9, columns: 3, label: 2 }
      })
      assert.deepStrictEqual(imageAt(`${path}/twos.png`, 0, 2), imageAt(`${path}/seven.png`, 0, 2))
      assert.notDeepEqual(imageAt(`${path}/twos.png`, 0, 1), imageAt(`${path}/seven.png`, 0, 1))

      assert.deepInclude((yield* sample("way", "--interpolate", "--count", "12", "--seed", "7", "--label", "1"))[0], {
        ...{ count: 12, columns: 4, interpolate: true }
      })
      // Its ends are the images of the noise that independent ones are made of.
      yield* sample("ones", "--count", "9", "--seed", "7", "--label", "1")
      assert.deepStrictEqual(imageAt(`${path}/way.png`, 0, 0), imageAt(`${path}/ones.png`, 0, 0))
      assert.deepStrictEqual(imageAt(`${path}/way.png`, 0, 3), imageAt(`${path}/ones.png`, 0, 1))
      assert.deepStrictEqual(imageAt(`${path}/way.png`, 1, 0), imageAt(`${path}/ones.png`, 0, 2))

      const said = yield* runHere("gan", "sample", run, "--count", "4")
      assert.deepStrictEqual(said.out, [
        `${run}/samples/seed-42.png: 4 images in 1 rows, seed 42, of ${run}/model.safetensors`
      ])
    }))

  it.effect("trains by every loss, and prints JSON lines for programs", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const runs = [["wgan-gp", "cnn"], ["least-squares", "mlp"], ["hinge", "mlp"], ["wgan", "mlp"]] as const
      for (const [loss, model] of runs) {
        const trained = yield* runHere(
          ...["gan", "train", ...mnist(path), "--model", model, "--loss", loss, "--out", `${path}/${loss}`, "--json"],
          ...["--steps", "5", "--critic-steps", "1", "--batch-size", "40"]
        )
        assert.isTrue(trained.ok, trained.err.join())
        const printed = trained.out.map((line) => JSON.parse(line))
        const steps = printed.filter(({ split }) => split === "train")
        assert.deepStrictEqual(steps.map(({ epoch, step }) => [epoch, step]), [[0, 4], [1, 5]])
        assert.isAbove(printed[0].examplesPerSecond, 0)
        assert.includeMembers(Object.keys(printed.at(-1)), ["step", "folder", "train", "seconds"])
      }
    }))

  it.effect("interrupted, or killed, it goes on to the files of a run that was never stopped", () =>
    Effect.gen(function*() {
      const path = yield* folder, files = yield* FileSystem.FileSystem
      // 13 batches in an epoch and a remainder; a step of two of them may begin in one epoch and end in the next.
      const args = (out: string) => [
        ...["gan", "train", ...mnist(path), "--out", `${path}/${out}`, "--steps", "20", "--sample-every", "10"],
        ...["--batch-size", "12", "--critic-steps", "2", "--model", "cnn", "--checkpoint-every", "7", "--latent", "8"]
      ]
      const ran = yield* copyAt(/step 16\/20/, [`${path}/straight`, `${path}/killed`], ...args("straight"))
      assert.isTrue(ran.ok, ran.err.join())
      const straight = yield* files.readFile(`${path}/straight/model.safetensors`)

      const said = yield* interruptAt(/step 4\/20/, ...args("stopped"))
      assert.match(said.at(-1)!, /^stopped after step (\d+); go on with: /)
      assert.strictEqual(json(`${path}/stopped/run.json`).state, "stopped")
      assert.match(readFileSync(`${path}/stopped/report.html`, "utf8"), /Stopped after \d+ of 20 steps/)

      const metrics = (run: string) =>
        lines(`${path}/${run}/metrics.jsonl`).map((line) => Object.assign(line, { time: 0 }))
      for (const run of ["stopped", "killed"]) {
        const resumed = yield* runHere(
          ...["gan", "train", "--resume", `${path}/${run}`, "--data-dir", `${path}/data`, "--sample-every", "10"]
        )
        assert.deepStrictEqual(resumed.err, [])
        assert.deepStrictEqual(yield* files.readFile(`${path}/${run}/model.safetensors`), straight)
        assert.deepStrictEqual(metrics(run), metrics("straight"))
        assert.deepStrictEqual(readdirSync(`${path}/${run}`).sort(), readdirSync(`${path}/straight`).sort())
        for (const name of readdirSync(`${path}/straight/samples`)) {
          assert.deepStrictEqual(
            yield* files.readFile(`${path}/${run}/samples/${name}`),
            yield* files.readFile(`${path}/straight/samples/${name}`)
          )
        }
      }
    }))

  it.effect("saves when a process of its own is asked to end, and exits with 130", () =>
    Effect.gen(function*() {
      const path = yield* folder, run = `${path}/run`
      const { code, output } = yield* kill(
        "SIGTERM",
        /step \d+\//,
        ...["gan", "train", ...mnist(path), "--model", "mlp", "--batch-size", "12", "--steps", "100000", "--out", run]
      )
      assert.strictEqual(code, 130, output)
      const [, step] = /stopped after step (\d+); go on with: /.exec(output)!
      assert.deepInclude(json(`${run}/run.json`), { state: "stopped", step: Number(step) })
    }))

  it.effect("says in one line what is wrong", () =>
    Effect.gen(function*() {
      const path = yield* folder, files = yield* FileSystem.FileSystem
      const train = (...more: ReadonlyArray<string>) => ["gan", "train", ...mnist(path), "--model", "mlp", ...more]
      yield* refuses(/^--loss: expected "wgan-gp" \| "non-saturating".*, found vae /, ...train("--loss", "vae"))
      yield* refuses(/^--steps: expected a whole number from 1 on, found 0 /, ...train("--steps", "0"))
      yield* refuses(
        /^--critic-learning-rate: expected a number above 0, such as 0\.001, found -1 /,
        ...train("--critic-learning-rate=-1")
      )
      yield* refuses(/^--average: expected a number from 0 and below 1, found 1 /, ...train("--average", "1"))
      yield* refuses(/batchSize: at most the 160 examples that there are, got 161/, ...train("--batch-size", "161"))
      yield* files.writeFileString(`${path}/in-the-way`, "")
      yield* refuses(/in-the-way.*: expected a folder to write to/, ...train("--out", `${path}/in-the-way/run`))

      const run = `${path}/run`, supervised = `${path}/supervised`, data = ["--data-dir", `${path}/data`]
      assert.isTrue((yield* runHere(...train("--steps", "1", "--out", run))).ok)
      assert.isTrue((yield* runHere("train", "mnist", ...data, "--model", "mlp", "--out", supervised)).ok)
      yield* refuses(/run: expected a new run's folder, found the model.safetensors/, ...train("--out", run))
      yield* refuses(
        /run is finished, 1 of 1 steps: give more --steps/,
        "gan",
        "train",
        "--resume",
        run,
        ...mnist(path)
      )
      yield* refuses(
        /the run's own loss, non-saturating, got hinge/,
        "gan",
        "train",
        "--resume",
        run,
        "--loss",
        "hinge"
      )
      yield* refuses(/own conditional, false, got true/, "gan", "train", "--resume", run, "--conditional")

      yield* refuses(/expected test examples of generator, found none/, "evaluate", run, ...data)
      yield* refuses(/run is finished, 1 of 1 steps: give more --steps/, "train", "--resume", run, ...data)
      const digit = `${path}/digit.png`
      yield* files.writeFile(digit, encode({ width: 28, height: 28, data: new Uint8Array(784), channels: 1 }))
      yield* refuses(/generator predicts nothing/, "predict", run, digit, ...data)
      const isNoGan = /expected a run of the generator, found one of mnist/
      yield* refuses(isNoGan, "gan", "sample", supervised, ...data)
      yield* refuses(/expected mnist, got generator/, "gan", "train", "--resume", supervised)

      const judge = (...more: ReadonlyArray<string>) => ["gan", "evaluate", run, "--data-dir", `${path}/data`, ...more]
      yield* refuses(/Missing required flag.*--classifier/, ...judge())
      const isGan = /--classifier .*run: expected one that was trained on mnist, found one of generator/
      yield* refuses(isGan, ...judge("--classifier", run))
      yield* refuses(isNoGan, "gan", "evaluate", supervised, "--classifier", supervised, ...data)
      yield* refuses(/none\/model\.safetensors: cannot be read/, ...judge("--classifier", `${path}/none`))
      yield* refuses(
        /^--count: expected a whole number from 2 to 10,000, found 1 /,
        ...judge("--classifier", supervised, "--count", "1")
      )
      const digits = `${path}/digits`, narrow = `${path}/narrow.safetensors`
      const { metadata, tensors } = yield* Effect.fromResult(
        Safetensors.decode(yield* files.readFile(`${supervised}/model.safetensors`), "supervised")
      )
      const ofDigits = { ...metadata, experiment: metadata["experiment"]!.replace("mnist", "digits") }
      yield* files.makeDirectory(digits)
      yield* files.writeFile(`${digits}/model.safetensors`, Safetensors.encode(tensors, { metadata: ofDigits }))
      yield* refuses(
        /--classifier .*digits: expected one that was trained on mnist, found one of digits/,
        ...judge("--classifier", digits)
      )
      const kernel = { ...tensors["params.hidden.kernel"]!, shape: [392, 256] }
      yield* files.writeFile(narrow, Safetensors.encode({ ...tensors, "params.hidden.kernel": kernel }, { metadata }))
      yield* refuses(
        /params\.hidden\.kernel expects float32 \[784, 128\], got float32 \[392, 256\]/,
        ...judge("--classifier", narrow)
      )
      yield* refuses(isGan, ...train("--classifier", run, "--out", `${path}/judged`))
      assert.isFalse(yield* files.exists(`${path}/judged`))

      yield* refuses(/none\/model\.safetensors: cannot be read: no such file/, "gan", "sample", `${path}/none`)
      yield* refuses(
        /^--count: expected a whole number from 1 to 1,000, found 1001 /,
        "gan",
        "sample",
        run,
        "--count",
        "1001"
      )
      yield* refuses(/^--label: expected a whole number from 0 to 9, found 10 /, "gan", "sample", run, "--label", "10")
      yield* refuses(/--label 3: .*knows no classes.*without --conditional/, "gan", "sample", run, "--label", "3")
      yield* refuses(
        /in-the-way\/x\.png: expected a file to write/,
        "gan",
        "sample",
        run,
        "--out",
        `${path}/in-the-way/x.png`
      )
    }))
})
