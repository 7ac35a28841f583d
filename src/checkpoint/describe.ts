import { Result } from "effect"
import { dual } from "effect/Function"
import { join } from "../core/structure.ts"
import type * as Tree from "../core/Tree.ts"
import { describe as describeLayer } from "../layers/description.ts"
import type { Any, Layer } from "../layers/Layer.ts"
import type { Metadata } from "./format.ts"

// The names in the metadata, behind the path of the part whose model they are of.
export const DESCRIPTION = "model", INPUT = "model.input", UNDESCRIBED = "model.undescribed"

/** Which model is meant, of a state that has several. */
export interface PartOptions {
  /**
   * Where in the state `params` and `state` of the model are: `generator`, `critic` in that of adversarial training. By
   * default `""`, the state itself.
   */
  readonly at?: string
}

/** What a model takes, beside it in a file. */
export interface DescribeOptions<X extends Tree.Tree> extends PartOptions {
  /** The shape of one example, without the batch dimension, as for `Train.init`. */
  readonly input: Tree.ShapeOf<X>
}

/**
 * Metadata with which a checkpoint says of what model its weights are, so that {@link model} makes both of the file
 * alone: the description of the model (`Layers.describe`) and the shape of one example, as JSON. For the `metadata` of
 * `save`, `every`, `best` and `keep`.
 *
 * A model with a layer that is of no kind is saved as any other. In place of the description the file says which layer
 * it is, and {@link model} fails with that.
 *
 * @example
 * ```ts
 * import { Checkpoint, Layers } from "effect-neuron"
 *
 * const model = Layers.serial(Layers.dense(4), Layers.relu)
 * Checkpoint.describe(model, { input: [2] })["model.input"] // => "[2]"
 * const own = Layers.activation("own", (x) => x)
 * Checkpoint.describe(own, { input: [2] })["model.undescribed"]
 * // => "description: expected a layer of a kind, found \"own\", which is of none"
 * ```
 */
export const describe: {
  <P, S, X extends Tree.Tree, Y extends Tree.Tree>(model: Layer<P, S, X, Y>, options: DescribeOptions<X>): Metadata
  <X extends Tree.Tree>(
    options: DescribeOptions<X>
  ): <P, S, Y extends Tree.Tree>(model: Layer<P, S, X, Y>) => Metadata
} = /* @__PURE__ */ dual(
  2,
  (model: Any, { at = "", input }: DescribeOptions<Tree.Tree>): Metadata =>
    Result.match(describeLayer(model), {
      onFailure: ({ message }) => ({ [join(at, UNDESCRIBED)]: message }),
      onSuccess: (description) => ({
        [join(at, DESCRIPTION)]: JSON.stringify(description),
        [join(at, INPUT)]: JSON.stringify(input)
      })
    })
)
