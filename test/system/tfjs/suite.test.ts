import { assert, describe, it } from "@effect/vitest"
import { fork } from "node:child_process"
import { mkdtempSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"
import { afterAll, beforeAll } from "vitest"
import type { Outcome } from "./suite/main.ts"

const wasmPackage = fileURLToPath(new URL("../../../node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url))

const temporary = mkdtempSync(join(tmpdir(), "effect-neuron-tfjs-"))
afterAll(() => rmSync(temporary, { recursive: true, force: true }))
const program = join(temporary, "suite.cjs")

beforeAll(async () => {
  // Jasmine is not bundled, because it looks for its own files.
  symlinkSync(
    fileURLToPath(new URL("../../../node_modules", import.meta.url)),
    join(temporary, "node_modules"),
    "junction"
  )
  const build = await rolldown({
    input: fileURLToPath(new URL("./suite/main.ts", import.meta.url)),
    platform: "node",
    external: /^jasmine-core/,
    // The packages say that their tests have no side effects, and a test is nothing else.
    treeshake: false,
    resolve: {
      // The tests import the modules of `tfjs-core` one by one; everything has to stand on the same ones.
      mainFields: ["module", "main"],
      alias: { "@tensorflow/tfjs-backend-wasm": join(wasmPackage, "tf-backend-wasm.fesm.js") }
    },
    logLevel: "silent"
  })
  try {
    // CommonJS, because the backend asks for its folder as modules of CommonJS do.
    await build.write({ file: program, format: "cjs", codeSplitting: false })
  } finally {
    await build.close()
  }
})

type Kernels = "stock" | "ours" | "ours, with companion"

/** Runs the suite in a process of its own; the failures by name, with "#2" behind a name that comes a second time. */
const run = (backend: string, kernels: Kernels): Promise<ReadonlyMap<string, string | null>> =>
  new Promise((resolve, reject) => {
    const child = fork(program, [backend, kernels, wasmPackage], {
      cwd: temporary,
      execArgv: [],
      silent: true,
      timeout: 580_000
    })
    const results = new Map<string, string | null>()
    let printed = ""
    child.stdout!.resume()
    child.stderr!.on("data", (data) => printed += data)
    child.on("error", reject)
    child.on("message", (outcomes: ReadonlyArray<Outcome>) => {
      const counts = new Map<string, number>()
      for (const [fullName, failure] of outcomes) {
        const name = fullName.replace(` ${backend} {} `, ": "), count = (counts.get(name) ?? 0) + 1
        counts.set(name, count)
        results.set(count === 1 ? name : `${name} #${count}`, failure)
      }
    })
    child.on("close", () => results.size > 0 ? resolve(results) : reject(new Error(printed)))
  })

const passed = (results: ReadonlyMap<string, string | null>): ReadonlyArray<string> =>
  [...results].flatMap(([name, failure]) => failure === null ? [name] : [])

/** What passes with the stock kernels and gradients, and not with ours. */
const exceptions = [
  // Average pooling leaves the padding out of its mean, but its stock gradient divides by the whole window.
  "avgPool: gradient x=[3,3,1] f=[3,3] s=1 p=explicit",
  // The stock gradients refuse what is dilated, and leave out what was mirrored.
  ...["depthwiseConv2d gradients: throws error on dilations > 1", "mirrorPad: grad", "mirrorPad: gradient with clones"],
  // The test takes the logical AND as an operation without a gradient. Ours is 0, so that masks can be computed inside
  // a loss.
  "gradients: errors if relevant ops are missing grads",
  // The stock gradient gives each of several largest elements all of it. They share it here: along (1, 1) the slope of
  // max(x, y) is 1, and not 2.
  ...["max", "min"].flatMap((name) =>
    [
      "1D, ties",
      "ties, 2D, axes=-1, keepDims=false",
      "ties, 3D, axes=[1, 2], keepDims=false",
      "ties, 4D, axes=[1, 2, 3], keepDims=false",
      "ties, 4D, axes=[2, 3], keepDims=true"
    ].map((which) => `${name}: ${name} gradient: ${which}`)
  ),
  // So do the operands of a maximum or minimum that tie; the stock gradient gives the first all of it.
  ...["maximum", "minimum"].flatMap((name) => ["1D", "2D"].map((rank) => `${name}: gradients: Tensor${rank}`))
]

// Einstein summation says in other words what it refuses, and refuses less; the wasm backend has none of its own.
const einsumExceptions = [
  "2d matrix calculate trace: duplicate axes not implemented yet",
  "incorrect equation throws error",
  "incorrect number of tensors throws error",
  "mismatched dimensions throws error",
  "more than two input tensors throws error",
  "nonexistent dimension throws error",
  "two arrows in equation throws error"
].map((which) => `einsum: ${which}`)

// A maximum of numbers of which one is NaN is NaN, as IEEE 754 says; the stock kernel skips it.
// The test allows e^10 half a unit in the last place, by an absolute 0.001; ours is 0.7 of one off, and nowhere a whole one.
const companionExceptions = ["maxPool: [x=[3,3,1] f=[2,2] s=1 ignores NaNs", "exp: int32"]

describe("the test suite of TensorFlow.js", () => {
  for (
    const { backend, kernels, stockPasses } of [
      { backend: "wasm", stockPasses: 3891, kernels: ["ours", "ours, with companion"] },
      { backend: "cpu", stockPasses: 4227, kernels: ["ours"] }
    ] as const
  ) {
    it(`passes on ${backend} as with the stock kernels and gradients`, async ({ annotate }) => {
      const [stock, ...all] = await Promise.all([run(backend, "stock"), ...kernels.map((which) => run(backend, which))])
      const before = passed(stock!)
      // A few tests depend on the version of Node; many missing would mean that the suite did not run.
      assert.isAtLeast(before.length, stockPasses - 20)

      for (const [i, results] of all.entries()) {
        const now = passed(results), which = `${kernels[i]} on ${backend}`
        await annotate(`${which}: ${now.length} of ${results.size} pass; stock: ${before.length}`)
        assert.deepStrictEqual([...results.keys()], [...stock!.keys()], which)
        const lost = before.filter((name) => results.get(name) !== null)
        const expected = [
          ...exceptions,
          ...backend === "cpu" ? einsumExceptions : [],
          ...kernels[i] === "ours, with companion" ? companionExceptions : []
        ]
        assert.deepStrictEqual(lost.toSorted(), expected.toSorted(), which)
        if (backend === "wasm") assert.isAtLeast(now.length, before.length, which)

        // What the backend cannot do for want of a kernel that training needs.
        const wanting = (kernel: string) =>
          [...stock!].filter(([, failure]) => failure?.includes(`Kernel '${kernel}' not registered`))
            .map(([name]) => name)
        const gained = [
          ...wanting("Conv2DBackpropFilter"),
          ...wanting("UnsortedSegmentSum").filter((name) => !name.startsWith("unsortedSegmentSum"))
        ]
        assert.lengthOf(gained, backend === "wasm" ? 34 : 0)
        assert.deepStrictEqual(gained.filter((name) => results.get(name) !== null), [], which)
      }
    }, 600_000)
  }
})
