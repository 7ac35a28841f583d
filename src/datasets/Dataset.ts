import type { Stream } from "effect"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import type { ShapeOf } from "../core/Tree.ts"
import type { Tokenizer } from "../text/Tokenizer.ts"

/** One example of supervised learning: what a model is given and what it should answer. */
export type SupervisedExample<X extends HostTree = NdArray, Y extends HostTree = NdArray> = {
  readonly x: X
  readonly y: Y
}

/** The two parts that each data set has: what a model learns from, and what it has never seen. */
export type Split = "train" | "test"

/** Examples to train with and examples to test with, as streams that can be run any number of times. */
export interface Dataset<X extends HostTree = NdArray, Y extends HostTree = NdArray, E = never, R = never> {
  readonly name: string
  /** The shapes of one example. */
  readonly shapes: { readonly x: ShapeOf<X>; readonly y: ShapeOf<Y> }
  /** What the class indices in `y` mean; empty where `y` is no class index. */
  readonly classes: ReadonlyArray<string>
  /** What the token indices in `x`, or in `y`, mean; absent where there are none. */
  readonly tokenizer?: Tokenizer
  /** How many examples each stream has. */
  readonly sizes: { readonly train: number; readonly validation?: number; readonly test: number }
  readonly train: Stream.Stream<SupervisedExample<X, Y>, E, R>
  readonly test: Stream.Stream<SupervisedExample<X, Y>, E, R>
  /** Examples to validate with; where they are absent, some of those to train with are held out for it. */
  readonly validation?: Stream.Stream<SupervisedExample<X, Y>, E, R>
}
