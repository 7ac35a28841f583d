import { reshape } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, shapeOf } from "../backend/checks.ts"
import type { Kind } from "../core/Kind.ts"
import { format, isShape } from "../core/Shape.ts"
import { kind } from "./kind.ts"
import { make, mismatch } from "./Layer.ts"
import type { Any, Layer } from "./Layer.ts"
import { inPlaceOf, partsIn, shapeIn } from "./masked.ts"
import type { Sequence } from "./masked.ts"

/**
 * A layer for each step of a sequence, with the same parameters: from `[time, ...]` to `[time, ...]`, each step as an
 * example of its own. So a convolution goes over the frames of a video. What works along the last axis, as
 * {@link dense} does, takes `[time, features]` as it is; here it takes a sequence with a mask too, `{ x, mask }`, and
 * the mask goes on. Parameters, running state and paths are those of the layer, which takes one tensor and gives one.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const video = Layers.serial(
 *   Layers.timeDistributed(Layers.conv2d({ filters: 8, kernelSize: 3 })),
 *   Layers.timeDistributed(Layers.globalAvgPool2d),
 *   Layers.gru(16, { returns: "last" })
 * )
 * Result.getOrThrow(video.init(Key.make(0), [null, 32, 32, 3])).output // => [16]
 *
 * const steps = Layers.timeDistributed<Layers.KernelAndBias, Layers.Empty, Layers.Masked>(Layers.dense(2))
 * Result.getOrThrow(steps.init(Key.make(0), { x: [null, 3], mask: [null] })).output // => { x: [null, 2], mask: [null] }
 * ```
 */
export const timeDistributed = /* @__PURE__ */ kind("timeDistributed", {
  options: {},
  children: "one",
  perStep: true,
  given: (layer: Any) => [{}, [["", layer]]],
  make: (_, children) => stepByStep(children[0]![1])
}) as (<P, S, X extends Sequence = Tensor>(layer: Layer<P, S>) => Layer<P, S, NoInfer<X>, NoInfer<X>>) & Kind

const SEQUENCE = "[time, ...]"

const stepByStep = (layer: Any): Any =>
  make({
    name: "timeDistributed",
    multiplyAdds: (_, input, __, ofStep) => {
      const time = Result.getOrThrow(shapeIn("timeDistributed", input))[0]!
      return time === null || ofStep === null ? null : time * ofStep
    },
    init: (key, input) =>
      Result.gen(function*() {
        const [time, ...step] = yield* shapeIn("timeDistributed", input)
        if (time === undefined) return yield* mismatch("timeDistributed", SEQUENCE, [])
        const initial = yield* layer.init(key, step)
        if (!isShape(initial.output)) {
          return yield* mismatch("timeDistributed", "a layer that gives a tensor", format(initial.output))
        }
        return { ...initial, output: inPlaceOf(input, [time, ...initial.output]) }
      }),
    apply: (params, state, given: Sequence, mode) => {
      const { x } = partsIn("timeDistributed", given), [batch, time, ...step] = x.shape
      if (time === undefined) fail("timeDistributed", "x [batch, time, ...]", shapeOf(x))
      const folded = reshape(x, [batch! * time!, ...step])
      const [y, next] = layer.apply(params, state, folded, mode)
      return [inPlaceOf(given, reshape(y, [batch!, time!, ...y.shape.slice(1)])), next]
    }
  })
