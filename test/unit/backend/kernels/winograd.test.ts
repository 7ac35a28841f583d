import { assert, describe, it } from "@effect/vitest"
import { Key, Random } from "effect-neuron"
import { base64 as relaxed } from "../../../../src/backend/companion/generated/relaxed.ts"
import { base64 as simd } from "../../../../src/backend/companion/generated/simd.ts"

type Call = (...args: ReadonlyArray<number>) => number

interface Module {
  readonly convolution: Call
  readonly convolutionScratch: () => number
  readonly convolve: Call
  readonly convolutionInputGradient: Call
  readonly convolutionFilterGradient: Call
  readonly winogradScratch: Call
  readonly winograd: Call
  readonly winogradInputGradient: Call
  readonly winogradFilterGradient: Call
}

const FLOATS = 2 ** 22, MARK = 42

const load = async (base64: string) => {
  const memory = new WebAssembly.Memory({ initial: FLOATS * 4 / 65536 })
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } })
  return { module: instance.exports as unknown as Module, floats: new Float32Array(memory.buffer) }
}

interface Convolution {
  readonly taps: 2 | 3
  readonly x: readonly [batch: number, height: number, width: number, inputs: number]
  readonly outputs: number
  readonly kernel: number
  readonly stride: 1 | 2
  readonly pad: number
}

const cases: ReadonlyArray<Convolution> = [
  { taps: 3, x: [3, 14, 11, 12], outputs: 20, kernel: 3, stride: 1, pad: 1 },
  { taps: 2, x: [4, 9, 6, 8], outputs: 13, kernel: 2, stride: 1, pad: 0 },
  { taps: 2, x: [5, 14, 15, 16], outputs: 8, kernel: 4, stride: 2, pad: 1 },
  { taps: 2, x: [2, 13, 11, 80], outputs: 16, kernel: 3, stride: 2, pad: 1 },
  { taps: 3, x: [3, 12, 17, 8], outputs: 9, kernel: 5, stride: 2, pad: 2 },
  { taps: 3, x: [2, 16, 13, 5], outputs: 4, kernel: 6, stride: 2, pad: 2 }
]

const values = Random.normal(Key.make(1), 2 ** 16)

/** Where everything lies, and the sizes that the functions take. */
const lay = (floats: Float32Array, { kernel, outputs, pad, stride, x }: Convolution) => {
  const [batch, height, width, inputs] = x
  const out = (size: number) => Math.floor((size + 2 * pad - kernel) / stride) + 1
  let top = 64
  const place = (count: number): number => {
    const at = top
    for (let i = 0; i < count; i++) floats[at + i] = values[(7 * at + i) % values.length]!
    top += count + 5 & ~1
    return 4 * at
  }
  const counts = {
    x: batch * height * width * inputs,
    y: batch * out(height) * out(width) * outputs,
    filter: kernel * kernel * inputs * outputs
  }
  const sizes = [batch, height, width, inputs, out(height), out(width), outputs, kernel, kernel, stride]
  return {
    counts,
    sizes: [...sizes, pad, pad],
    general: [...sizes, stride, 1, 1, pad, pad],
    x: place(counts.x),
    y: place(counts.y),
    filter: place(counts.filter),
    out: place(counts.x + counts.y + counts.filter),
    scratch: 4 * Math.ceil(top / 16) * 16 + 64
  }
}

const read = (floats: Float32Array, at: number, count: number) => floats.slice(at / 4, at / 4 + count)

describe.each([["with relaxed SIMD", relaxed], ["without relaxed SIMD", simd]])("winograd, %s", (name, base64) => {
  const runs = () => WebAssembly.validate(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)))

  it.each([0, 1])("agrees with products of patches, exact: %i", async (exact) => {
    if (!runs()) return
    const { floats, module } = await load(base64)
    for (const c of cases) {
      const { counts, filter, general, out, scratch, sizes, x, y } = lay(floats, c), phases = c.stride ** 2
      const inputs = c.x[3], what = `${name}: ${JSON.stringify(c)}`
      const compare = (which: string, count: number, expected: () => void, found: () => number, space: number) => {
        floats.fill(NaN, scratch / 4, floats.length)
        module.convolution(...general)
        expected()
        const wanted = read(floats, out, count), size = Math.hypot(...wanted) / Math.sqrt(count)
        floats.fill(NaN, scratch / 4, floats.length)
        const end = scratch / 4 + Math.ceil(space / 4)
        floats[end] = floats[out / 4 + count] = MARK
        assert.strictEqual(found(), 1, `${which} of ${what} is finite`)
        assert.deepStrictEqual([floats[end], floats[out / 4 + count]], [MARK, MARK], `${which} of ${what} ends`)
        read(floats, out, count).forEach((v, i) =>
          assert.isBelow(Math.abs(v - wanted[i]!), 1e-5 * size, `${which} of ${what}, ${i}`)
        )
      }
      compare(
        "y",
        counts.y,
        () => module.convolve(x, filter, 0, 0, out, scratch),
        () => module.winograd(c.taps, exact, ...sizes, x, filter, 0, 0, out, scratch),
        module.winogradScratch(c.taps, inputs * phases, c.outputs)
      )
      compare(
        "dx",
        counts.x,
        () => module.convolutionInputGradient(y, filter, out, scratch),
        () => module.winogradInputGradient(c.taps, exact, ...sizes, y, filter, out, scratch),
        module.winogradScratch(c.taps, c.outputs, inputs)
      )
      compare(
        "dFilter",
        counts.filter,
        () => module.convolutionFilterGradient(x, y, out, scratch),
        () => module.winogradFilterGradient(c.taps, exact, ...sizes, inputs, x, y, out, scratch),
        module.winogradScratch(c.taps, inputs * phases, c.outputs)
      )
    }
  })

  it("gives the same, shared out by images and by input channels", async () => {
    if (!runs()) return
    const { floats, module } = await load(base64)
    for (const c of cases) {
      const { counts, filter, out, scratch, sizes, x, y } = lay(floats, c), [batch, height, width, inputs] = c.x
      const imageX = 4 * height * width * inputs, imageY = 4 * counts.y / batch, what = JSON.stringify(c)
      const images = (count: number) => [count, ...sizes.slice(1)]
      const whole = (count: number, call: () => number) => {
        call()
        return read(floats, out, count)
      }
      const forward = whole(counts.y, () => module.winograd(c.taps, 0, ...sizes, x, filter, 0, 0, out, scratch))
      for (const [first, count] of [[0, 1], [1, batch - 1]] as const) {
        const from = x + first * imageX, to = out + first * imageY
        module.winograd(c.taps, 0, ...images(count), from, filter, 0, 0, to, scratch)
      }
      assert.deepStrictEqual(read(floats, out, counts.y), forward, `y of ${what}`)
      const dx = whole(counts.x, () => module.winogradInputGradient(c.taps, 0, ...sizes, y, filter, out, scratch))
      for (const [first, count] of [[0, 1], [1, batch - 1]] as const) {
        const from = y + first * imageY, to = out + first * imageX
        module.winogradInputGradient(c.taps, 0, ...images(count), from, filter, to, scratch)
      }
      assert.deepStrictEqual(read(floats, out, counts.x), dx, `dx of ${what}`)
      if (inputs < 8) continue
      const dFilter = whole(
        counts.filter,
        () => module.winogradFilterGradient(c.taps, 0, ...sizes, inputs, x, y, out, scratch)
      )
      for (const [first, count] of [[0, 4], [4, inputs - 4]] as const) {
        const some = [...sizes.slice(0, 3), count, ...sizes.slice(4), inputs]
        const from = x + 4 * first, to = out + 4 * first * c.outputs
        module.winogradFilterGradient(c.taps, 0, ...some, from, y, to, scratch)
      }
      assert.deepStrictEqual(read(floats, out, counts.filter), dFilter, `dFilter of ${what}`)
    }
  })
})
