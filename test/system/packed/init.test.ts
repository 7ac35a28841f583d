import { assert, describe, inject, it } from "@effect/vitest"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { run } from "../../support/run.ts"

const consumer = inject("consumer")
const main = join(consumer, "node_modules", "effect-neuron", "dist", "cli", "main.js")
const cli = (folder: string, ...args: ReadonlyArray<string>) => run(folder, process.execPath, main, ...args)

describe("init", () => {
  it("writes an experiment that trains, predicts and passes its test, and leaves what is there alone", async () => {
    const said = await cli(consumer, "init", "My Circle"), folder = join(consumer, "My Circle")
    assert.match(said, /^wrote experiment\.ts, experiment\.test\.ts, points\.csv, package\.json to My Circle\n/)
    assert.include(said, "cd 'My Circle'")
    const { dependencies, devDependencies, name } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
    assert.strictEqual(name, "my-circle")
    assert.hasAllKeys(dependencies, ["@tensorflow/tfjs-core", "effect", "effect-neuron"])
    assert.hasAllKeys(devDependencies, ["vite"])
    // All of it is found in the folder above.
    assert.notInclude(said, "npm install")

    const trained = await cli(folder, "train", "experiment.ts", "--hidden", "8", "--epochs", "2", "--out", "run")
    assert.match(trained, /test accuracy \d+\.\d\d %/)
    assert.isTrue(existsSync(join(folder, "run", "report.html")))
    assert.match(await cli(folder, "predict", "run", "points.csv"), /points\.csv:3: (inside|outside) {2}\(/)
    assert.match(await run(folder, process.execPath, "--test"), /pass 1\n/)

    const before = readFileSync(join(folder, "experiment.ts"), "utf8")
    const refused = await cli(consumer, "init", "My Circle").catch((error: Error) => error.message)
    assert.match(String(refused), /My Circle.experiment\.ts is there already: choose another folder\n/)
    assert.strictEqual(readFileSync(join(folder, "experiment.ts"), "utf8"), before)
  })
})
