import { Key, NdArray, Random } from "effect-neuron"
import type { Train } from "effect-neuron"
import type { Sizes } from "./models.ts"

/** A task of sequences: an example is drawn of whole numbers below a limit, and its last steps are asked for. */
export interface Task extends Sizes {
  readonly time: number
  readonly draw: (below: (n: number) => number) => readonly [ids: ReadonlyArray<number>, answers: ReadonlyArray<number>]
}

const many = <A>(n: number, f: (i: number) => A): ReadonlyArray<A> => Array.from({ length: n }, (_, i) => f(i))

/** Digits of a number, the last one first. */
const digits = (n: number, count: number): ReadonlyArray<number> => many(count, (i) => Math.floor(n / 10 ** i) % 10)

export const tasks = {
  /** Whether there were so far an odd number of ones. */
  parity: {
    ...{ words: 2, classes: 2, time: 16, answers: 16 },
    draw: (below) => {
      let odd = 0
      const bits = many(16, () => below(2))
      return [bits, bits.map((bit) => odd ^= bit)]
    }
  },
  /** Four symbols, after eight steps in which there is nothing. */
  copy: {
    ...{ words: 6, classes: 4, time: 16, answers: 4 },
    draw: (below) => {
      const symbols = many(4, () => below(4))
      return [[...symbols, ...many(8, () => 4), ...many(4, () => 5)], symbols]
    }
  },
  /** The same digits in their order. */
  sorting: {
    ...{ words: 7, classes: 6, time: 10, answers: 5 },
    draw: (below) => {
      const given = many(5, () => below(6))
      return [[...given, ...many(5, () => 6)], given.toSorted((a, b) => a - b)]
    }
  },
  /** The sum of two numbers of three digits that come digit by digit, both at once, the last one first. */
  addition: {
    ...{ words: 100, classes: 10, time: 4, answers: 4 },
    draw: (below) => {
      const a = below(1000), b = below(1000), others = digits(b, 4)
      return [digits(a, 4).map((digit, i) => 10 * digit + others[i]!), digits(a + b, 4)]
    }
  }
} satisfies { readonly [name: string]: Task }

/** Batch `i` of a task, the same on every run. */
export const batchOf = ({ answers, draw, time }: Task, i: number, size = 64): Train.SupervisedBatch => {
  const next = Random.generator(Key.fold(Key.make(11), i)), below = (n: number) => Math.floor(next() * n)
  const x = new Int32Array(size * time), y = new Int32Array(size * answers)
  for (let j = 0; j < size; j++) {
    const [ids, wanted] = draw(below)
    x.set(ids, j * time)
    y.set(wanted, j * answers)
  }
  return { x: NdArray.make(x, [size, time]), y: NdArray.make(y, [size, answers]), size }
}
