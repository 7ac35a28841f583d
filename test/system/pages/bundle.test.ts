import { assert, describe, it } from "@effect/vitest"
import { relative } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const root = fileURLToPath(new URL("../../..", import.meta.url))

/** Bundles a program for the browser, dependencies included: what is left of each module, and what it imports still. */
const bundle = async (program: string) => {
  const build = await rolldown({
    cwd: root,
    input: "program",
    platform: "browser",
    resolve: {
      alias: {
        "effect-neuron/browser": `${root}src/browser.ts`,
        "effect-neuron/remote/browser": `${root}src/remote/browser.ts`,
        "effect-neuron/remote": `${root}src/remote/index.ts`,
        "effect-neuron/node": `${root}src/node.ts`,
        "effect-neuron": `${root}src/index.ts`
      }
    },
    logLevel: "silent",
    plugins: [{
      name: "program",
      // Without filters it asks for every module of the bundle.
      resolveId: { filter: { id: /^program$/ }, handler: () => `${root}program.ts` },
      load: { filter: { id: /[/\\]program\.ts$/ }, handler: (id) => id === `${root}program.ts` ? program : undefined }
    }]
  })
  try {
    const { output } = await build.generate({ format: "esm" })
    const chunks = output.filter((part) => part.type === "chunk")
    const files = new Set(chunks.map(({ fileName }) => fileName))
    return {
      modules: chunks.flatMap(({ modules }) =>
        Object.entries(modules).filter(([, { renderedLength }]) => renderedLength > 0)
          .map(([id]) => relative(root, id).replaceAll("\\", "/"))
      ),
      externals: chunks.flatMap(({ dynamicImports, imports }) => [...imports, ...dynamicImports])
        .filter((file) => !files.has(file)),
      /** What is loaded with the program, and not when it asks for it. */
      atOnce: chunks.filter(({ isEntry }) => isEntry).flatMap(({ moduleIds }) =>
        moduleIds.map((id) => relative(root, id).replaceAll("\\", "/"))
      ),
      nodeImports: chunks.flatMap(({ code }) => code.match(/(?:\bfrom|\bimport|\brequire)[ (]*["']node:[^"']*/g) ?? [])
    }
  } finally {
    await build.close()
  }
}

const training = (layers: string) => `
  import { Effect, Stream } from "effect"
  import { Backend, Key, Layers, Losses, Metrics, NdArray, Optimizers, Pipeline, Train } from "effect-neuron"

  const model = Layers.named({ ${layers} })
  const optimizer = Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.adam(1e-3))
  const program = Effect.gen(function*() {
    const trainer = yield* Train.make(
      Train.init({ model, optimizer, input: [2, 2, 1], key: Key.make(42) }),
      Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] })
    )
    yield* Stream.make({ x: NdArray.make([1, 2, 3, 4], [2, 2, 1]), y: NdArray.make(Int32Array.of(0), []) }).pipe(
      Pipeline.batch(1),
      Pipeline.epochs(2),
      trainer.run,
      Stream.runDrain
    )
  })
  Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
`

const ofImages = /^src\/(?:(?:backend|ops)\/.*(?:convolution|pooling)|layers\/(?:conv2d|pooling))/

describe("bundles for the browser", () => {
  it("hold of the library what the program uses: no convolution in one of dense layers", async () => {
    const [dense, convolutional] = await Promise.all([
      bundle(training(`flat: Layers.flatten, hidden: Layers.dense(8), relu: Layers.relu, head: Layers.dense(2)`)),
      bundle(
        training(`conv: Layers.conv2d({ filters: 8, kernelSize: 3 }), pool: Layers.maxPool2d(2), flat: Layers.flatten`)
      )
    ])
    assert.include(dense.modules, "src/layers/dense.ts")
    assert.deepStrictEqual(
      dense.modules.filter((id) => ofImages.test(id) || /^src\/(?:cli|datasets|formats|checkpoint)/.test(id)),
      []
    )
    assert.notInclude(dense.modules.join("\n"), "effect/dist/SchemaAST")
    assert.include(convolutional.modules, "src/ops/convolution.ts")
    assert.include(convolutional.modules, "src/backend/kernels/pooling.ts")
    assert.notInclude(convolutional.modules, "src/layers/dense.ts")
  })

  it("hold no linear algebra and no PNG encoder unless the program asks for them", async () => {
    const heavy = ({ modules }: { readonly modules: ReadonlyArray<string> }) =>
      ["ml-matrix", "fast-png", "@jsquash/jpeg"].filter((name) =>
        modules.some((id) => id.includes(`node_modules/${name}/`))
      )
    const use = (values: string) => bundle(`import { Images, Metrics } from "effect-neuron"; console.log(${values})`)
    const [light, frechet, png] = await Promise.all([
      use("Metrics.accuracy, Metrics.perEpoch, Metrics.wassersteinDistance, Metrics.throughput, Images.grid"),
      use("Metrics.frechetDistance"),
      use("Images.encodePng")
    ])
    assert.deepStrictEqual(heavy(light), [])
    assert.deepStrictEqual(heavy(frechet), ["ml-matrix"])
    assert.deepStrictEqual(heavy(png), ["fast-png"])
  })

  it("hold the report of a run where they record one, and load it when the run has ended", async () => {
    const { atOnce, modules } = await bundle(`import { Run } from "effect-neuron"; console.log(Run.record)`)
    const reports = (ids: ReadonlyArray<string>) => ids.filter((id) => id.startsWith("src/experiment/report/"))
    assert.include(reports(modules), "src/experiment/report/page.ts")
    assert.include(atOnce, "src/experiment/run/record.ts")
    assert.deepStrictEqual(reports(atOnce), [])
  })

  it("of a page that trains in a worker hold no tensor code, and those of its worker nothing of Node", async () => {
    const define = `
      import { Effect, Layer, Schema } from "effect"
      import * as Remote from "effect-neuron/remote"
      import * as RemoteBrowser from "effect-neuron/remote/browser"
      const Line = Remote.define({ config: Schema.Struct({ learningRate: Schema.Number }) })
    `
    const [page, worker] = await Promise.all([
      bundle(`${define}
        const training = Effect.flatMap(Remote.connect(Line), (client) => client.start({ learningRate: 0.1 }))
        Effect.runFork(training.pipe(Effect.scoped, Effect.provide(RemoteBrowser.layerWorker(() => new Worker("w.js")))))
      `),
      bundle(`${define}
        import { Backend } from "effect-neuron"
        const server = Remote.layer(Line, () => Effect.die("a test"))
        Effect.runFork(Layer.launch(server.pipe(Layer.provide([RemoteBrowser.layerRunner, Backend.layerWasm]))))
      `)
    ])
    assert.include(page.modules, "src/remote/client.ts")
    assert.deepStrictEqual(
      page.modules.filter((id) => /tensorflow|^src\/(?:backend|layers|train|optimizers)/.test(id)),
      []
    )
    assert.include(worker.modules, "src/remote/server.ts")
    assert.notInclude(worker.modules, "src/remote/client.ts")
    for (const { externals, modules, nodeImports } of [page, worker]) {
      assert.deepStrictEqual([externals, nodeImports], [[], []])
      assert.deepStrictEqual(modules.filter((id) => id.includes("@effect/platform-node")), [])
    }
  })

  it("take the whole library, and nothing of Node with it", async () => {
    const { externals, modules, nodeImports } = await bundle(`export * from "effect-neuron"`)
    assert.include(modules, "src/datasets/mnist.ts")
    assert.include(modules, "src/backend/webgpu.ts")
    assert.deepStrictEqual(externals, [])
    assert.deepStrictEqual(nodeImports, [])
    // `Errors` has the errors of every entry point.
    const others = modules.filter((id) => /@effect\/platform-node|^src\/(?:cli|node|remote)\b/.test(id))
    assert.deepStrictEqual(others, ["src/remote/errors.ts"])
  })

  it("take what is of browsers without Node, and without TensorFlow.js", async () => {
    const { externals, modules, nodeImports } = await bundle(`export * from "effect-neuron/browser"`)
    assert.deepStrictEqual([externals, nodeImports, modules.filter((id) => id.includes("@tensorflow"))], [[], [], []])
  })

  it("show what is of Node, in its own entry", async () => {
    const { externals, modules } = await bundle(`export * from "effect-neuron/node"`)
    assert.include(modules, "src/cli/command.ts")
    assert.isTrue(externals.some((id) => id.startsWith("node:")), `imports ${externals.join(", ")}`)
  })
})
