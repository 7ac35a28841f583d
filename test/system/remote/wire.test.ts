import { Schema } from "effect"
import { assert, describe, it } from "vitest"
import { NdArray } from "../../../src/index.ts"
import * as Remote from "../../../src/remote/index.ts"
import { moved, sent } from "../../../src/remote/wire.ts"

const x = NdArray.make([[1, 2]]), y = NdArray.index(3)
const record = Schema.Struct({ x: Remote.array, y: Remote.array })

const cases: ReadonlyArray<readonly [name: string, schema: Schema.Codec<unknown>, good: unknown, bad: unknown]> = [
  ["one array", Remote.array, x, { x }],
  ["a record", record, { x, y }, { x }],
  ["a pair", Schema.Tuple([Remote.array, Remote.array]), [x, y], [x]],
  ["a list", Schema.Array(Remote.array), [x, y, x], [x, 1]],
  ["either of two", Schema.Union([Remote.array, record]), { x, y }, { y }],
  ["one that may be missing", Schema.Struct({ x: Remote.array, y: Schema.optionalKey(Remote.array) }), { x }, { y }],
  ["any tree", Remote.arrays, { a: [x, y], b: { c: x } }, { a: 1 }]
]

describe("what crosses to a worker and back", () => {
  it.each(cases)("is the arrays themselves: %s", (_, schema, good, bad) => {
    for (const crossing of [sent(schema), moved(schema)]) {
      const codec = Schema.toCodecJson(crossing)
      const message = Schema.encodeUnknownSync(codec)(good)
      assert.deepStrictEqual(structuredClone(message), good)
      assert.deepStrictEqual(Schema.decodeUnknownSync(codec)(structuredClone(message)), good)
      assert.throws(() => Schema.encodeUnknownSync(codec)(bad))
    }
  })
})
