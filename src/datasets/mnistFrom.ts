import { Effect } from "effect"
import { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import type { Dataset } from "./Dataset.ts"
import { layerFiles } from "./files.ts"
import type { FileSource } from "./files.ts"
import { checkPixels, idxDataset } from "./idxDataset.ts"
import type { MnistOptions } from "./mnist.ts"
import { mnistFiles, spellings, splits } from "./mnistFiles.ts"
import type { MnistFile } from "./mnistFiles.ts"

/**
 * MNIST, or a data set in the same files (Fashion-MNIST, KMNIST), in a page or a worker: from the address of a folder
 * that holds the four files as `.gz`, or from files that a user has chosen, packed or not. What is fetched stays in the
 * browser's cache, see {@link layerFiles}. `x` and `y` are those of {@link mnist}.
 *
 * Fails with a DataError if a file is missing, cannot be fetched, or is not what it should be.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Datasets } from "effect-neuron"
 *
 * const served = Datasets.mnistFrom("/data/mnist/", { pixels: "uint8" })
 * const chosen = (input: { readonly files: Iterable<File> }) => Datasets.mnistFrom(input.files)
 * const error = await Effect.runPromise(Effect.flip(chosen({ files: [new File([], "holiday.jpeg")] })))
 * error.message // => "the files: expected train-images-idx3-ubyte, plain or as .gz, found holiday.jpeg"
 * ```
 */
export const mnistFrom = (
  place: string | URL | Iterable<File>,
  options: Pick<MnistOptions, "pixels" | "inMemory"> = {}
): Effect.Effect<Dataset<NdArray, NdArray, DataError>, DataError> => {
  checkPixels("mnistFrom", options.pixels)
  return Effect.gen(function*() {
    const paths: { [F in MnistFile]?: string } = {}, sources: { [path: string]: FileSource } = {}
    const folder = typeof place === "string" || place instanceof URL ? String(place).replace(/\/?$/, "/") : undefined
    const chosen = folder === undefined ? [...place as Iterable<File>] : []
    for (const file of mnistFiles) {
      const found = folder === undefined ? chosen.find(({ name }) => spellings(file).includes(name)) : undefined
      if (folder === undefined && found === undefined) {
        return yield* new DataError({
          source: "the files",
          expected: `${file}, plain or as .gz`,
          actual: chosen.map(({ name }) => name).join(", ") || "none"
        })
      }
      const path = paths[file] = found?.name ?? `${folder}${file}.gz`
      sources[path] = found ?? path
    }
    const { inMemory = true, ...others } = options
    return yield* idxDataset({ ...splits(paths as { [F in MnistFile]: string }), ...others, inMemory }).pipe(
      Effect.provide(layerFiles(sources))
    )
  })
}
