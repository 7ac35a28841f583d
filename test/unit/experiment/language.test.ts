import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer, Schema, Stream } from "effect"
import { Backend, Checkpoint, Experiment, Layers, Losses, Text, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const small = { examples: 40, batchSize: 4, epochs: 3, time: 8, features: 8 }
const sizes = {
  gpt: { layers: 1, heads: 2 },
  lstm: { units: 8 },
  gru: { units: 8, layers: 2 },
  rnn: { units: 8, dropout: 0.1 }
}

const { gpt, gru, lstm, rnn } = Experiment, experiments = { gpt, gru, lstm, rnn }

type Name = keyof typeof sizes

/** An experiment of the library, of a small size, on a text. */
const opened = (name: Name, json: object = {}) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, path = `${yield* files.makeTempDirectoryScoped()}/text.txt`
    yield* files.writeFileString(path, yield* Stream.mkString(Text.stories({ length: 3000 })))
    const experiment = experiments[name] as unknown as Experiment.Experiment<unknown, FileSystem.FileSystem>
    const config = yield* Experiment.parse(name, experiment.config, { ...small, ...sizes[name], text: path, ...json })
    return { path, opened: yield* experiment.open(config) }
  })

const services = Layer.merge(NodeServices.layer, Backend.layerWasm)

describe("language models", () => {
  layer(services)((it) => {
    for (const name of Object.keys(sizes) as Array<Name>) {
      it.effect(`${name} learns, goes on with texts, and says how it reads`, () =>
        Effect.gen(function*() {
          const {
            opened: { about, batches, evaluate, examine, generate, init, metadata, sample, step, steps, validating }
          } = yield* opened(name)
          assert.deepStrictEqual([about.sizes.train, steps], [40, 30])
          assert.isAbove(about.sizes.validation, 10)
          assert.isAbove(about.sizes.test, 5)
          assert.strictEqual(about.show!.input.kind, "text")
          assert.deepStrictEqual(about.show!.input, about.show!.target)
          const trainer = yield* Train.make(init, step)
          const metrics = yield* validating(batches(0).pipe(trainer.run), trainer).pipe(Stream.runCollect)
          assert.isBelow(metrics.at(-1)!.loss as number, metrics[0]!.loss as number)
          const { bitsPerCharacter, loss, perplexity } = yield* evaluate!("test", trainer)
          // A token is a character.
          assert.closeTo(bitsPerCharacter as number, (loss as number) / Math.LN2, 1e-4)
          assert.closeTo(perplexity as number, Math.exp(loss as number), 1e-2)
          assert.strictEqual((yield* examine!("test", trainer)).size, about.sizes.test)
          const { prompt, text } = yield* sample!(trainer)
          assert.deepStrictEqual([prompt.length, text.length], [8, 200])
          const options = { prompt: "There", length: 12, temperature: 0 }
          const out = yield* Stream.runCollect(generate!(trainer, options))
          // As with the model and the tokenizer of the metadata alone.
          const bytes = yield* trainer.use((state) => Checkpoint.encode(state, { metadata }))
          const restored = yield* Effect.acquireRelease(
            Checkpoint.decodeModel(bytes, { kinds: Layers.kinds }),
            ({ weights }) => Effect.sync(() => Tree.disposeExcept(weights))
          )
          const tokenizer = yield* Effect.fromResult(Text.tokenizerIn(restored.metadata))
          const again = yield* Stream.runCollect(
            Text.generate(restored.model as never, restored.weights, { ...options, tokenizer })
          )
          assert.deepStrictEqual(again, out)
        }).pipe(Effect.scoped, leavesNoTensor))
    }

    it.effect("come to the same weights when they are stopped and go on", () =>
      Effect.gen(function*() {
        const { opened: { batches, init, step } } = yield* opened("gpt")
        const weightsAfter = (parts: ReadonlyArray<number>) =>
          Effect.scoped(Effect.gen(function*() {
            const trainer = yield* Train.make(init, step)
            let taken = 0
            for (const count of parts) {
              yield* batches(taken).pipe(Stream.take(count), trainer.run, Stream.runDrain)
              taken += count
            }
            return yield* trainer.use((state) =>
              Effect.sync(() =>
                Tree.leaves((state as unknown as { readonly params: Tree.Tree }).params)
                  .map((leaf) => Array.from(leaf.dataSync()))
              )
            )
          }))
        assert.deepStrictEqual(yield* weightsAfter([3, 10, 9]), yield* weightsAfter([22]))
      }).pipe(Effect.scoped, leavesNoTensor))

    it.effect("read with the tokenizer that is asked for", () =>
      Effect.gen(function*() {
        for (
          const [tokenizer, tokens, kind, size] of [
            ["bytes", 9, "bytes", 256],
            ["words", 60, "words", 60],
            ["bytePairs", 300, "bytePairs", 300]
          ] as const
        ) {
          const { opened: { about, metadata } } = yield* opened("gru", { tokenizer, tokens })
          const input = about.show!.input as Extract<Experiment.View, { readonly kind: "text" }>
          assert.strictEqual(input.tokenizer.kind, kind)
          const made = yield* Effect.fromResult(Text.tokenizerIn(metadata))
          assert.strictEqual(made.size, size)
        }
        const json = {
          added_tokens: [],
          pre_tokenizer: { type: "ByteLevel" },
          model: { type: "BPE", vocab: {}, merges: [] }
        }
        const { path } = yield* opened("rnn"), files = yield* FileSystem.FileSystem
        yield* files.writeFileString(`${path}.json`, JSON.stringify(json))
        const { message } = yield* Effect.flip(opened("rnn", { tokenizer: `${path}.json` }))
        assert.strictEqual(
          message,
          `${path}.json, vocabulary: expected a token for every byte, found none for the byte 0`
        )
      }).pipe(Effect.scoped))

    it.effect("name a file that has no text in UTF-8", () =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem, { path } = yield* opened("rnn")
        const problem = (bytes: ReadonlyArray<number>, tokenizer: string) =>
          Effect.gen(function*() {
            yield* files.writeFile(`${path}.other`, Uint8Array.from(bytes))
            const { message } = yield* Effect.flip(opened("rnn", { text: `${path}.other`, tokenizer }))
            return message.replaceAll(path, "")
          })
        for (const tokenizer of ["characters", "bytes", "words", "bytePairs"]) {
          assert.strictEqual(
            yield* problem([0x61, 0x0a, 0xe9, 0x0a, 0xe8], tokenizer),
            ".other:2: expected text in UTF-8, found bytes that are none, or U+FFFD"
          )
          assert.match(yield* problem([], tokenizer), /^.other: expected (a text|more than \d+ tokens)/)
        }
      }).pipe(Effect.scoped))

    it.effect("name a file that is not there, a text that is too short, and heads that do not fit", () =>
      Effect.gen(function*() {
        const problem = (name: Name, json: object) =>
          Effect.map(Effect.flip(opened(name, json)), ({ message }) => message)
        assert.match(
          yield* problem("gpt", { text: "nowhere.txt" }),
          /^nowhere.txt: expected a file to read, found no such file$/
        )
        assert.strictEqual(
          yield* problem("gpt", { tokenizer: "sentences" }),
          "tokenizer: expected characters, bytes, words, bytePairs or a file that ends in .json, found \"sentences\""
        )
        assert.match(yield* problem("gpt", { tokenizer: "no.json" }), /^no.json: expected a file to read/)
        assert.match(
          yield* problem("lstm", { time: 5000 }),
          /: expected more than 5000 tokens to train on, one window of time 5000, found \d+ of \d+$/
        )
        assert.match(yield* problem("gpt", { heads: 3 }), /features that 3 heads can share evenly/)
      }).pipe(Effect.scoped))
  })
})

describe("an experiment of one's own on a text", () => {
  layer(services)((it) => {
    const config = Schema.Struct(Experiment.options({ epochs: 1, batchSize: 4 }))
    const data = () => {
      const tokens = Text.fromArray(Text.bytes.encode("to be or not to be".repeat(20)))
      return Text.dataset({ tokenizer: Text.bytes, train: tokens, test: tokens, time: 6, seed: 1 })
    }

    it.effect("that is no language model says nothing of texts that go on", () =>
      Effect.gen(function*() {
        const both = Experiment.supervised({
          ...{ name: "both", config, data, loss: () => Losses.softmaxCrossEntropy },
          model: () =>
            Layers.named({
              embedding: Layers.embedding({ size: 256, features: 4 }),
              both: Layers.bidirectional(Layers.gru(3)),
              head: Layers.dense(256)
            })
        })
        const { about, generate, sample } = yield* both.open(yield* Experiment.parse("both", config, {}))
        assert.deepStrictEqual([generate, sample], [undefined, undefined])
        // Windows overlap from epoch to epoch, so that none are held out.
        assert.deepStrictEqual([about.sizes.validation, about.sizes.test], [0, 59])
      }).pipe(Effect.scoped, leavesNoTensor))
  })
})
