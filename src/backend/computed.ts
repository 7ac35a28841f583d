import { dispose } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import type { TensorError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import { tensors } from "./Backend.ts"
import type { Backend } from "./Backend.ts"
import { read } from "./read.ts"

/** What is made of the values of the tensors that a program gives, which are disposed. */
export const computed = <N extends string, A>(
  operation: string,
  program: () => { readonly [K in N]: Tensor },
  use: (values: { readonly [K in N]: NdArray }) => A
): Effect.Effect<A, TensorError, Backend> =>
  Effect.acquireUseRelease(
    tensors(operation, program),
    (made) =>
      Effect.map(read(operation, Object.values(made)), (arrays) =>
        use(Object.fromEntries(Object.keys(made).map((name, i) => [name, arrays[i]])) as { [K in N]: NdArray })),
    (made) =>
      Effect.sync(() =>
        dispose(made)
      )
  )
