import { assert, describe, it } from "@effect/vitest"
import { shareMemory } from "../../../../src/backend/companion/shareMemory.ts"

const HEADER = [0, 97, 115, 109, 1, 0, 0, 0]
const text = (s: string) => [s.length, ...new TextEncoder().encode(s)]
const section = (id: number, ...body: ReadonlyArray<number>) => [id, body.length, ...body]
const module = (...sections: ReadonlyArray<ReadonlyArray<number>>) => Uint8Array.from([HEADER, ...sections].flat())

// A type without arguments and results, and one that gives an i32.
const types = section(1, 2, 0x60, 0, 0, 0x60, 0, 1, 0x7f)
// Exports the memory, and a function that loads the word at 8.
const loads = [
  section(3, 1, 1),
  section(7, 2, ...text("memory"), 2, 0, ...text("load"), 0, 0),
  section(10, 1, 7, 0, 0x41, 8, 0x28, 2, 0, 0x0b)
]
type Loads = { readonly memory: WebAssembly.Memory; readonly load: () => number }

const instantiate = (bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports = {}) =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports as unknown as Loads

describe("shareMemory", () => {
  it("of a module that defines its memory, with and without a maximum", () => {
    for (const [limits, pages] of [[[1, 1, 3], 3], [[0, 1], 65_536], [[1, 1, 0x80, 0x80, 4], 65_536]] as const) {
      const bytes = module(types, loads[0]!, section(5, 1, ...limits), loads[1]!, loads[2]!)
      assert.instanceOf(instantiate(bytes).memory.buffer, ArrayBuffer)
      const shared = shareMemory(bytes)
      const { load, memory } = instantiate(shared)
      assert.instanceOf(memory.buffer, SharedArrayBuffer)
      new Int32Array(memory.buffer)[2] = 42
      assert.strictEqual(load(), 42)
      if (pages === 3) {
        assert.strictEqual(memory.grow(2), 1)
        assert.throws(() => memory.grow(1))
      }
      assert.deepStrictEqual(shareMemory(shared), shared)
    }
  })

  it("of a module that imports it, among other imports", () => {
    const imports = section(
      2,
      5,
      ...[...text("env"), ...text("f"), 0, 0],
      ...[...text("env"), ...text("table"), 1, 0x70, 1, 1, 2],
      ...[...text("env"), ...text("g"), 3, 0x7f, 0],
      ...[...text("env"), ...text("memory"), 2, 0, 1],
      ...[...text("env"), ...text("h"), 0, 0]
    )
    // After two imported functions, that of the module is the third.
    const exports = section(7, 2, ...text("memory"), 2, 0, ...text("load"), 0, 2)
    const bytes = module(types, imports, loads[0]!, exports, loads[2]!)
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536, shared: true })
    const env = {
      memory,
      f: () => {},
      h: () => {},
      g: 7,
      table: new WebAssembly.Table({ element: "anyfunc", initial: 1, maximum: 2 })
    }
    assert.throws(() => instantiate(bytes, { env }), WebAssembly.LinkError)
    new Int32Array(memory.buffer)[2] = 7
    assert.strictEqual(instantiate(shareMemory(bytes), { env }).load(), 7)
  })

  it("of a module whose sections are long, and one without a memory", () => {
    const long = [0, 0x84, 1, ...text("note"), ...Array.from({ length: 127 }, () => 1)]
    const bytes = module(types, loads[0]!, section(5, 1, 0, 1), loads[1]!, loads[2]!, long)
    assert.instanceOf(instantiate(shareMemory(bytes)).memory.buffer, SharedArrayBuffer)
    assert.throws(() => shareMemory(module(types)), /without a memory/)
  })
})
