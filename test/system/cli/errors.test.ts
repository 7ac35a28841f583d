import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { ConfigProvider, Effect, FileSystem, Layer, PlatformError } from "effect"
import { Datasets, NdArray } from "effect-neuron"
import { HttpClient, HttpClientError } from "effect/http"
import { encode } from "fast-png"
import { gzipSync } from "node:zlib"
import { anyImages } from "../../../src/cli/anyImages.ts"
import { checkNewFolder } from "../../../src/cli/runFolder.ts"
import { refuses, runHere, writeSmallMnist } from "../../support/cli.ts"

layer(NodeServices.layer, { excludeTestServices: true })("bad input to the command line", (it) => {
  it.effect("unknown options and values that make no sense", () =>
    Effect.gen(function*() {
      yield* refuses(/^--batch-size: expected a whole number from 1 on, found 0 /, "train", "--batch-size", "0")
      yield* refuses(/^--epochs: expected a whole number from 1 on, found 1\.5 /, "train", "--epochs", "1.5")
      yield* refuses(
        /^--learning-rate: expected a number above 0, such as 0\.001, found -1 /,
        "train",
        "--learning-rate=-1"
      )
      yield* refuses(/^--seed: expected a whole number from 0 on, found x /, "train", "--seed", "x")
      yield* refuses(/^--model: expected "cnn" \| "mlp"[^,]*, found vgg /, "train", "--model", "vgg")
      yield* refuses(
        /cifar: expected an experiment, mnist, digits, generator, gpt, lstm, gru, rnn or a file/,
        "train",
        "cifar"
      )
      yield* refuses(/^--backend: expected "wasm" \| "cpu", found cuda /, "train", "--backend", "cuda")
      yield* refuses(/Unrecognized flag: --bogus/, "train", "--bogus")
    }))

  it.effect("data that are missing, cut short, corrupt or do not belong together", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem, path = yield* files.makeTempDirectoryScoped()
      const data = `${path}/data`, images = `${data}/train-images-idx3-ubyte.gz`
      const train = [
        "train",
        "mnist",
        "--data-dir",
        data,
        "--model",
        "mlp",
        "--validation",
        "0",
        "--out",
        `${path}/run`
      ]
      yield* files.makeDirectory(data)
      yield* refuses(/data: expected train-images-idx3-ubyte.*, found no such file/, ...train)
      yield* writeSmallMnist(data)
      const whole = yield* files.readFile(images)

      yield* files.writeFile(images, whole.subarray(0, whole.length - 3000))
      yield* refuses(/train-images-idx3-ubyte.gz: expected .*, found /, ...train)
      yield* files.remove(`${path}/run`, { recursive: true, force: true })
      const corrupt = Uint8Array.from(whole)
      corrupt.fill(0x55, 5000, 5200)
      yield* files.writeFile(images, corrupt)
      yield* refuses(/train-images-idx3-ubyte.gz: expected .*, found /, ...train)
      yield* files.remove(`${path}/run`, { recursive: true, force: true })
      yield* files.writeFile(images, gzipSync("this is no IDX file, whatever its name says"))
      yield* refuses(/train-images-idx3-ubyte.gz: expected .*IDX.*, found /, ...train)
      yield* files.writeFile(images, whole)
      yield* Datasets.writeIdx(`${data}/train-labels-idx1-ubyte`, NdArray.make(new Uint8Array(639), [639]))
      yield* refuses(/expected .*640.*, found .*639/, ...train)
      assert.isFalse(yield* files.exists(`${path}/run/run.json`))
    }))

  it.effect("runs that are missing, taken, foreign, or of another model", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem, path = yield* files.makeTempDirectoryScoped()
      yield* writeSmallMnist(`${path}/data`, 64, 20)
      const data = ["--data-dir", `${path}/data`], run = `${path}/run`
      assert.isTrue((yield* runHere("train", "mnist", ...data, "--model", "mlp", "--validation", "0", "--out", run)).ok)
      const checkpoint = yield* files.readFile(`${run}/model.safetensors`)

      yield* refuses(/model\.safetensors: cannot be read: no such file/, "evaluate", `${path}/none`)
      yield* refuses(
        /run: expected a new run's folder, found the model.safetensors/,
        "train",
        "mnist",
        ...data,
        "--out",
        run
      )
      yield* refuses(/the run's own model, mlp, got cnn/, "train", "--resume", run, "--model", "cnn")
      yield* refuses(/run is finished, 1 of 1 steps: give more --epochs/, "train", "--resume", run, ...data)
      yield* refuses(
        /model\.safetensors is finished, 1 of 1 steps: give more --epochs/,
        ...["train", "--resume", run, "--out", `${path}/other`, ...data]
      )
      yield* files.writeFileString(`${path}/in-the-way`, "")
      yield* refuses(
        /in-the-way.*: expected a folder to write to/,
        "train",
        "mnist",
        ...data,
        "--out",
        `${path}/in-the-way/run`
      )

      yield* files.writeFile(`${path}/cut.safetensors`, checkpoint.subarray(0, 5000))
      yield* refuses(/cut\.safetensors: expected .*, found /, "evaluate", `${path}/cut.safetensors`)
      const text = new TextDecoder("latin1").decode(checkpoint)
      const other = Uint8Array.from(text.replace("\\\"model\\\":\\\"mlp\\\"", "\\\"model\\\":\\\"cnn\\\""), (c) =>
        c.charCodeAt(0))
      yield* files.writeFile(`${path}/other.safetensors`, other)
      yield* refuses(
        /params\.conv1\.kernel expects float32 .*the file has none/,
        "evaluate",
        `${path}/other.safetensors`
      )
      yield* files.writeFile(`${path}/foreign.safetensors`, Uint8Array.from([2, 0, 0, 0, 0, 0, 0, 0, 123, 125]))
      yield* refuses(/expected the checkpoint of a run, found another file/, "evaluate", `${path}/foreign.safetensors`)
      assert.deepStrictEqual(yield* files.readFile(`${run}/model.safetensors`), checkpoint)

      yield* refuses(
        /none\.png: expected a PNG or JPEG of 28 x 28, found no such file/,
        "predict",
        run,
        `${path}/none.png`
      )
      yield* files.writeFileString(`${path}/text.png`, "no picture")
      yield* refuses(/text\.png: expected a PNG or JPEG of 28 x 28, found neither/, "predict", run, `${path}/text.png`)
      const wide = encode({ width: 30, height: 28, data: new Uint8Array(840), channels: 1 })
      yield* files.writeFile(`${path}/wide.png`, wide)
      yield* refuses(/wide\.png: expected a PNG or JPEG of 28 x 28, found 30 x 28/, "predict", run, `${path}/wide.png`)
    }))

  it.effect("a loss that is not finite names step and learning rate, and the last good checkpoint stays", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem, path = yield* files.makeTempDirectoryScoped()
      yield* writeSmallMnist(`${path}/data`)
      const args = [
        "mnist",
        "--data-dir",
        `${path}/data`,
        "--model",
        "mlp",
        "--validation",
        "0",
        "--out",
        `${path}/run`
      ]
      yield* refuses(
        /loss is \S+ at step \d+ with learning rate 1e\+38/,
        "train",
        ...args,
        "--learning-rate",
        "1e38",
        "--checkpoint-every",
        "1"
      )
      const run = JSON.parse(yield* files.readFileString(`${path}/run/run.json`))
      assert.strictEqual(run.state, "failed")
      assert.match(run.reason, /^loss is /)
      const report = yield* files.readFileString(`${path}/run/report.html`)
      assert.include(report, `Failed after ${run.step} of 10 steps: ${run.reason}`)
      const logged = (yield* files.readFileString(`${path}/run/metrics.jsonl`)).trimEnd().split("\n")
      assert.strictEqual(JSON.parse(logged.at(-1)!).step, run.step)
      const evaluated = yield* runHere("evaluate", `${path}/run`, "--data-dir", `${path}/data`)
      assert.isTrue(evaluated.ok)
    }))

  it.effect("shows a stack trace only with --verbose", () =>
    Effect.gen(function*() {
      const verbose = yield* runHere("evaluate", "none", "--verbose")
      assert.match(verbose.err.join("\n"), /CheckpointError[^]*\n +at /)
    }))

  it.effect("a folder without rights is said in one line", () =>
    Effect.gen(function*() {
      const denied = PlatformError.systemError({
        _tag: "PermissionDenied",
        module: "FileSystem",
        method: "exists"
      })
      const locked = FileSystem.makeNoop({ exists: () => Effect.fail(denied) })
      const error = yield* Effect.flip(checkNewFolder("runs/x")).pipe(
        Effect.provideService(FileSystem.FileSystem, locked)
      )
      assert.strictEqual(error.message, "runs/x: expected a folder to write to, found no permission")
    }))

  it.effect("without MNIST and without a network, one line says so and digits take its place", () =>
    Effect.gen(function*() {
      const path = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      const unreachable = HttpClient.make((request) =>
        Effect.fail(
          new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request }) })
        )
      )
      const said: Array<string> = []
      const name = yield* anyImages((line) => Effect.sync(() => said.push(line))).pipe(
        Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({ XDG_CACHE_HOME: path }))),
        Effect.provide(Layer.succeed(HttpClient.HttpClient, unreachable))
      )
      assert.strictEqual(name, "digits")
      assert.strictEqual(said.length, 1)
      assert.match(said[0]!, /^MNIST is not on this machine and cannot be fetched/)
    }))
})
