import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { page } from "../../../../src/experiment/report/page.ts"
import { all, parse, table, text } from "../../../support/html.ts"
import { adversarial as record, judgedAt, linesOf, png } from "../../../support/recorded.ts"
import { asksForNothing, saysAllInWords } from "../../../support/report.ts"

const unjudged = { others: {} }

describe("the report of an adversarial run", () => {
  it.effect("shows the samples as they are in their files, of how many it says", () =>
    Effect.gen(function*() {
      const root = yield* parse(page(record()))
      assert.deepStrictEqual(all(root, "li").map(text), ["step 0", "step 6"])
      for (const { attributes: { alt, height, src, width } } of all(root, "img")) {
        assert.deepStrictEqual([width, height], ["3", "2"])
        assert.deepStrictEqual(Uint8Array.from(Buffer.from(src!.split(",")[1]!, "base64")), png)
        assert.match(alt!, /^a grid of generated examples, a column for each class, after step [06]$/)
      }
      assert.include(text(root), "each column of one class. step 0")
      const some = text(yield* parse(page(record({ config: {} }, { drawn: 1300 }))))
      assert.include(some, "so many steps. 2 of 1,300 pictures: the first, the last, and some in between. step 0")
      assert.include(
        text(yield* parse(page(record({ kind: "other" })))),
        "What the run drew after so many steps. step 0"
      )
      assert.notInclude(text(yield* parse(page(record({}, { pictures: [] })))), "Samples")
    }))

  it.effect("draws losses, scores, the gradient penalty where there is one, and gradient norms", () =>
    Effect.gen(function*() {
      const titles = (written: string) =>
        Effect.map(parse(written), (root) => all(root, "svg").map((svg) => text(all(svg, "title")[0]!)))
      assert.deepStrictEqual(yield* titles(page(record({}, unjudged))), [
        ...["Loss", "Gradient penalty", "Score", "Gradient norm"].map((name) => `${name} over the steps`)
      ])
      const without = record().train.map(({ ...line }) => Object.assign(line, { gradientPenalty: 0 }))
      assert.deepStrictEqual(yield* titles(page(record({}, { ...unjudged, train: without }))), [
        ...["Loss", "Score", "Gradient norm"].map((name) => `${name} over the steps`)
      ])
      const root = yield* parse(page(record({}, unjudged))), [losses, , scores] = all(root, "svg")
      assert.strictEqual(
        text(all(losses!, "desc")[0]!),
        "Loss of the training batches from step 1, critic 2.0000, generator 0.0000, to step 6, critic -3.0000, " +
          "generator 1.2500. every step."
      )
      // Scores from -2.5 to 5 with a twentieth of that above and below, over 238 units from the bottom at 254.
      const top = (value: number) => Math.round(10 * (254 - 238 * (value + 2.5 + 0.375) / 8.25)) / 10
      const left = (step: number) => Math.round(10 * (62 + 414 * step / 6)) / 10
      for (const [kind, score] of [["line", (i: number) => i], ["line second", (i: number) => -i / 2]] as const) {
        const line = all(scores!, "path").find(({ attributes }) => attributes["class"] === kind)!
        const points = Array.from({ length: 6 }, (_, i) => `${left(i + 1)} ${top(score(i))}`)
        assert.strictEqual(line.attributes["d"], `M${points.join("L")}`)
      }
      const labels = (svg: typeof scores) =>
        all(svg!, "text").filter(({ attributes }) => /label/.test(attributes["class"]!))
      assert.sameMembers(labels(scores).map(text), ["real", "generated"])
      // Equal ends have labels that do not cover each other.
      const equal = record({}, { ...unjudged, train: linesOf(1, () => ({ realScore: 1, fakeScore: 1 })) })
      const [same] = all(yield* parse(page(equal)), "svg")
      const [a, b] = labels(same).map(({ attributes }) => Number(attributes["y"]))
      assert.isAtLeast(Math.abs(a! - b!), 17)
      assert.deepStrictEqual(table(root, /stretch of the training/).slice(0, 2), [
        [
          ...["steps", "critic loss", "generator loss", "gradient penalty", "real score"],
          ...["fake score", "critic gradient norm", "generator gradient norm"]
        ],
        ["1", "2.0000", "0.0000", "1.0000", "0.0000", "0.0000", "1.0000", "2.0000"]
      ])
    }))

  it.effect("shows the judgments, beside what real images get", () =>
    Effect.gen(function*() {
      const root = yield* parse(page(record())), [distance, classes, asAsked] = all(root, "svg")
      assert.strictEqual(
        text(all(distance!, "desc")[0]!),
        "Fréchet distance of generated images from step 0, 64.00, to step 4, 12.80; real images 2.50. every judgment."
      )
      assert.include(text(all(classes!, "desc")[0]!), "from step 0, 1, to step 4, 2.")
      assert.include(text(all(asAsked!, "desc")[0]!), "from step 0, 0.0 %, to step 4, 50.0 %.")
      assert.lengthOf(all(distance!, "circle"), 2)
      assert.deepStrictEqual(table(root, /^The 8 images after step 4 by class; entropy 0\.400, at most 0\.693$/), [
        ["class", "0", "1"],
        ["images", "4", "4"]
      ])
      assert.deepStrictEqual(table(root, /each step at which it looked/), [
        ["step", "Fréchet distance", "classes", "entropy", "confidence", "as asked"],
        ["0", "64.00", "1", "0.000", "0.500", "0.0 %"],
        ["4", "12.80", "2", "0.400", "0.500", "50.0 %"]
      ])
      assert.strictEqual(
        text(all(root, "dl")[0]!),
        "Fréchet distance12.80 real images 2.50, step 4classes drawn2 of 2 confidence 0.500" +
          "as asked50.0 % images of the class asked forsteps6 batches of up to 8training time1 min 1 s 1 examples/s"
      )
      assert.include(text(yield* parse(page(record({ classes: ["cat", "dog"] })))), "classcatdog images44")
      const of = (judged: ReadonlyArray<object>) => parse(page(record({}, { others: { judged } as never })))
      const told = yield* of([0, 4].map((step) => {
        const { asAsked: _, ...line } = judgedAt(step)
        return line
      }))
      assert.notInclude(text(told), "asked")
      const many = Array.from({ length: 300 }, (_, i) => Object.assign(judgedAt(4), { step: i }))
      assert.lengthOf(table(yield* of(many), /^20 of the 300 judgments$/), 21)
    }))

  it.effect("says when it did not finish, and how it goes on; its drawings end where it does", () =>
    Effect.gen(function*() {
      const resume = "effect-neuron gan train --resume 'runs/a run'"
      const stopped = yield* parse(page(record({ state: "stopped", step: 0, resume }, { ...unjudged, train: [] })))
      assert.strictEqual(
        text(all(stopped, "p").find(({ attributes }) => attributes["role"] === "note")!),
        `Stopped after 0 of 6 steps. It goes on with ${resume}.`
      )
      assert.include(text(stopped), "No step was taken.")
      assert.notInclude(text(stopped), "Judgment")

      const resumed = { resumedFrom: 4, seconds: { train: 2 } }, root = yield* parse(page(record(resumed, unjudged)))
      assert.strictEqual(text(all(root, "dl").at(-2)!), "training from step 5 on2.0 s examples per second8")
      assert.include(text(all(root, "dl")[0]!), "critic loss-3.0000 at step 6generator loss1.2500 at step 6")
      const early = yield* parse(page(record({ state: "stopped", steps: 6000 }, unjudged)))
      const line = all(early, "path").find(({ attributes }) => attributes["class"] === "line")!
      assert.match(line.attributes["d"]!, /L476 [\d.]+$/)
      assert.include(text(all(early, "dl")[0]!), "steps6 of 6,000")
    }))

  it.effect("can be read aloud, asks for nothing, and is escaped", () =>
    Effect.gen(function*() {
      const written = page(record({}, { name: "<script>&" }))
      assert.lengthOf(asksForNothing(written), 2)
      const root = yield* parse(written)
      saysAllInWords(root)
      assert.lengthOf(all(root, "svg"), 7)
      assert.deepStrictEqual(all(root, "h1").map(text), ["<script>&"])
    }))
})
