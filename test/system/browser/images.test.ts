import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Images, NdArray } from "effect-neuron"
import fixtures from "../../fixtures/pictures.json" with { type: "json" }

const bytesOf = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))

describe("Images.decode in a page", () => {
  it.effect("gives the pixels that it gives in Node", () =>
    Effect.gen(function*() {
      for (const { file, name, pixels, shape } of fixtures.pictures) {
        assert.deepStrictEqual(yield* Images.decode(bytesOf(file)), NdArray.make(bytesOf(pixels), shape), name)
      }
    }))

  it.effect("says what is wrong with a file, and reads the next", () =>
    Effect.gen(function*() {
      const [{ file, shape }] = fixtures.pictures as [typeof fixtures.pictures[number]], whole = bytesOf(file)
      const error = yield* Effect.flip(Images.decode(whole.subarray(0, -100)))
      assert.match(error.message, /^picture: expected a PNG or JPEG, found a JPEG that is broken/)
      assert.deepStrictEqual((yield* Images.decode(whole)).shape, shape)
    }))
})
