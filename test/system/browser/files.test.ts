import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Stream } from "effect"
import { Backend, Checkpoint, Datasets, Train, Tree } from "effect-neuron"
import * as Browser from "effect-neuron/browser"
import { HttpClient, HttpClientResponse } from "effect/http"
import { leavesNoTensor } from "../../support/backend.ts"
import { batches, init, step } from "../../support/training.ts"

const backend = Backend.layerWasm
/** A new connection to the database each time, as in a page that is loaded again. */
const services = () => Layer.merge(backend, Browser.layerIndexedDb("test"))

describe("IndexedDB", () => {
  it.effect("keeps checkpoints, from which training goes on bit for bit", () =>
    Effect.gen(function*() {
      const train = (start: typeof init | ReturnType<typeof resumed>, take: number, kept: string) =>
        Effect.gen(function*() {
          const trainer = yield* Train.make(start, step)
          const { step: from } = yield* trainer.state
          yield* batches.pipe(
            Stream.take(take),
            Stream.drop(from),
            trainer.run,
            Checkpoint.every(5, { folder: "runs/page", trainer, metadata: { model: "a small one" } }),
            Checkpoint.keep({ folder: kept, trainer, every: 2, latest: 2 }),
            Stream.runDrain
          )
          return Tree.leaves(yield* trainer.state).map((x) => Array.from(x.dataSync()))
        }).pipe(Effect.scoped, Effect.provide(services()), leavesNoTensor)
      const resumed = () => Checkpoint.resume("runs/page", init)
      const whole = yield* train(init, 10, "runs/whole")
      yield* train(init, 7, "runs/kept")
      const metadata = yield* Effect.provide(Checkpoint.metadata("runs/page/model.safetensors"), services())
      assert.strictEqual(metadata["model"], "a small one")
      assert.strictEqual(JSON.parse(metadata["numbers"]!).step, 7)
      assert.deepStrictEqual(yield* train(resumed(), 10, "runs/kept"), whole)
      const kept = yield* Effect.provide(Checkpoint.list("runs/kept/"), services())
      assert.deepStrictEqual(kept.map(({ step }) => step), [10, 8])
    }).pipe(Effect.provide(backend)))

  it.effect("is a file system of whole files", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem
      yield* files.writeFile("a/b/one", Uint8Array.of(1, 2))
      yield* files.writeFile("a/two", Uint8Array.of(3))
      yield* files.writeFile("ab", Uint8Array.of(4))
      assert.deepStrictEqual(yield* files.readDirectory("a"), ["b", "two"])
      assert.deepStrictEqual(yield* files.readFile("a/b/one"), Uint8Array.of(1, 2))
      assert.deepStrictEqual([yield* files.exists("a/b"), yield* files.exists("b")], [true, false])
      yield* files.writeFileString("a/b/text", "é")
      yield* files.writeFileString("a/b/text", "!", { flag: "a" })
      yield* files.writeFile("a/b/text", Uint8Array.of(63), { flag: "a" })
      yield* files.writeFile("a/b/new", Uint8Array.of(7), { flag: "a" })
      assert.strictEqual(yield* files.readFileString("a/b/text"), "é!?")
      assert.deepStrictEqual(yield* files.readFile("a/b/new"), Uint8Array.of(7))
      yield* files.rename("a/two", "a/three")
      assert.deepStrictEqual([yield* files.exists("a/two"), yield* files.exists("a/three")], [false, true])
      assert.strictEqual((yield* Effect.flip(files.readFile("a/two"))).reason._tag, "NotFound")
      assert.strictEqual((yield* Effect.flip(files.rename("a/two", "x"))).reason._tag, "NotFound")
      yield* files.remove("a", { recursive: true })
      assert.deepStrictEqual([yield* files.exists("a"), yield* files.exists("ab")], [false, true])
      const error = yield* Effect.flip(Checkpoint.metadata("nothing"))
      assert.strictEqual(error.message, "nothing: cannot be read: no such file")
    }).pipe(Effect.provide(Browser.layerIndexedDb("other"))))
})

describe("the browser's cache", () => {
  it.effect("keeps what was fetched, for the next visit", () =>
    Effect.gen(function*() {
      yield* Effect.promise(() => caches.delete("effect-neuron"))
      const asked: Array<string> = []
      const client = HttpClient.make((request, url) => {
        asked.push(url.href)
        const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 4)
        return Effect.succeed(HttpClientResponse.fromWeb(request, new Response(labels)))
      })
      const visit = Stream.runCount(Datasets.idxItems("labels")).pipe(
        Effect.provide(Datasets.layerFiles({ labels: "/labels" })),
        Effect.provideService(HttpClient.HttpClient, client)
      )
      assert.deepStrictEqual([yield* visit, yield* visit], [2, 2])
      assert.deepStrictEqual(asked, [new URL("/labels", location.href).href])
    }))

  it.effect("is not asked for chosen files, which are read as they are", () =>
    Effect.gen(function*() {
      const packed = new Response(
        new Blob([Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 4)]).stream().pipeThrough(new CompressionStream("gzip"))
      )
      const file = new File([yield* Effect.promise(() => packed.blob())], "labels.gz")
      const header = yield* Datasets.idxHeader("labels").pipe(Effect.provide(Datasets.layerFiles({ labels: file })))
      assert.deepStrictEqual(header, { type: "uint8", shape: [2] })
    }))
})

describe("Browser.download", () => {
  it.effect("clicks on a link to the bytes", () =>
    Effect.gen(function*() {
      let clicked: HTMLAnchorElement | undefined
      const listen = (event: Event) => {
        clicked = event.target as HTMLAnchorElement
        event.preventDefault()
      }
      const original = HTMLAnchorElement.prototype.click
      HTMLAnchorElement.prototype.click = function() {
        this.addEventListener("click", listen)
        original.call(this)
      }
      yield* Browser.download("model.safetensors", Uint8Array.of(1, 2, 3))
      HTMLAnchorElement.prototype.click = original
      assert.strictEqual(clicked!.download, "model.safetensors")
      const response = yield* Effect.promise(() => fetch(clicked!.href))
      assert.deepStrictEqual(
        new Uint8Array(yield* Effect.promise(() => response.arrayBuffer())),
        Uint8Array.of(1, 2, 3)
      )
    }))
})
