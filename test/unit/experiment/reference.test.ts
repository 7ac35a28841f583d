import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ofMetadata, referring } from "../../../src/experiment/reference.ts"
import { Backend } from "../../../src/index.ts"

const on = (name: string) =>
  Effect.runSync(Effect.provideService(
    referring({ experiment: "xor", file: "xor.ts#small", config: { hidden: 4 } }),
    Backend.Backend,
    { name }
  ))

describe("what a checkpoint says of its experiment", () => {
  it("is read again, with a backend that every machine has", () => {
    const said = { experiment: "xor", file: "xor.ts#small", config: { hidden: 4 } }
    for (const [name, backend] of [["cpu", "cpu"], ["wasm", "wasm"], ["webgl", "wasm"], ["webgpu", "wasm"]] as const) {
      assert.deepStrictEqual(ofMetadata(on(name)), { ...said, backend })
    }
  })

  it("is nothing in files of others", () => {
    assert.isUndefined(ofMetadata({}))
    assert.isUndefined(ofMetadata({ experiment: "xor" }))
    assert.isUndefined(ofMetadata({ experiment: "{\"experiment\":\"xor\",\"config\":{},\"backend\":\"webgl\"}" }))
  })
})
