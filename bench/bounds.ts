import { main } from "assemblyscript/asc"

// What the engine reaches on this processor at best, in the vector instructions that the kernels are made of. Factors
// are arguments, because V8 builds constants anew for each use.
const source = `
export function multiply(n: i32, factor: f32, term: f32): void {
  ${Array.from({ length: 12 }, (_, i) => `let a${i} = f32x4.splat(<f32>${i})`).join("\n")}
  const x = f32x4.splat(factor), y = f32x4.splat(term)
  for (let i = 0; i < n; i++) {
    ${Array.from({ length: 12 }, (_, i) => `a${i} = f32x4.relaxed_madd(a${i}, x, y)`).join("\n")}
  }
  ${Array.from({ length: 11 }, (_, i) => `a0 = f32x4.add(a0, a${i + 1})`).join("\n")}
  v128.store(0, a0)
}
export function copy(from: usize, to: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 64) {
    v128.store(to + i, v128.load(from + i))
    v128.store(to + i, v128.load(from + i, 16), 16)
    v128.store(to + i, v128.load(from + i, 32), 32)
    v128.store(to + i, v128.load(from + i, 48), 48)
  }
}
`

interface Functions {
  readonly multiply: (n: number, factor: number, term: number) => void
  readonly copy: (from: number, to: number, bytes: number) => void
}

const PAGES = 2048, HALF = PAGES * 65536 / 2

const compiled = async (): Promise<Functions> => {
  let binary: Uint8Array<ArrayBuffer> | undefined
  const { error, stderr } = await main(
    ["bounds.ts", "--outFile", "bounds.wasm", "-O3", "--runtime", "stub", "--noAssert", "--enable", "relaxed-simd"]
      .concat(["--initialMemory", String(PAGES)]),
    {
      readFile: (name) => name === "bounds.ts" ? source : null,
      writeFile: (_, contents) => {
        if (typeof contents !== "string") binary = Uint8Array.from(contents)
      },
      listFiles: () => []
    }
  )
  if (error !== null || binary === undefined) throw error ?? new Error(stderr.toString())
  return (await WebAssembly.instantiate(binary)).instance.exports as unknown as Functions
}

/** The least time of several runs of a program, in milliseconds. */
const fastest = (program: () => void): number => {
  let best = Infinity
  for (let i = 0; i < 300; i++) {
    const start = performance.now()
    program()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

/** Floating-point operations and bytes in a nanosecond, at the most. */
export interface Bounds {
  readonly gflops: number
  /** For so many bytes read and written together: what fits a cache is faster. */
  readonly gigabytes: (bytes: number) => number
}

/**
 * Measures what bounds kernels on one thread: twelve independent chains of multiplications and additions, which touch
 * no memory, and copies from one part of memory to another.
 */
export const measureBounds = async (): Promise<Bounds> => {
  const { copy, multiply } = await compiled(), rounds = 50_000
  return {
    gflops: 12 * 4 * 2 * rounds / fastest(() => multiply(rounds, 0.999, 0.001)) / 1e6,
    gigabytes: (bytes) => {
      const half = Math.min(HALF, Math.ceil(bytes / 2 / 64) * 64), times = Math.max(1, Math.round(2 ** 22 / half))
      const ms = fastest(() => {
        for (let i = 0; i < times; i++) copy(0, HALF, half)
      })
      return 2 * half * times / ms / 1e6
    }
  }
}
