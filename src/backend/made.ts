import { dispose, scalar } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Context, Effect } from "effect"
import * as Tree from "../core/Tree.ts"
import { scoped } from "./scope.ts"

/** Who is told of the tensors that tensor programs give. */
export const Made = Context.Reference<((tensors: ReadonlyArray<Tensor>) => void) | undefined>(
  "effect-neuron/backend/Made",
  { defaultValue: () => undefined }
)

/**
 * Runs `f` with the tree that an effect gives. Afterwards, however it ends, all that the effect has made is disposed,
 * what its tree does not hold too, except what `f` gives. What was there before the effect stays its owner's.
 */
export const withMade = <T extends Tree.Tree, E, R, A extends Tree.Tree, E2, R2>(
  effect: Effect.Effect<T, E, R>,
  f: (tree: T) => Effect.Effect<A, E2, R2>
): Effect.Effect<A, E | E2, R | R2> =>
  Effect.suspend(() => {
    // Identifiers count up, so that this one parts what is there from what is to come.
    const made = new Set<Tensor>(), before = scoped(() => scalar(0).id)
    const note = (tensors: ReadonlyArray<Tensor>) => {
      for (const tensor of tensors) if (tensor.id > before) made.add(tensor)
    }
    return Effect.provideService(effect, Made, note).pipe(
      Effect.tap((tree) => Effect.sync(() => note(Tree.leaves(tree)))),
      Effect.flatMap(f),
      Effect.tap((given) => Effect.sync(() => Tree.leaves(given).forEach((tensor) => made.delete(tensor)))),
      Effect.ensuring(Effect.sync(() => dispose([...made].filter(({ isDisposed }) => !isDisposed))))
    )
  })
