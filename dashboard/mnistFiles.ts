import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { gunzip } from "node:zlib"

const files = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte"
] as const

const unpack = promisify(gunzip)

/** One of the four MNIST files, unpacked; `undefined` for other names and where there is none. */
export const mnistFile = async (directory: string | undefined, name: string): Promise<Uint8Array | undefined> => {
  const known = files.find((file) => file === name)
  if (directory === undefined || known === undefined) return undefined
  for (const spelling of [known, known.replace("-idx", ".idx")]) {
    try {
      return await readFile(join(directory, spelling))
    } catch {
      try {
        return await unpack(await readFile(join(directory, `${spelling}.gz`)))
      } catch {
        continue
      }
    }
  }
  return undefined
}

/** Whether all four files are there. */
export const hasMnist = async (directory: string | undefined): Promise<boolean> => {
  const found = await Promise.all(files.map((name) => mnistFile(directory, name)))
  return found.every((bytes) => bytes !== undefined)
}
