import type { ImagesAndLabels } from "./idxDataset.ts"

/** The four files, each with the SHA-256 of its unpacked data. */
export const checksums = {
  "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
  "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
  "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
}

export type MnistFile = keyof typeof checksums

export const mnistFiles = Object.keys(checksums) as ReadonlyArray<MnistFile>

/** The names under which a file is found. */
export const spellings = (file: MnistFile): ReadonlyArray<string> => {
  const dotted = file.replace("-idx", ".idx")
  return [file, `${file}.gz`, dotted, `${dotted}.gz`]
}

/** What `idxDataset` is told, given the path of each file. */
export const splits = (
  path: { readonly [F in MnistFile]: string }
):
  & { readonly name: string; readonly classes: ReadonlyArray<string> }
  & {
    readonly [S in "train" | "test"]: ImagesAndLabels
  } => ({
    name: "mnist",
    classes: Array.from("0123456789"),
    train: { images: path["train-images-idx3-ubyte"], labels: path["train-labels-idx1-ubyte"] },
    test: { images: path["t10k-images-idx3-ubyte"], labels: path["t10k-labels-idx1-ubyte"] }
  })
