import { assert, describe, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"

const root = new URL("../../", import.meta.url)
const text = (file: string) => readFileSync(new URL(file, root), "utf8")

describe("the entries of the package", () => {
  it("are the library, its parts for one platform, and each namespace, with a source file each", () => {
    const { bin, exports } = JSON.parse(text("package.json"))
    const namespaces = text("src/index.ts").matchAll(/^export \* as (\w+) from "\.\/(.*)\.ts"$/gm)
    assert.deepStrictEqual(exports, {
      "./package.json": "./package.json",
      ".": "./dist/index.js",
      "./browser": "./dist/browser.js",
      "./node": "./dist/node.js",
      "./remote": "./dist/remote/index.js",
      "./remote/browser": "./dist/remote/browser.js",
      "./remote/node": "./dist/remote/node.js",
      ...Object.fromEntries([...namespaces].map(([, name, file]) => [`./${name}`, `./dist/${file}.js`])),
      "./wasm/*": "./wasm/*"
    })
    for (const target of Object.values<string>({ ...exports, ...bin })) {
      const source = target.replace(/^\.\/dist\/(.*)\.js$/, "src/$1.ts").replace("*", "")
      assert.isTrue(existsSync(new URL(source, root)), target)
    }
  })

  it("are installed by the line of the README, with the Node that it names", () => {
    const { engines, peerDependencies } = JSON.parse(text("package.json")), readme = text("README.md")
    assert.include(
      readme,
      `\nnpm install effect-neuron effect @tensorflow/tfjs-core@${peerDependencies["@tensorflow/tfjs-core"]}\n`
    )
    assert.include(readme, `with Node ${/^>=(\d+\.\d+)\.0$/.exec(engines.node)![1]} or newer`)
  })

  it("need one copy of Effect and of TensorFlow.js, the project's own", () => {
    const { dependencies, devDependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(text("package.json"))
    assert.hasAllKeys(peerDependencies, ["effect", "@tensorflow/tfjs-core", "vite"])
    // It bundles experiments of one's own for the page, and nothing else.
    assert.deepStrictEqual(peerDependenciesMeta, { vite: { optional: true } })
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (name.startsWith("@tensorflow/")) assert.strictEqual(version, peerDependencies["@tensorflow/tfjs-core"], name)
    }
  })
})
