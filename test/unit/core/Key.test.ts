import { assert, describe, it } from "@effect/vitest"
import { pipe } from "effect"
import { Key } from "effect-neuron"

const encrypt = (key: Key.Key, c0: number, c1: number): ReadonlyArray<number> => {
  const out = new Uint32Array(2)
  Key.threefry(key, c0, c1, out)
  return [...out]
}

describe("Key", () => {
  // The file kat_vectors of the Random123 distribution.
  it("threefry gives the known answers of Random123", () => {
    assert.deepStrictEqual(encrypt([0, 0], 0, 0), [0x6b200159, 0x99ba4efe])
    assert.deepStrictEqual(
      encrypt([0xffffffff, 0xffffffff], 0xffffffff, 0xffffffff),
      [0x1cb996fc, 0xbb002be7]
    )
    assert.deepStrictEqual(
      encrypt([0x13198a2e, 0x03707344], 0x243f6a88, 0x85a308d3),
      [0xc4923a9c, 0x483df7a0]
    )
  })

  it("threefry writes where it is told", () => {
    const out = new Uint32Array(4)
    Key.threefry([0, 0], 0, 0, out, 1)
    assert.deepStrictEqual([...out], [0, 0x6b200159, 0x99ba4efe, 0])
  })

  it("split gives the keys of JAX", () => {
    assert.deepStrictEqual(Key.split(Key.make(0)), [[1797259609, 2579123966], [928981903, 3453687069]])
  })

  it("make takes seeds of more than 32 bits", () => {
    assert.deepStrictEqual(Key.make(2 ** 32 + 5), [1, 5])
    assert.deepStrictEqual(Key.make(2 ** 53 - 1), [0x1fffff, 0xffffffff])
    assert.deepStrictEqual(Key.make(2 ** 31), [0, 2 ** 31])
  })

  it("fold gives another child for each number and each key", () => {
    const children = new Set<string>()
    for (let seed = 0; seed < 50; seed++) {
      for (const n of [0, 1, 2, 3, 1000, 2 ** 31, 2 ** 32 - 1]) children.add(Key.fold(Key.make(seed), n).join())
    }
    assert.strictEqual(children.size, 350)
    assert.notDeepEqual(Key.fold(Key.fold(Key.make(0), 1), 2), Key.fold(Key.fold(Key.make(0), 2), 1))
  })

  it("fold takes the key last too", () => {
    assert.deepStrictEqual(pipe(Key.make(3), Key.fold(7)), Key.fold(Key.make(3), 7))
  })

  it("make refuses what is no seed", () => {
    for (const seed of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
      assert.throws(() => Key.make(seed), RangeError, `a seed is an integer from 0 to 2^53 - 1, got ${seed}`)
    }
  })

  it("fold leaves the key as it was", () => {
    const key = Key.make(7)
    assert.deepStrictEqual(Key.fold(key, 3), Key.fold(key, 3))
    assert.deepStrictEqual(key, [0, 7])
  })
})
