import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Backend, Layers, Metrics, NdArray } from "effect-neuron"
import { page } from "../../../../src/experiment/report/page.ts"
import { all, parse, table, text } from "../../../support/html.ts"
import { classified, linesOf, supervised } from "../../../support/recorded.ts"
import { asksForNothing, saysAllInWords } from "../../../support/report.ts"

const noteOf = (written: string) =>
  Effect.map(parse(written), (root) => {
    const note = all(root, "p").find(({ attributes }) => attributes["role"] === "note")
    return [text(note!), all(root, "table").length] as const
  })

describe("the report of a classifier", () => {
  it.effect("shows the test: matrix, scores, mistakes", () =>
    Effect.gen(function*() {
      const root = yield* parse(page(supervised(), classified))
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
      const figures = "test accuracy75.00 % 3 of 4 righttest loss0.2500 weights of step 6steps6 batches of up to 4"
      assert.strictEqual(text(all(root, "dl")[0]!), figures)
      assert.include(text(root), "The only mistake: the true class")
      const [image] = all(root, "img")
      assert.strictEqual(image!.attributes["alt"], "test image 3, a one taken for a <zero>")
      assert.strictEqual(text(all(root, "li")[0]!), "one 12.5 % taken for <zero> 87.5 % loss 2.079, example 3")
      // Without figures of the test they are those of the examples.
      assert.strictEqual(
        text(all(yield* parse(page(supervised(), { examined: classified.examined })), "dl")[0]!),
        figures
      )
    }))

  it.effect("shows the same of one logit that tells two classes apart", () =>
    Effect.gen(function*() {
      const { examined, figures } = classified, [mistake] = examined.worst
      const matrix = Metrics.confusionMatrix(
        NdArray.make([-1, -1, -1, 1], [4, 1]),
        NdArray.make(Int32Array.of(0, 0, 1, 1), [4])
      )
      const worst = [{ ...mistake!, prediction: NdArray.make([-Math.log(7)], [1]) }]
      assert.strictEqual(
        page(supervised(), { figures, examined: { ...examined, worst, matrix } }),
        page(supervised(), classified)
      )
    }))

  it.effect("shows of many classes those that are told worst, and what is mistaken most", () =>
    Effect.gen(function*() {
      const classes = 50, labels = Int32Array.from({ length: classes }, (_, i) => i)
      // Class 7 is taken for class 9, all others for themselves.
      const scores = labels.map((label) => label === 7 ? 9 : label)
      const logits = Float32Array.from({ length: classes ** 2 }, (_, i) =>
        scores[Math.floor(i / classes)] === i % classes ? 1 : 0)
      const matrix = Metrics.confusionMatrix(
        NdArray.make(logits, [classes, classes]),
        NdArray.make(labels, [classes])
      )
      const examined = { step: 6, size: classes, losses: new Float32Array(classes), worst: [], matrix }
      const root = yield* parse(page(supervised({ classes: [] }), { examined }))
      assert.deepStrictEqual(table(root, /taken for something else most often/).slice(1), [["7", "9", "1"]])
      const told = table(root, /^How well each class.*: the 40 of 50 with the lowest F1$/)
      assert.lengthOf(told, 41)
      assert.deepStrictEqual(told.slice(1, 3).map(([name, , , , , f1]) => [name, f1]), [["7", "0.0000"], [
        "9",
        "0.6667"
      ]])
    }))

  it.effect("shows the layers of the model, where the run says them", () =>
    Effect.gen(function*() {
      assert.notInclude(text(yield* parse(page(supervised(), classified))), "multiply-adds")
      const model = Layers.named({ block: Layers.serial(Layers.dense(4), Layers.relu), head: Layers.dense(2) })
      const networks = { model: yield* Layers.summary(model, [null, 3]) }
      const root = yield* parse(page(supervised({ networks }), classified))
      assert.deepStrictEqual(table(root, /^What each layer gives for one example; .* take 104 bytes$/), [
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
      const root = yield* parse(page(supervised(), classified))
      saysAllInWords(root)
      assert.lengthOf(all(root, "svg"), 2)
      assert.deepStrictEqual(all(root, "h1").map(text), ["a run"])
      assert.strictEqual(root.attributes["lang"], "en")
    }))

  it.effect("shows the means of the epochs over their examples, and the curves with the test", () =>
    Effect.gen(function*() {
      const record = supervised(), root = yield* parse(page(record, classified))
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
      const expected = record.train.map(({ accuracy, step }) => {
        const x = Math.round(10 * (62 + step / 6 * 414)) / 10,
          y = Math.round(10 * (254 - (accuracy as number) * 238)) / 10
        return `${step === 1 ? "M" : "L"}${x} ${y}`
      })
      assert.strictEqual(line.attributes["d"], expected.join(""))
      assert.deepStrictEqual(all(accuracy!, "circle").map(({ attributes: { cx, cy } }) => [cx, cy]), [["476", "75.5"]])
    }))

  it.effect("marks the best validation among the others, in the chart of what it is judged by", () =>
    Effect.gen(function*() {
      const validation = [3, 6].map((step) => ({
        split: "validation",
        step,
        size: 8,
        loss: step / 10,
        accuracy: step / 12
      }))
      const marked = (results: object) =>
        Effect.map(
          parse(page(supervised({ results: results as never }, { others: { validation } }))),
          (root) => {
            const [loss, accuracy] = all(root, "svg").map((svg) => text(all(svg, "desc")[0]!))
            return { loss, accuracy, figures: text(all(root, "dl")[0]!), rows: table(root, /of each epoch/), root }
          }
        )
      const byAccuracy = yield* marked({ best: { step: 6, value: 0.5 } })
      assert.notInclude(byAccuracy.loss, "best")
      assert.include(byAccuracy.accuracy, "best validation 50.00 %")
      assert.include(byAccuracy.figures, "best validation accuracy50.00 % at step 6")
      assert.deepStrictEqual(byAccuracy.rows.map((row) => row.slice(-2)), [
        ["validation loss", "validation accuracy"],
        ["0.3000", "25.00 %"],
        ["0.6000", "50.00 %"]
      ])
      const [, second] = all(all(byAccuracy.root, "svg")[1]!, "path").filter(({ attributes }) =>
        attributes["class"]!.startsWith("line")
      )
      assert.strictEqual(second!.attributes["d"], `M269 ${254 - 238 / 4}L476 ${254 - 238 / 2}`)
      // Of a run that does not say it, it is that of the least loss.
      const byLoss = yield* marked({})
      assert.include(byLoss.loss, "best validation 0.3000")
      assert.include(byLoss.figures, "best validation loss0.3000 at step 3")
    }))

  it.effect("says when a run did not finish, and how it goes on", () =>
    Effect.gen(function*() {
      const resume = "npx mine --resume 'runs/a run'"
      assert.deepStrictEqual(yield* noteOf(page(supervised({ state: "stopped", resume }, {}, 4))), [
        "Stopped after 4 of 6 steps. It goes on with npx mine --resume 'runs/a run'.",
        1
      ])
      assert.deepStrictEqual(yield* noteOf(page(supervised({ state: "stopped", steps: 1, step: 1 }))), [
        "Stopped after 1 of 1 step.",
        1
      ])
      assert.deepStrictEqual(
        yield* noteOf(page(supervised({ state: "failed", reason: "loss is NaN & <bad>" }, {}, 4))),
        [
          "Failed after 4 of 6 steps: loss is NaN & <bad>",
          1
        ]
      )
      const [running] = yield* noteOf(page(supervised({ state: "running", step: 0, resume })))
      assert.match(running, /^Not finished: it is still running, or it was killed and goes on with npx mine --re/)
      // A single step is a dot: a line of no length.
      assert.match(page(supervised({}, {}, 1)), /class="line" d="M[\d.]+ [\d.]+h0"/)
      assert.include(text(yield* parse(page(supervised({ state: "stopped" }, {}, 0)))), "No step was taken.")
    }))

  it.effect("counts durations from where a run of version 0.1.0 went on", () =>
    Effect.gen(function*() {
      const seconds = { train: 2, test: 61.4, total: 63.4 }, record = supervised({ seconds, resumedFrom: 3 })
      const durations = (written: string) => Effect.map(parse(written), (root) => text(all(root, "dl").at(-2)!))
      assert.strictEqual(
        yield* durations(page(record)),
        "training from step 4 on2.0 s test1 min 1 s together1 min 3 s examples per second5"
      )
      // A run whose lines say when they were written counts all of its steps.
      const train = record.train.map(({ ...line }) => Object.assign(line, { time: line.step }))
      assert.strictEqual(
        yield* durations(page({ ...record, train })),
        "training2.0 s test1 min 1 s together1 min 3 s examples per second10"
      )
    }))

  it.effect("says what a run is, what made it, and what a person has noted", () =>
    Effect.gen(function*() {
      const config = { hiddenUnits: [8, 4], name: "<x>", nested: { a: 1 } }, command = "npx mine --out 'a run'"
      const about = {
        config,
        command,
        note: "two\nlines",
        backend: "wasm",
        threads: 2,
        shapes: { x: [28, 28, 1], y: [] },
        resume: "npx mine --resume 'a run'",
        sizes: { train: 1000, validation: 0, test: 20 }
      }
      const root = yield* parse(page(supervised(about)))
      const facts = all(root, "dl").slice(1).map(text)
      assert.strictEqual(facts[0], "hidden units[8,4] name<x> nested{\"a\":1}")
      assert.strictEqual(
        facts[1],
        "experimentmine began2026-01-02 03:04 UTC backendwasm threads2 examples1,000 to train, 20 to test " +
          `input[28, 28, 1] classes<zero>, one command${command} goes on with${about.resume}`
      )
      const note = all(root, "p").find(({ attributes }) => attributes["class"] === "note")
      assert.deepStrictEqual(note!.children, ["two\nlines"])
    }))

  it.effect("escapes what is put into it, and asks for nothing else: no address, no script, no file", () =>
    Effect.gen(function*() {
      const name = "<script>alert(\"1\")</script> & 'more' \u0000"
      const train = linesOf(2, (step) => ({ [`"><script>`]: step, loss: 1 }))
      const written = page({ ...supervised({ state: "stopped", note: name }, { train }), name }, classified)
      assert.notInclude(written, "<script")
      const root = yield* parse(written)
      assert.strictEqual(text(all(root, "h1")[0]!), "<script>alert(\"1\")</script> & 'more' \ufffd")
      assert.lengthOf(all(root, "script"), 0)
      saysAllInWords(root)
      assert.lengthOf(asksForNothing(page(supervised(), classified)), 1)
    }))
})
