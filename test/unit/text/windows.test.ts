import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, FileSystem, Stream } from "effect"
import {
  Backend,
  Key,
  Layers,
  Losses,
  Metrics,
  NdArray,
  Optimizers,
  Pipeline,
  Safetensors,
  Text,
  Train
} from "effect-neuron"
import { order } from "../../../src/text/order.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { inPieces, randomTexts } from "../../support/texts.ts"

const ascending = (n: number) => Array.from({ length: n }, (_, i) => i)
const tokensOf = (n: number) => Text.fromArray(Int32Array.from(ascending(n)))
const firsts = (windows: ReadonlyArray<Text.Window>) => windows.map(({ x }) => x.data[0]!)
const epochOf = <A, E>(stream: Stream.Stream<A, E>, epoch: number) =>
  Stream.runCollect(Stream.provideService(stream, Pipeline.Epoch, epoch))

describe("order", () => {
  it("is a permutation, another one for each key", () => {
    for (const n of [1, 2, 3, 17, 64, 1000]) {
      const orders = [1, 2, 3].map((seed) => ascending(n).map(order(Key.make(seed), n)))
      for (const places of orders) assert.deepStrictEqual(places.toSorted((a, b) => a - b), ascending(n))
      if (n > 16) assert.notDeepEqual(orders[0], orders[1])
    }
  })

  it("moves numbers to all places alike", () => {
    const n = 20, counts = new Map<string, number>(), times = 4000
    for (let seed = 0; seed < times; seed++) {
      const at = order(Key.make(seed), n)
      for (const i of [0, 7, 19]) counts.set(`${i} ${at(i)}`, (counts.get(`${i} ${at(i)}`) ?? 0) + 1)
    }
    // Each of 60 counts is 200 on average, with a deviation of 14.
    assert.strictEqual(counts.size, 3 * n)
    for (const count of counts.values()) assert.closeTo(count, times / n, 70)
  })
})

describe("Text.windows", () => {
  it.effect("are pieces of the text, and what follows each token", () =>
    Effect.gen(function*() {
      const windows = yield* Stream.runCollect(Text.windows(tokensOf(14), { time: 4 }))
      assert.deepStrictEqual(
        windows,
        [0, 4, 8].map((from) => ({
          x: { data: Int32Array.of(from, from + 1, from + 2, from + 3), shape: [4] },
          y: { data: Int32Array.of(from + 1, from + 2, from + 3, from + 4), shape: [4] }
        }))
      )
      assert.strictEqual(Text.countWindows(14, { time: 4 }), 3)
      assert.strictEqual(Text.countWindows(13, { time: 4 }), 3)
      assert.strictEqual(Text.countWindows(12, { time: 4 }), 2)
    }))

  it.effect("come in a seeded order and from another place in each epoch", () =>
    Effect.gen(function*() {
      const time = 7
      for (const n of [8, 9, 14, 15, 100, 701]) {
        const options = { time, seed: 3 }, places = new Set<number>(), count = Text.countWindows(n, options)
        for (let epoch = 0; epoch < 30; epoch++) {
          const windows = yield* epochOf(Text.windows(tokensOf(n), options), epoch)
          const sorted = firsts(windows).toSorted((a, b) => a - b)
          assert.strictEqual(windows.length, count)
          assert.deepStrictEqual(sorted, ascending(count).map((i) => sorted[0]! + i * time))
          assert.isBelow(sorted.at(-1)! + time, n)
          for (const { x, y } of windows) assert.deepStrictEqual(y.data, x.data.map((token) => token + 1))
          places.add(sorted[0]!)
        }
        if (n > 100) assert.strictEqual(places.size, time)
      }
      const run = (seed: number, epoch: number) =>
        Effect.map(epochOf(Text.windows(tokensOf(701), { time, seed }), epoch), firsts)
      assert.deepStrictEqual(yield* run(1, 0), yield* run(1, 0))
      assert.notDeepEqual(yield* run(1, 0), yield* run(1, 1))
      assert.notDeepEqual(yield* run(1, 0), yield* run(2, 0))
    }))

  it.effect("go on in the middle of an epoch as they would have", () =>
    Effect.gen(function*() {
      const options = { time: 5, seed: 1 },
        tokens = tokensOf(200),
        length = Math.ceil(Text.countWindows(200, options) / 4)
      const run = (skip: number) =>
        Stream.runCollect(
          Text.windows(tokens, options).pipe(Pipeline.batch(4), Pipeline.epochs(3, { skip, length }))
        )
      const whole = yield* run(0)
      for (const skip of [1, 9, 10, 14, 29]) assert.deepStrictEqual(yield* run(skip), whole.slice(skip))
    }))

  it.effect("refuse texts without room, and options that are none", () =>
    Effect.gen(function*() {
      const { message } = yield* Effect.flip(Stream.runDrain(Text.windows(tokensOf(4), { time: 4 })))
      assert.strictEqual(message, "Text.windows: expected a text of at least 5 tokens, found one of 4")
      assert.strictEqual(Text.countWindows(0, { time: 4 }), 0)
      assert.strictEqual(Text.countWindows(0, { time: 4, seed: 1 }), 0)
      assert.throws(
        () => Text.windows(tokensOf(9), { time: 0 }),
        RangeError,
        "Text.windows: time is a positive integer"
      )
      assert.throws(
        () => Text.windows(tokensOf(9), { time: 1, seed: -1 }),
        RangeError,
        "seed is an integer of at least 0"
      )
    }))
})

describe("Text.lanes", () => {
  it.effect("go on from batch to batch", () =>
    Effect.gen(function*() {
      for (const options of [{ batchSize: 3, time: 4 }, { batchSize: 3, time: 4, seed: 5 }]) {
        const batches = yield* epochOf(Text.lanes(tokensOf(80), options), 1)
        assert.strictEqual(batches.length, Text.countLanes(80, options))
        const rows = ascending(3).map((row) =>
          batches.flatMap(({ x }) => Array.from(x.data.subarray(row * 4, row * 4 + 4)))
        )
        for (const row of rows) assert.deepStrictEqual(row, ascending(row.length).map((i) => row[0]! + i))
        assert.deepStrictEqual(rows.map(([first]) => first! - rows[0]![0]!), [0, 26, 52])
        for (const { size, x, y } of batches) {
          assert.deepStrictEqual([x.shape, y.shape, size], [[3, 4], [3, 4], 3])
          assert.deepStrictEqual(y.data, x.data.map((token) => token + 1))
        }
      }
      const { message } = yield* Effect.flip(Stream.runDrain(Text.lanes(tokensOf(12), { batchSize: 3, time: 4 })))
      assert.strictEqual(message, "Text.lanes: expected a text of at least 13 tokens, found one of 12")
      assert.strictEqual((yield* Stream.runCollect(Text.lanes(tokensOf(13), { batchSize: 3, time: 4 }))).length, 1)
      assert.throws(() => Text.lanes(tokensOf(9), { time: 1, batchSize: 0 }), RangeError, "batchSize is a positive")
    }))

  it.effect("train a model that keeps its state as one whose gradients end where batches do", () =>
    Effect.gen(function*() {
      const model = Layers.named({
        embedding: Layers.embedding({ size: 5, features: 3 }),
        memory: Layers.gru(4),
        head: Layers.dense(5)
      })
      const tokens = Text.fromArray(Int32Array.from({ length: 49 }, (_, i) => (i * i + 3 * i) % 5))
      const going = Layers.stateful(model, { batch: 2 })
      const supervision = { model: going, loss: Losses.softmaxCrossEntropy, optimizer: Optimizers.sgd(0) }
      const trainer = yield* Train.make(
        Train.init({ ...supervision, input: [4], key: Key.make(1) }),
        Train.supervised(supervision)
      )
      const losses = yield* Text.lanes(tokens, { batchSize: 2, time: 4 }).pipe(trainer.run, Stream.runCollect)
      // With a learning rate of 0 the losses of the pieces are those of the whole text.
      const [whole] = yield* Stream.runCollect(Text.lanes(tokens, { batchSize: 2, time: 24 }))
      const { loss } = yield* Train.evaluate(
        Stream.succeed(whole!),
        { model, loss: Losses.softmaxCrossEntropy },
        yield* trainer.state
      )
      assert.closeTo(losses.reduce((sum, { loss }) => sum + loss, 0) / losses.length, loss, 1e-6)
    }).pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
})

describe("tokens in a file", () => {
  const folder = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())

  it.effect("are those of the text, and are read from any place", () =>
    Effect.gen(function*() {
      const text = randomTexts(60).join(" some words "), path = `${yield* folder}/tokens.safetensors`
      const learned = yield* Text.bytePairs(Stream.make(text), { size: 400 })
      for (const tokenizer of [Text.bytes, learned]) {
        const count = yield* Stream.fromIterable(inPieces(text, 30)).pipe(Text.writeTokens(path, tokenizer))
        const expected = tokenizer.encode(text)
        const tokens = yield* Text.openTokens(path)
        assert.deepStrictEqual([count, tokens.length], [expected.length, expected.length])
        assert.deepStrictEqual(yield* tokens.read(0, count), expected)
        assert.deepStrictEqual(yield* tokens.read(7, 5), expected.slice(7, 12))
        assert.deepStrictEqual(tokens.tokenizer.description, tokenizer.description)
        const memory = yield* Text.collect(Stream.fromIterable(inPieces(text, 30)), tokenizer)
        assert.deepStrictEqual(yield* memory.read(0, memory.length), expected)
        const run = (tokens: Text.Tokens) => Stream.runCollect(Text.windows(tokens, { time: 9, seed: 2 }))
        assert.deepStrictEqual(yield* run(tokens), yield* run(memory))
        assert.match(
          (yield* Effect.flip(tokens.read(count - 1, 2))).message,
          /expected tokens \d+ to \d+, found \d+ tokens$/
        )
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.effect("are read by the library of the format", () =>
    Effect.gen(function*() {
      const path = `${yield* folder}/tokens.safetensors`, system = yield* FileSystem.FileSystem
      yield* Text.writeTokens(Stream.make("to be"), path, Text.bytes)
      const { metadata, tensors } = yield* Effect.fromResult(
        Safetensors.decode(new Uint8Array(yield* system.readFile(path)), path)
      )
      assert.deepStrictEqual(tensors, { tokens: { data: Uint8Array.of(116, 111, 32, 98, 101), shape: [5] } })
      assert.deepStrictEqual(metadata, { tokenizer: "{\"kind\":\"bytes\"}" })
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.effect("are refused when the file is none, or cut short", () =>
    Effect.gen(function*() {
      const system = yield* FileSystem.FileSystem, path = `${yield* folder}/tokens.safetensors`
      const problem = Effect.map(Effect.flip(Text.openTokens(path)), ({ message }) => message.replace(path, "file"))
      assert.strictEqual(yield* problem, "file: expected a file of tokens, found no such file")
      yield* Text.writeTokens(Stream.make("to be"), path, Text.bytes)
      const bytes = new Uint8Array(yield* system.readFile(path))
      yield* system.writeFile(path, bytes.subarray(0, -1))
      assert.match(yield* problem, /^file: expected a file of \d+ bytes, found one of \d+$/)
      yield* system.writeFile(path, bytes.subarray(0, 5))
      assert.strictEqual(yield* problem, "file: expected a header length of 8 bytes, found 5 bytes")
      yield* system.writeFile(path, Safetensors.encode({ tokens: NdArray.make([1, 2], [2]) }))
      assert.match(yield* problem, /^file: expected a file that Text.writeTokens has written, found another/)
      yield* system.writeFile(
        path,
        Safetensors.encode({ tokens: NdArray.make(Uint8Array.of(1), [1]) }, { metadata: { tokenizer: "{}" } })
      )
      assert.match(yield* problem, /^tokenizer: expected the description of one/)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.effect("are not there when the text has something without a token", () =>
    Effect.gen(function*() {
      const system = yield* FileSystem.FileSystem, place = yield* folder
      const tokenizer = yield* Text.characters(Stream.make("to be"))
      const writing = Stream.make("to ", "bee", "?").pipe(Text.writeTokens(`${place}/tokens`, tokenizer))
      assert.match((yield* Effect.flip(writing)).message, /found "\?"/)
      assert.deepStrictEqual(yield* system.readDirectory(place), [])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})

describe("Text.read", () => {
  it.effect("reads UTF-8, also where pieces end in the middle of a character", () =>
    Effect.gen(function*() {
      const bytes = new TextEncoder().encode("né 👍 日本")
      const files = FileSystem.layerNoop({
        stream: () => Stream.fromIterable(Array.from([...bytes, 0xf0, 0x9f], (byte) => Uint8Array.of(byte)))
      })
      assert.strictEqual(
        yield* Text.read("any").pipe(Stream.mkString, Effect.provide(files)),
        "né 👍 日本\ufffd"
      )
    }))
})

describe("Text.bitsPerCharacter", () => {
  const test = (title: string, body: () => void) =>
    it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors("test", body)), Backend.layerWasm))

  test("is the cross entropy to base 2 over the characters, whatever the batches are", () => {
    const bits = Text.bitsPerCharacter(Text.bytes), text = "né 日 👍 abc"
    const tokens = Text.bytes.encode(text).slice(0, 16)
    const scores = Float32Array.from({ length: 16 * 256 }, (_, i) => Math.sin(i) * 3)
    const nats = Array.from(tokens, (token, i) => {
      const row = Array.from(scores.subarray(256 * i, 256 * (i + 1)))
      return Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0)) - row[token]!
    })
    const batch = (i: number) =>
      bits.measure(
        tf.tensor3d(scores.subarray(i * 2048, (i + 1) * 2048), [2, 4, 256]),
        tf.tensor2d(tokens.subarray(i * 8, (i + 1) * 8), [2, 4], "int32")
      )
    const characters = [...Text.bytes.decode(tokens)].length
    assert.closeTo(
      Metrics.compute(bits, [batch(0), batch(1)]),
      nats.reduce((a, b) => a + b, 0) / Math.LN2 / characters,
      1e-4
    )
  })
})
