import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { build } from "vite"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** A file of a built page. */
export interface PageFile {
  readonly name: string
  readonly content: Buffer
  /** Whether the page loads it first; the others are loaded when they are needed. */
  readonly isEntry: boolean
  /** The number of bytes that a server sends, packed with gzip. */
  readonly packed: number
}

/** Builds a page of one program with Vite, minified. */
export const buildPage = async (program: string): Promise<ReadonlyArray<PageFile>> => {
  const output = await build({
    configFile: false,
    root,
    logLevel: "silent",
    resolve: {
      alias: [
        { find: /^effect-neuron\/browser$/, replacement: `${root}src/browser.ts` },
        { find: /^effect-neuron$/, replacement: `${root}src/index.ts` }
      ]
    },
    plugins: [{
      name: "program",
      resolveId: (id) => id === "program" ? `${root}program.ts` : undefined,
      load: (id) => id === `${root}program.ts` ? program : undefined
    }],
    build: { write: false, target: "es2022", rolldownOptions: { input: "program" } }
  })
  if (Array.isArray(output) || !("output" in output)) throw new Error("expected one build")
  return output.output.map((part) => {
    const content = Buffer.from(part.type === "chunk" ? part.code : part.source)
    const isEntry = part.type === "chunk" && part.isEntry
    return { name: part.fileName, content, isEntry, packed: gzipSync(content).length }
  })
}

/** Builds a page of one program into a folder, as files for a server. */
export const writePage = async (folder: string, program: string): Promise<void> => {
  const files = await buildPage(program)
  for (const { content, name } of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  const entry = files.find(({ isEntry }) => isEntry)!.name
  writeFileSync(join(folder, "index.html"), `<!doctype html><script type="module" src="/${entry}"></script>`)
}

/** What a page imports to train on the WebAssembly backend. */
export const imports = `
  import { Effect, Layer, Stream } from "effect"
  import {
    Backend, Datasets, Key, Layers, Losses, Metrics, NdArray, Optimizers, Pipeline, Train
  } from "effect-neuron"
`

/** A page that trains on MNIST, of which programs of other models differ little. */
export const trainingPage = (layers: string, backend = "Backend.layerWasm"): string =>
  `${imports}
  const model = Layers.named({ ${layers} })
  const optimizer = Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.adam(1e-3))
  const program = Effect.gen(function*() {
    const mnist = yield* Datasets.mnistFrom("/mnist/")
    const trainer = yield* Train.make(
      Train.init({ model, optimizer, input: [28, 28, 1], key: Key.make(42) }),
      Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] })
    )
    yield* mnist.train.pipe(Pipeline.batch(64), Pipeline.epochs(2), trainer.run, Stream.runForEach(Effect.log))
  })
  Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(${backend})))
`

export const dense = "flat: Layers.flatten, hidden: Layers.dense(128), relu: Layers.relu, head: Layers.dense(10)"

export const convolutional = "conv: Layers.conv2d({ filters: 32, kernelSize: 3 }), relu: Layers.relu, " +
  "pool: Layers.maxPool2d(2), flat: Layers.flatten, drop: Layers.dropout(0.25), head: Layers.dense(10)"

/** WebAssembly: the backend's own modules, of which a page loads one, and the companion's, which travel as text. */
export const isWebAssembly = ({ name }: PageFile): boolean => /\.wasm$|\/(?:relaxed|simd)-[^/]*\.js$/.test(name)
