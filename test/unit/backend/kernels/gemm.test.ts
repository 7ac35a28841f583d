import { assert, describe, it } from "@effect/vitest"
import { Key, Random } from "effect-neuron"
import { base64 as relaxed } from "../../../../src/backend/companion/generated/relaxed.ts"
import { base64 as simd } from "../../../../src/backend/companion/generated/simd.ts"

interface Module {
  readonly gemmScratch: (m: number, n: number, k: number) => number
  readonly gemm: (...args: ReadonlyArray<number>) => void
}

const A = 64, B = 2 ** 19, C = 2 ** 21, SCRATCH = 5 * 2 ** 19, FLOATS = 2 ** 22
const MARK = 42

const load = async (base64: string) => {
  const memory = new WebAssembly.Memory({ initial: FLOATS * 4 / 65536 })
  const { instance } = await WebAssembly.instantiate(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)), {
    env: { memory }
  })
  return { module: instance.exports as unknown as Module, floats: new Float32Array(memory.buffer) }
}

/** Sizes with every kind of remainder, and beyond the blocks of 96 rows, 1024 columns and 256 steps. */
const sizes: ReadonlyArray<readonly [m: number, n: number, k: number]> = [
  ...[1, 3, 8, 9, 15].flatMap((m) => [1, 7, 8, 10].flatMap((n) => [0, 1, 4, 6].map((k) => [m, n, k] as const))),
  ...([[97, 11, 259], [3, 1030, 5], [200, 8, 3], [0, 3, 2], [3, 0, 2], [13, 40, 513]] as const)
]

const values = Random.normal(Key.make(1), 2 ** 16)
const write = (floats: Float32Array, from: number, count: number): void => {
  for (let i = 0; i < count; i++) floats[from + i] = values[i % values.length]!
}

describe.each([["with relaxed SIMD", relaxed], ["without relaxed SIMD", simd]])("gemm, %s", (name, base64) => {
  // A stride of a transposed A of 768, a multiple of 256 from 512 on, makes it packed.
  it.each([0, 3, 600])("with rows that lie %i floats further apart, written and added", async (gap) => {
    if (base64 === relaxed && !WebAssembly.validate(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)))) return
    const { floats, module } = await load(base64)
    for (const [m, n, k] of sizes) {
      for (const [transposeA, transposeB, accumulate] of [[0, 0, 1], [1, 0, 0], [0, 1, 0], [1, 1, 1]] as const) {
        const lda = gap === 600 ? 768 : (transposeA ? m : k) + gap, ldb = (transposeB ? k : n) + gap, ldc = n + gap
        write(floats, A, (transposeA ? k : m) * lda)
        write(floats, B, (transposeB ? n : k) * ldb)
        write(floats, C, m * ldc)
        const end = SCRATCH + module.gemmScratch(m, n, k) / 4
        floats[end] = floats[C + m * ldc] = MARK
        module.gemm(transposeA, transposeB, m, n, k, 4 * A, lda, 4 * B, ldb, 4 * C, ldc, accumulate, 4 * SCRATCH)
        const what = `${name}: ${m}x${k}x${n} ${transposeA}${transposeB}`
        assert.deepStrictEqual([floats[end], floats[C + m * ldc]], [MARK, MARK], `${what}: beyond the end`)
        for (let at = 0; at < m * ldc; at++) {
          const row = Math.floor(at / ldc), column = at % ldc, inside = column < n
          let sum = inside && !accumulate ? 0 : values[at % values.length]!, scale = 1
          for (let step = inside ? k - 1 : -1; step >= 0; step--) {
            const a = floats[A + (transposeA ? step * lda + row : row * lda + step)]!
            const term = a * floats[B + (transposeB ? column * ldb + step : step * ldb + column)]!
            sum += term
            scale += Math.abs(term)
          }
          const found = floats[C + at]!
          // Each step of a sum rounds once or twice.
          if (!(Math.abs(found - sum) <= (k + 2) * 2 ** -24 * scale)) {
            assert.fail(`${what} at ${row}, ${column}: ${found} for ${sum}`)
          }
        }
      }
    }
  })
})
