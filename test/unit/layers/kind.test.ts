import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Key, Kind, Layers, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { failure } from "../../support/failure.ts"
import { randomTensor } from "../../support/numbers.ts"

const key = Key.make(5)
const run = (program: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("descriptions", program)), Backend.layerWasm)

const { dense, relu } = Layers

const values = (tree: Tree.Tree) => Tree.entries(tree).map(([path, x]) => [path, x.shape, x.dataSync()])

describe("kinds of one's own", () => {
  const clip = Layers.kind("clip", {
    options: { low: { type: Kind.finite, default: 0 }, high: { type: Kind.finite } },
    make: ({ high, low }) => Layers.activation("clip", (x) => tf.clipByValue(x, low, high))
  })
  const scaled = Layers.kind("scaled", {
    options: { by: { type: Kind.oneOf("two", "three") } },
    children: "one",
    given: (layer: Layers.Any, by: "two" | "three") => [{ by }, [["", layer]]],
    make: ({ by }, children): Layers.Any => {
      const [, child] = children[0]!
      return {
        name: "scaled",
        init: child.init,
        apply: (params, state, x, mode) => {
          const [y, next] = child.apply(params, state, x, mode)
          return [tf.mul(y as tf.Tensor, by === "two" ? 2 : 3), next]
        }
      }
    }
  })

  it.effect("check, name, describe and build as those of the library", () =>
    run(() => {
      const model = Layers.named({ all: scaled(Layers.serial(dense(2), clip({ high: 6 })), "three") })
      assert.strictEqual(model.name, "named(all: scaled(serial(dense(2), clip(high 6)), three))")
      const json: unknown = JSON.parse(JSON.stringify(Result.getOrThrow(Layers.describe(model))))
      const built = Result.getOrThrow(Layers.build([...Layers.kinds, clip, scaled])(json))
      assert.strictEqual(built.name, model.name)
      const [a, b] = [model, built].map((layer) => Result.getOrThrow(layer.init(key, [4])))
      const x = randomTensor(3, [7, 4])
      assert.deepStrictEqual(
        values(built.apply(b!.params, b!.state, x, { training: false, key })[0]),
        values(model.apply(a!.params as never, a!.state as never, x, { training: false, key })[0])
      )
      assert.include(failure(Layers.build(Layers.kinds)(json)), `found "scaled"`)
      const free = Layers.kind("free", {
        options: { f: { type: { expected: "anything", parse: (given: unknown) => given, text: () => "f" } } },
        make: () => Layers.activation("free", (x) => x)
      })
      const described = (f: unknown) => Layers.describe(Layers.named({ head: free({ f }) }))
      const plain = [null, true, "a", 1.5, [1, { a: [] }]]
      assert.deepStrictEqual(Result.getOrThrow(described(plain)).children!.head!.options, { f: plain })
      const wrong = [() => 1, NaN, Infinity, 1n, new Date(0), new Float32Array(1), new Map()]
      for (const f of wrong) {
        assert.match(failure(described(f)), /^children\.head\.options\.f: expected a value of JSON, found /)
      }
      assert.match(
        failure(described({ a: [undefined] })),
        /^children\.head\.options\.f\.a\.0: expected a value of JSON/
      )
      assert.throws(() => clip({ high: NaN }), RangeError, "clip: high is a finite number, got NaN")
      assert.throws(() => clip({} as never), RangeError, "clip: high is a finite number, got none")
      assert.throws(() => scaled(relu, "four" as never), RangeError, `scaled: by is "two" or "three", got "four"`)
    }))
})
