import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Backend, Layers, Metrics, NdArray } from "effect-neuron"
import { chromium as playwright } from "playwright"
import { supervisedPage as page } from "../../../../src/cli/report/supervised/page.ts"
import type { SupervisedRecord } from "../../../../src/cli/report/supervised/record.ts"
import type { Tested } from "../../../../src/cli/report/supervised/testModel.ts"
import { violationsInAllLooks } from "../../../support/accessibility.ts"
import { chromium, chromiumArguments } from "../../../support/chromium.ts"
import { all, parse, table, text } from "../../../support/html.ts"
import { asksForNothing, saysAllInWords } from "../../../support/report.ts"

const record = (run: Partial<SupervisedRecord["run"]> = {}, steps = 6): SupervisedRecord => ({
  name: "a run",
  folder: "runs/a run",
  run: {
    ...{ format: 1, experiment: "mnist", kind: "supervised", created: "", updated: "" },
    state: "tested",
    step: steps,
    steps: 6,
    config: {
      ...{ dataset: "mnist", model: "mlp", epochs: 2, batchSize: 4, learningRate: 0.003, seed: 42 },
      backend: "wasm"
    },
    versions: { "effect-neuron": "0.1.0", node: "v24" },
    ...run
  },
  train: Array.from({ length: steps }, (_, i) => ({
    step: i + 1,
    epoch: Math.floor(i / 3),
    // The last batch of an epoch is smaller, and counts for less.
    size: i % 3 === 2 ? 2 : 4,
    loss: 2 / (i + 1),
    accuracy: i / 8
  })),
  test: []
})

const pixels = { data: Uint8Array.of(0, 1, 2, 3), shape: [2, 2, 1] }
const tested: Tested = {
  step: 6,
  classes: ["<zero>", "one"],
  loss: 0.25,
  matrix: Metrics.confusionMatrix(
    NdArray.make([1, 0, 1, 0, 0, 1, 1, 0], [4, 2]),
    NdArray.make(Int32Array.of(0, 0, 1, 1), [4])
  ),
  mistakes: [{ index: 3, image: pixels, label: 1, predicted: 0, probabilities: [0.875, 0.125], loss: Math.log(8) }]
}

describe("the report of a run", () => {
  it.effect("shows the test: matrix, scores, mistakes", () =>
    Effect.gen(function*() {
      const root = yield* parse(page(record(), tested))
      assert.deepStrictEqual(table(root, /^4 test examples/), [
        ["true", "<zero>", "one", "accuracy"],
        ["<zero>", "2", "0", "100.00 %"],
        ["one", "1", "1", "50.00 %"]
      ])
      assert.deepStrictEqual(table(root, /How well each class/), [
        ["class", "examples", "right", "precision", "recall", "F1"],
        ["<zero>", "2", "2", "0.6667", "1.0000", "0.8000"],
        ["one", "2", "1", "1.0000", "0.5000", "0.6667"]
      ])
      assert.strictEqual(
        text(all(root, "dl")[0]!),
        "test accuracy75.00 % 3 of 4 righttest loss0.2500 weights of step 6steps6 batches of up to 4"
      )
      assert.include(text(root), "The only mistake: the true class")
      const [image] = all(root, "img")
      assert.strictEqual(image!.attributes["alt"], "test image 3, a one taken for a <zero>")
      assert.strictEqual(text(all(root, "li")[0]!), "one 12.5 % taken for <zero> 87.5 % loss 2.08, image 3")
    }))

  it.effect("shows the layers of the model, where the run says them", () =>
    Effect.gen(function*() {
      assert.notInclude(text(yield* parse(page(record(), tested))), "multiply-adds")
      const model = Layers.named({ block: Layers.serial(Layers.dense(4), Layers.relu), head: Layers.dense(2) })
      const networks = { model: yield* Layers.summary(model, [null, 3]) }
      const root = yield* parse(page(record({ networks }), tested))
      assert.deepStrictEqual(table(root, /^What each layer gives for one example; .* take 0\.1 kB$/), [
        ["layer", "kind", "output", "parameters", "multiply-adds"],
        ["block", "serial", "[?, 4]", "", ""],
        ["block.0", "dense(4)", "[?, 4]", "16", "?"],
        ["block.1", "relu", "[?, 4]", "0", "0"],
        ["head", "dense(2)", "[?, 2]", "10", "?"],
        ["total", "", "", "26", "?"]
      ])
      saysAllInWords(root)
    }).pipe(Effect.provide(Backend.layerCpu)))

  it.effect("has tables that a screen reader can read aloud, and drawings with words", () =>
    Effect.gen(function*() {
      const root = yield* parse(page(record(), tested))
      saysAllInWords(root)
      assert.lengthOf(all(root, "svg"), 2)
      assert.deepStrictEqual(all(root, "h1").map(text), ["a run"])
      assert.strictEqual(root.attributes["lang"], "en")
    }))

  it.effect("shows the means of the epochs over their examples, and the curves", () =>
    Effect.gen(function*() {
      const run = { ...record(), test: [{ step: 6, size: 4, loss: 0.25, accuracy: 0.75 }] }
      const root = yield* parse(page(run, tested))
      const mean = (a: number, b: number, c: number) => (4 * a + 4 * b + 2 * c) / 10
      assert.deepStrictEqual(table(root, /of each epoch/).slice(1), [
        ["1", "1 to 3", mean(2, 1, 2 / 3).toFixed(4), `${(100 * mean(0, 1 / 8, 2 / 8)).toFixed(2)} %`],
        ["2", "4 to 6", mean(1 / 2, 2 / 5, 1 / 3).toFixed(4), `${(100 * mean(3 / 8, 4 / 8, 5 / 8)).toFixed(2)} %`]
      ])
      const [loss, accuracy] = all(root, "svg")
      assert.strictEqual(
        text(all(loss!, "desc")[0]!),
        "Loss of the training batches from step 1, 2.0000, to step 6, 0.3333; on the test set 0.2500. every step."
      )
      // Six steps from 0 to 6 over 414 units, and shares from 0 to 1 over 238.
      const line = all(accuracy!, "path").find(({ attributes }) => attributes["class"] === "line")!
      const expected = run.train.map(({ accuracy, step }) => {
        const x = Math.round(10 * (62 + step / 6 * 414)) / 10, y = Math.round(10 * (254 - accuracy * 238)) / 10
        return `${step === 1 ? "M" : "L"}${x} ${y}`
      })
      assert.strictEqual(line.attributes["d"], expected.join(""))
      assert.deepStrictEqual(all(accuracy!, "circle").map(({ attributes: { cx, cy } }) => [cx, cy]), [["476", "75.5"]])
    }))

  it.effect("says when a run did not finish, and when it was not tested", () =>
    Effect.gen(function*() {
      const said = (run: SupervisedRecord) =>
        Effect.map(parse(page(run, undefined)), (root) => {
          const note = all(root, "p").find(({ attributes }) => attributes["role"] === "note")
          return [text(note!), text(root).includes("The weights were not tested"), all(root, "table").length] as const
        })
      assert.deepStrictEqual(yield* said(record({ state: "stopped" }, 4)), [
        "Stopped after 4 of 6 steps. It goes on with effect-neuron train --resume 'runs/a run'.",
        true,
        1
      ])
      assert.deepStrictEqual(yield* said(record({ state: "failed", reason: "loss is NaN & <bad>" }, 4)), [
        "Failed after 4 of 6 steps: loss is NaN & <bad>",
        true,
        1
      ])
      const [running] = yield* said(record({ state: "running", step: 0 }, 4))
      assert.match(
        running,
        /^Not finished: it is still running, or it was killed and goes on with effect-neuron train --re/
      )
      // A single step is a dot: a line of no length.
      assert.match(page(record({ state: "failed" }, 1), undefined), /class="line" d="M[\d.]+ [\d.]+h0"/)
      const none = yield* parse(page({ ...record({ state: "stopped" }, 0) }, undefined))
      assert.include(text(none), "No step was taken.")
    }))

  it.effect("counts durations from where the run went on", () =>
    Effect.gen(function*() {
      const seconds = { train: 2, test: 61.4, total: 63.4 }
      const root = yield* parse(page(record({ seconds, resumedFrom: 3 }), tested))
      const facts = all(root, "dl").at(-1)!
      assert.strictEqual(
        text(facts),
        "training from step 4 on2.0 s test1 min 1 s together1 min 3 s training examples per second5"
      )
      // A run whose lines say when they were written counts all of its steps.
      const timed = record({ seconds, resumedFrom: 3 }),
        train = timed.train.map((line) => ({ ...line, time: line.step }))
      assert.strictEqual(
        text(all(yield* parse(page({ ...timed, train }, tested)), "dl").at(-1)!),
        "training2.0 s test1 min 1 s together1 min 3 s training examples per second10"
      )
    }))

  it.effect("escapes what is put into it", () =>
    Effect.gen(function*() {
      const name = "<script>alert(\"1\")</script> & 'more' \u0000"
      const written = page({ ...record({ state: "stopped" }), name }, tested)
      assert.notInclude(written, "<script")
      const root = yield* parse(written)
      assert.strictEqual(text(all(root, "h1")[0]!), "<script>alert(\"1\")</script> & 'more' \ufffd")
      assert.lengthOf(all(root, "script"), 0)
    }))

  it("asks for nothing else: no address, no script, no file", () => {
    assert.lengthOf(asksForNothing(page(record(), tested)), 1)
  })

  it.skipIf(chromium === undefined)("has nothing that an audit of accessibility finds, in light and dark", async () => {
    const browser = await playwright.launch({ executablePath: chromium!, args: chromiumArguments })
    try {
      const shown = await browser.newPage({ viewport: { width: 1280, height: 860 } })
      for (const written of [page(record(), tested), page(record({ state: "failed" }, 0), undefined)]) {
        await shown.setContent(written)
        assert.deepStrictEqual(await violationsInAllLooks(shown), [])
      }
    } finally {
      await browser.close()
    }
  })
})
