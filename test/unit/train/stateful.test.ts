import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { Backend, Checkpoint, Key, Layers, Losses, NdArray, Optimizers, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const STREAMS = 2, PIECE = 4, PERIOD = 11

/** What is known of the next is what stood 11 steps before: more than there is in a piece. */
const bit = (stream: number, i: number): number => (0b10011011100 >> ((i + 3 * stream) % PERIOD)) & 1

const piece = (n: number): Train.SupervisedBatch => {
  const at = (shift: number) =>
    Float32Array.from(
      { length: STREAMS * PIECE },
      (_, k) => bit(Math.floor(k / PIECE), n * PIECE + k % PIECE + shift)
    )
  const shape = [STREAMS, PIECE, 1]
  return { x: NdArray.make(at(0), shape), y: NdArray.make(at(1), shape), size: STREAMS }
}

const pieces = Stream.iterate(0, (n) => n + 1).pipe(Stream.map(piece))

const model = Layers.named({ memory: Layers.lstm(16), drop: Layers.dropout(0.1), head: Layers.dense(1) })
const inPieces = Layers.stateful(model, { batch: STREAMS }), optimizer = Optimizers.adam(0.02)
const loss = Losses.binaryCrossEntropy

const trained = (model: typeof inPieces) =>
  [
    Train.init({ model, optimizer, input: [null, 1], key: Key.make(1) }),
    Train.supervised({ model, loss, optimizer })
  ] as const

const values = (tree: Tree.Tree) => ({
  numbers: Tree.numbers(tree),
  tensors: Tree.entries(tree).map(([path, x]) => [path, x.shape, Array.from(x.dataSync())])
})

layer(Layer.mergeAll(Backend.layerWasm, NodeServices.layer))("A long sequence in pieces", (it) => {
  const [init, step] = trained(inPieces)

  it.effect("is learned beyond the length of a piece, for the state is carried on", () =>
    Effect.gen(function*() {
      const losses: Array<number> = []
      for (const  of of[inPieces, model]) {
        const trainer = yield* Train.make(...trained(of))
        const last = yield* pieces.pipe(Stream.take(200), trainer.run, Stream.runCollect)
        losses.push(last.at(-1)!.loss)
      }
      assert.isBelow(losses[0]!, 0.35)
      assert.isAbove(losses[1]!, 0.45)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("goes on from a checkpoint to the bit, whatever is evaluated meanwhile", () =>
    Effect.gen(function*() {
      const straight = yield* Train.make(init, step)
      const metrics = yield* pieces.pipe(Stream.take(9), straight.run, Stream.runCollect)
      const first = yield* Train.make(init, step)
      const validation = Stream.make({
        ...piece(0),
        x: NdArray.make(new Float32Array(33), [3, 11, 1]),
        y: NdArray.make(new Float32Array(33), [3, 11, 1]),
        size: 3
      })
      const before = yield* pieces.pipe(
        Stream.take(5),
        first.run,
        // Of other examples, as many as one likes: the model itself begins anew.
        Train.validating({ model, loss, trainer: first, batches: validation, every: 2 }),
        Stream.runCollect
      )
      const file = yield* first.use((state) => Checkpoint.encode(state))
      const second = yield* Train.make(Checkpoint.decode(file, init), step)
      // The same batch of streams, evaluated where they stand.
      yield* Train.evaluate(Stream.make(piece(5)), { model: inPieces, loss }, second)
      const after = yield* pieces.pipe(Stream.drop(5), Stream.take(4), second.run, Stream.runCollect)
      assert.deepStrictEqual([...before, ...after].map(({ loss }) => loss), metrics.map(({ loss }) => loss))
      assert.deepStrictEqual(values(yield* second.state), values(yield* straight.state))
      const { memory } = (yield* second.state).state
      assert.deepStrictEqual(Tree.shapes<Tree.Tree>(memory), { hidden: [2, 16], cells: [2, 16] })
    }).pipe(Effect.scoped, leavesNoTensor))
})
