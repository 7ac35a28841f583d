import { assert, describe, it } from "@effect/vitest"
import { nextCommands } from "../../../src/cli/init/next.ts"

const next = (place: Partial<Parameters<typeof nextCommands>[0]>) => {
  const alone = { folder: undefined, isOfModules: undefined, home: undefined, hasVite: false }
  return Object.fromEntries(nextCommands({ ...alone, ...place }, { "@tensorflow/tfjs-core": "4.22.0" }))
}

describe("what init says is next", () => {
  it("installs what its own package needs, with the bundler of the page", () => {
    assert.deepStrictEqual(Object.keys(next({})), ["install", "train", "test", "predict", "look at it"])
    assert.strictEqual(next({})["install"], "npm install")
    assert.strictEqual(next({ folder: "my folder" })["go there"], "cd 'my folder'")
  })

  it("installs into a package that is there already, and makes it one of modules", () => {
    const { first, install } = next({ isOfModules: false })
    assert.strictEqual(install, "npm install effect-neuron effect @tensorflow/tfjs-core@4.22.0 vite@8")
    assert.strictEqual(first, "npm pkg set type=module")
    assert.isUndefined(next({ isOfModules: true })["first"])
  })

  it("installs no more than what is lacking, where it is looked for", () => {
    assert.isUndefined(next({ home: ".", hasVite: true })["install"])
    assert.isUndefined(next({ home: ".", hasVite: true })["for the page"])
    assert.strictEqual(next({ home: "." })["for the page"], "npm install -D vite@8")
    assert.strictEqual(next({ home: "/me/project" })["for the page"], "npm install -D vite@8 --prefix /me/project")
  })
})
