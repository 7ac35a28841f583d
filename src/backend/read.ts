import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { TensorError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import type { Backend } from "./Backend.ts"
import { currentDevice } from "./device.ts"
import type { Device } from "./device.ts"
import { explained } from "./disposed.ts"
import { numbersOf } from "./host.ts"

const arrived = async (device: Device, tensors: ReadonlyArray<Tensor>): Promise<ReadonlyArray<NdArray["data"]>> => {
  // A read from a device that is lost may never end.
  const gone = device.lost.then(() => {
    throw device.error("lost")
  })
  const read = Promise.all(tensors.map(async (tensor) => numbersOf(tensor, await tensor.data())))
  read.catch(() => {})
  gone.catch(() => {})
  try {
    const values = await Promise.race([read, gone])
    if (device.isLost()) throw device.error("lost")
    if (device.isOutOfMemory()) throw device.error("out of memory")
    return values
  } catch (cause) {
    throw device.isLost() ? device.error("lost") : cause
  }
}

/**
 * The values of tensors in host memory, which stay the caller's. A GPU goes on with its work meanwhile, and this thread
 * with other fibers; where values lie in host memory already, they are there at once. All are read together: to read
 * tensors one after the other takes a wait for each.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect } from "effect"
 * import { Backend } from "effect-neuron"
 *
 * const program = Effect.flatMap(
 *   Backend.tensors("two", () => [tf.tensor1d([1, 2]), tf.ones([1, 1])]),
 *   (two) => Backend.read("read", two)
 * )
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * // => [{ data: Float32Array.of(1, 2), shape: [2] }, { data: Float32Array.of(1), shape: [1, 1] }]
 * ```
 */
export const read = (
  operation: string,
  tensors: ReadonlyArray<Tensor>
): Effect.Effect<ReadonlyArray<NdArray>, TensorError, Backend> => readNow(operation, tensors)

/** {@link read} for those who know that there is a backend. */
export const readNow = (
  operation: string,
  tensors: ReadonlyArray<Tensor>
): Effect.Effect<ReadonlyArray<NdArray>, TensorError> =>
  Effect.suspend(() => {
    const toError = (cause: unknown) => new TensorError({ operation, cause: explained(cause) })
    const device = currentDevice()
    const values = device === undefined
      ? Effect.try({ try: () => tensors.map((x) => numbersOf(x, x.dataSync())), catch: toError })
      : Effect.tryPromise({ try: () => arrived(device, tensors), catch: toError })
    return Effect.map(values, (values) => tensors.map(({ shape }, i) => ({ data: values[i]!, shape })))
  })
