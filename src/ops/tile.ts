import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { tileWasm } from "../backend/kernels/tile.ts"
import type { KernelSet } from "../backend/registry.ts"
import { sumTo } from "./broadcast.ts"

/** The same values several times. */
export const tiles: KernelSet = {
  gradients: [
    {
      kernelName: "Tile",
      inputsToSave: ["x"],
      gradFunc: (dy, saved, attrs) => {
        const shape = saved[0]!.shape, reps = attrs["reps"] as Array<number>
        const split = shape.flatMap((n, axis) => [reps[axis]!, n])
        return { x: () => tf.reshape(tf.sum(tf.reshape(dy as Tensor, split), shape.map((_, axis) => 2 * axis)), shape) }
      }
    },
    {
      kernelName: "BroadcastTo",
      inputsToSave: ["x"],
      gradFunc: (dy, saved) => ({ x: () => sumTo(dy as Tensor, saved[0]!.shape) })
    }
  ],
  kernels: [tileWasm]
}
