import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { page } from "../../../../src/experiment/report/page.ts"
import { all, parse, table, text } from "../../../support/html.ts"
import { linesOf, recorded } from "../../../support/recorded.ts"
import { saysAllInWords } from "../../../support/report.ts"

const shown = (...args: Parameters<typeof recorded>) =>
  Effect.tap(parse(page(recorded(...args))), (root) => Effect.sync(() => saysAllInWords(root)))

const titles = (root: Parameters<typeof all>[0]) => all(root, "figcaption").map(text)

describe("the report of any run", () => {
  it.effect("has a chart for each number that was measured, losses first, shares in percent", () =>
    Effect.gen(function*() {
      const train = linesOf(4, (step) => ({
        ...{ reward: step - 3, top5Accuracy: step / 4, auxiliaryLoss: step, loss: 1 / step, auc: 2 * step },
        ...{
          norms: { conv1: step, conv2: 2 },
          kind: "text",
          history: [1, 2],
          always: 0,
          time: step,
          examplesPerSecond: 9
        }
      }))
      const root = yield* shown({}, { train })
      assert.deepStrictEqual(titles(root), [
        ...["Loss logarithmic scale", "Auxiliary loss logarithmic scale", "Reward", "Top5 accuracy"],
        ...["Auc logarithmic scale", "Norms.conv1 logarithmic scale", "Norms.conv2"]
      ])
      const described = all(root, "desc").map(text)
      assert.include(described[2], "Reward of the training batches from step 1, -2.0000, to step 4, 1.0000.")
      assert.include(described[3], "from step 1, 25.00 %, to step 4, 100.00 %.")
      assert.include(described[4], "from step 1, 2.0000, to step 4, 8.0000.")
      assert.include(described[5], "from step 1, 1.0000, to step 4, 4.0000.")
      const ticks = all(all(root, "svg")[3]!, "text").map(text)
      assert.includeMembers(ticks, ["20 %", "100 %"])
      assert.strictEqual(
        text(all(root, "dl")[0]!),
        "loss0.2500 at step 4auxiliary loss4.0000 at step 4steps6 batches of up to 4"
      )
    }))

  it.effect("leaves out what was not measured at a step, and what is no number", () =>
    Effect.gen(function*() {
      const train = linesOf(4, (step) => step % 2 === 0 ? { loss: step } : { loss: null, size: 100 })
      const root = yield* shown({}, { train })
      assert.include(text(all(root, "desc")[0]!), "from step 2, 2.0000, to step 4, 4.0000.")
      assert.deepStrictEqual(table(root, /stretch/).slice(1), [["1", ""], ["2", "2.0000"], ["3", ""], ["4", "4.0000"]])
      const none = yield* shown({}, { train: linesOf(2, () => ({})) })
      assert.lengthOf(all(none, "svg"), 0)
      assert.notInclude(text(none), "Training")
    }))

  it.effect("shows what was measured elsewhere in sections of its own", () =>
    Effect.gen(function*() {
      const others = {
        validation: linesOf(2, (step) => ({ loss: step, distance: 5 * step }), "validation"),
        heldOutCity: linesOf(30, (step) => ({ loss: step, accuracy: step / 30 }), "heldOutCity"),
        test: linesOf(1, () => ({ loss: 7, accuracy: 0.5, size: 12 }), "test")
      }
      const root = yield* shown({}, { train: linesOf(30, (step) => ({ loss: 31 - step })), others })
      assert.deepStrictEqual(all(root, "h2").map(text).slice(0, 3), ["Training", "Validation", "Held out city"])
      assert.deepStrictEqual(titles(root), [
        ...["Loss logarithmic scale", "Distance logarithmic scale", "Loss logarithmic scale", "Accuracy"]
      ])
      const [training, distance, , accuracy] = all(root, "desc").map(text)
      assert.include(training, "best validation 1.0000; on the test set 7.0000.")
      assert.include(distance, "from step 1, 5.0000, to step 2, 10.00.")
      assert.include(accuracy, "to step 30, 100.00 %.")
      assert.include(text(all(root, "dl")[0]!), "test accuracy50.00 % of 12 examplestest loss7.0000 of 12 examples")
      assert.lengthOf(table(root, /^20 of the 30 of heldOutCity$/), 21)
    }))

  it.effect("stays small, however long the run was", () =>
    Effect.gen(function*() {
      const train = linesOf(100_000, (step) => ({ epoch: Math.floor(step / 100), loss: 1 / step, accuracy: 0.5 }))
      const validation = linesOf(1000, (step) => ({ step: 100 * step, loss: 1 / step }), "validation")
      const written = page(recorded({}, { train, others: { validation } }))
      assert.isBelow(written.length, 100_000)
      const root = yield* parse(written)
      assert.lengthOf(table(root, /of each epoch; 50 of 1,001$/), 51)
      const many = linesOf(3, (step) => Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`m${i}`, step + i])))
      const some = yield* shown({}, { train: many })
      assert.lengthOf(all(some, "svg"), 24)
      assert.include(text(some), "24 of 60 measures are shown.")
    }))

  it.effect("begins its drawings where its lines do, when it went on from elsewhere", () =>
    Effect.gen(function*() {
      const late = (from: number) =>
        Effect.map(
          shown({}, { train: linesOf(11, (step) => ({ step: from + step, loss: step })) }),
          (root) => all(root, "path").find(({ attributes }) => attributes["class"] === "line")!.attributes["d"]!
        )
      assert.match(yield* late(1000), /^M62 .*L476 /)
      assert.match(yield* late(0), new RegExp(`^M${Math.round(10 * (62 + 414 / 11)) / 10} `))
    }))
})
