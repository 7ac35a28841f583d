import { assert, describe, it } from "@effect/vitest"
import { Shape } from "effect-neuron"

describe("Shape", () => {
  it("size is the product of the dimensions", () => {
    assert.deepStrictEqual([[], [0, 5], [3], [2, 3, 4]].map(Shape.size), [1, 0, 3, 24])
  })

  it("equals compares rank and dimensions", () => {
    assert.isTrue(Shape.equals([], []))
    assert.isTrue(Shape.equals([2, 3], [2, 3]))
    for (const [a, b] of [[[2], [2, 1]], [[2, 1], [2]], [[2, 3], [3, 2]], [[], [1]]]) {
      assert.isFalse(Shape.equals(a!, b!))
    }
  })

  it("format writes trees of shapes", () => {
    assert.strictEqual(Shape.format([]), "[]")
    assert.strictEqual(Shape.format([[2], [3, 4]]), "[[2], [3, 4]]")
    assert.strictEqual(
      Shape.format({ image: [28, 28, 1], parts: [[2], { a: [] }] }),
      "{ image: [28, 28, 1], parts: [[2], { a: [] }] }"
    )
  })
})
