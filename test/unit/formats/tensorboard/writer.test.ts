import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Exit, FileSystem, Layer, PlatformError, Scope } from "effect"
import { Backend, Errors, Images, NdArray, TensorBoard } from "effect-neuron"
import { TestClock } from "effect/testing"
import {
  histogramValue,
  imageValue,
  scalarValue,
  startEvent,
  summaryEvent,
  versionEvent
} from "../../../../src/formats/tensorboard/event.ts"
import { histogramOf } from "../../../../src/formats/tensorboard/histogram.ts"
import { tfRecord } from "../../../../src/formats/tensorboard/tfRecord.ts"

const records = (...events: ReadonlyArray<Uint8Array>) => new Uint8Array(Buffer.concat(events.map(tfRecord)))

layer(Layer.merge(NodeServices.layer, Backend.layerCpu))("TensorBoard.writer", (it) => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
  const read = (path: string) =>
    Effect.flatMap(
      FileSystem.FileSystem,
      (files) => Effect.map(files.readFile(path), (bytes) => Uint8Array.from(bytes))
    )

  it.effect("writes events with the time of the clock into a file named by it", () =>
    Effect.gen(function*() {
      const path = `${yield* folder}/a/b`
      yield* TestClock.setTime(1_700_000_000_250)
      const board = yield* TensorBoard.writer(path, { hostname: "here", purgeStep: 3 })
      assert.strictEqual(board.file, `${path}/events.out.tfevents.1700000000.here`)
      const head = [versionEvent(1_700_000_000.25), startEvent(1_700_000_000.25, 3)]
      assert.deepStrictEqual(yield* read(board.file), records(...head))

      yield* TestClock.adjust("1 second")
      yield* board.scalars(3, { "train/loss": 0.5, "train/accuracy": NaN })
      const kernel = tf.tensor2d([[1, -2], [3, 0.25]]), bias = tf.zeros([2])
      yield* board.histograms(4, { conv1: { kernel }, head: [bias], step: 7 })
      yield* board.histograms(4, { bias }, { prefix: "gradients" })
      const pixels = NdArray.make(Uint8Array.of(0, 255, 128), [1, 1, 3])
      yield* board.image(5, "samples", pixels)
      yield* board.flush
      const at = 1_700_000_001.25
      assert.deepStrictEqual(
        yield* read(board.file),
        records(
          ...head,
          summaryEvent(at, 3, [scalarValue("train/loss", 0.5), scalarValue("train/accuracy", NaN)]),
          summaryEvent(at, 4, [
            histogramValue("weights/conv1.kernel", histogramOf([1, -2, 3, 0.25])),
            histogramValue("weights/head.0", histogramOf([0, 0]))
          ]),
          summaryEvent(at, 4, [histogramValue("gradients/bias", histogramOf([0, 0]))]),
          summaryEvent(at, 5, [
            imageValue("samples", { height: 1, width: 1, channels: 3, png: Images.encodePng(pixels) })
          ])
        )
      )
      tf.dispose([kernel, bias])
    }))

  it.effect("keeps records for flushSeconds, and until the scope closes at the latest", () =>
    Effect.gen(function*() {
      const path = yield* folder, scope = yield* Scope.make()
      const board = yield* Scope.provide(TensorBoard.writer(path, { flushSeconds: 10 }), scope)
      const size = Effect.map(read(board.file), ({ length }) => length)
      const empty = yield* size
      yield* board.scalars(1, { loss: 1 })
      assert.strictEqual(yield* size, empty)
      yield* TestClock.adjust("10 seconds")
      yield* board.scalars(2, { loss: 1 })
      const two = yield* size
      assert.isAbove(two, empty)
      yield* board.scalars(3, { loss: 1 })
      assert.strictEqual(yield* size, two)
      yield* Scope.close(scope, Exit.void)
      assert.isAbove(yield* size, two)
    }))

  it.effect("gives every writer a file of its own, within one second too", () =>
    Effect.gen(function*() {
      const path = yield* folder
      yield* TestClock.setTime(0)
      const files = yield* Effect.forEach([1, 2, 3], () => TensorBoard.writer(path, { flushSeconds: 0 }))
      const stem = `${path}/events.out.tfevents.0000000000.localhost`
      assert.deepStrictEqual(files.map(({ file }) => file), [stem, `${stem}.1`, `${stem}.2`])
      yield* Effect.forEach(
        files,
        ({ file, scalars }, i) =>
          Effect.forEach(Array.from({ length: 20 }), (_, step) => scalars(step, { [file]: i }), {
            concurrency: "unbounded"
          }),
        { concurrency: "unbounded" }
      )
      const steps = Array.from({ length: 20 }, (_, step) => summaryEvent(0, step, [scalarValue(`${stem}.1`, 1)]))
      assert.deepStrictEqual(yield* read(`${stem}.1`), records(versionEvent(0), ...steps))
    }))

  it.effect("fails for values that are not finite, and leaves no tensor", () =>
    Effect.gen(function*() {
      const board = yield* TensorBoard.writer(yield* folder), bad = tf.tensor1d([1, Infinity])
      const before = tf.memory().numTensors
      const error = yield* Effect.flip(board.histograms(1, { bad }))
      assert.strictEqual(error.message, "weights/bad: expected finite values, found others")
      assert.strictEqual(tf.memory().numTensors, before)
      bad.dispose()
    }))

  it.effect("cuts off what a write that failed has left, so that whole records remain", () =>
    Effect.gen(function*() {
      const real = yield* FileSystem.FileSystem
      let full = false
      yield* TestClock.setTime(0)
      const failing = FileSystem.FileSystem.of({
        ...real,
        open: (path, options) =>
          Effect.map(real.open(path, options), (file) =>
            new Proxy(file, {
              get: (target, name) => {
                if (name !== "writeAll" || !full) {
                  const value = Reflect.get(target, name)
                  return typeof value === "function" ? value.bind(target) : value
                }
                return (bytes: Uint8Array) =>
                  Effect.andThen(
                    target.writeAll(bytes.subarray(0, 9)),
                    Effect.fail(
                      PlatformError.systemError({
                        _tag: "Unknown",
                        module: "FileSystem",
                        method: "writeAll",
                        description: "no space left"
                      })
                    )
                  )
              }
            }))
      })
      const board = yield* TensorBoard.writer(yield* folder, { flushSeconds: 0 }).pipe(
        Effect.provideService(FileSystem.FileSystem, failing)
      )
      yield* board.scalars(1, { loss: 1 })
      const whole = yield* read(board.file)
      full = true
      const error = yield* Effect.flip(board.scalars(2, { loss: 1 }))
      assert.instanceOf(error, Errors.DataError)
      assert.strictEqual(error.source, board.file)
      assert.deepStrictEqual(yield* read(board.file), whole)
      full = false
      yield* board.scalars(3, { loss: 1 })
      assert.deepStrictEqual(
        yield* read(board.file),
        new Uint8Array(Buffer.concat([whole, records(summaryEvent(0, 3, [scalarValue("loss", 1)]))]))
      )
    }))

  it.effect("says where it cannot write", () =>
    Effect.gen(function*() {
      const path = yield* folder
      yield* (yield* FileSystem.FileSystem).writeFileString(`${path}/file`, "")
      const error = yield* Effect.flip(TensorBoard.writer(`${path}/file/board`))
      assert.instanceOf(error, Errors.DataError)
      assert.match(error.message, /file\/board: expected a folder to write to, found /)
    }))

  it("refuses steps that are none", () => {
    assert.throws(() => TensorBoard.writer("x", { purgeStep: -1 }), "a step is a whole number from 0 up, got -1")
    assert.throws(() => TensorBoard.writer("x", { flushSeconds: NaN }), "flushSeconds is a number from 0 up, got NaN")
  })

  it.effect("has a defect for a step that is none", () =>
    Effect.gen(function*() {
      const board = yield* TensorBoard.writer(yield* folder)
      const exit = yield* Effect.exit(board.scalars(1.5, { loss: 1 }))
      assert.match(String(Exit.isFailure(exit) && exit.cause), /a step is a whole number from 0 up, got 1\.5/)
    }))
})
