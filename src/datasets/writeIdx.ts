import { Effect, Stream } from "effect"
import type { FileSystem, Path } from "effect"
import { DataError } from "../core/errors.ts"
import { writeBytes } from "../core/files.ts"
import { elementType, problemOf } from "../core/hostArray.ts"
import { isNdArray } from "../core/NdArray.ts"
import type { Data, NdArray } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"
import { gzip } from "./gzip.ts"
import { formats } from "./idxFormat.ts"

const elementsAtOnce = 64 * 1024

const encode = (data: Data): Uint8Array => {
  if (data instanceof Uint8Array) return data
  const view = new DataView(new ArrayBuffer(4 * data.length))
  const isFloat = data instanceof Float32Array
  for (let i = 0; i < data.length; i++) {
    if (isFloat) view.setFloat32(4 * i, data[i]!)
    else view.setInt32(4 * i, data[i]!)
  }
  return new Uint8Array(view.buffer)
}

const header = ({ data, shape }: NdArray): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 + 4 * shape.length))
  view.setUint8(2, formats[elementType(data)!].code)
  view.setUint8(3, shape.length)
  for (let i = 0; i < shape.length; i++) view.setUint32(4 + 4 * i, shape[i]!)
  return new Uint8Array(view.buffer)
}

/**
 * Writes an array as an IDX file, its first dimension counting the items; with `gzip`, packed. The file appears when it
 * is whole.
 *
 * Fails with a DataError if the array is none that IDX can hold, or if the file cannot be written.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem } from "effect"
 * import { Datasets, NdArray } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem
 *   const path = `${yield* files.makeTempDirectoryScoped()}/labels.gz`
 *   yield* Datasets.writeIdx(path, NdArray.make(Uint8Array.of(7, 2, 1), [3]), { gzip: true })
 *   return yield* Datasets.idxHeader(path)
 * })
 * const header = await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
 * header // => { type: "uint8", shape: [3] }
 * ```
 */
export const writeIdx = (
  path: string,
  array: NdArray,
  options: { readonly gzip?: boolean } = {}
): Effect.Effect<void, DataError, FileSystem.FileSystem | Path.Path> => {
  const { data, shape } = array
  const isWritable = isNdArray(array) && shape.length >= 1 && shape.length <= 255 && shape.slice(1).every((n) => n >= 1)
  if (!isWritable) {
    return Effect.fail(
      new DataError({
        source: path,
        expected: "an array of 1 to 255 dimensions, none but the first of which may be 0",
        actual: problemOf(array) ?? `${data.length} values of the shape ${format(shape)}`
      })
    )
  }
  const pieces = Stream.range(0, Math.ceil(data.length / elementsAtOnce) - 1).pipe(
    Stream.rechunk(1),
    Stream.map((i) => encode(data.subarray(i * elementsAtOnce, (i + 1) * elementsAtOnce)))
  )
  const bytes = Stream.concat(Stream.succeed(header(array)), pieces)
  return options.gzip === true ? writeBytes(path, gzip(path)(bytes)) : writeBytes(path, bytes)
}
