import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Images, NdArray } from "effect-neuron"
import type { Run } from "effect-neuron"
import { chromium as playwright } from "playwright"
import { adversarialPage as page } from "../../../../src/cli/report/adversarial/page.ts"
import type { AdversarialRecord, JudgedLine } from "../../../../src/cli/report/adversarial/record.ts"
import { violationsInAllLooks } from "../../../support/accessibility.ts"
import { chromium, chromiumArguments } from "../../../support/chromium.ts"
import { all, parse, table, text } from "../../../support/html.ts"
import { asksForNothing, saysAllInWords } from "../../../support/report.ts"

const png = Images.encodePng(NdArray.make(Uint8Array.of(0, 255, 255, 0, 0, 255), [2, 3, 1]))

const judgedAt = (step: number): JudgedLine => ({
  ...{ step, images: 8, frechetDistance: 64 / (step + 1), frechetFloor: 2.5 },
  ...{ counts: [step, 8 - step], present: step === 0 ? 1 : 2, entropy: step / 10, confidence: 0.5, asAsked: step / 8 }
})

const record = (more: Partial<AdversarialRecord> = {}, config: object = {}): AdversarialRecord => ({
  name: "a run",
  folder: "runs/a run",
  run: {
    ...{ format: 1, experiment: "mnist", kind: "adversarial", created: "", updated: "" },
    ...{ state: "finished", step: 6, steps: 6, versions: { "effect-neuron": "0.1.0" }, seconds: { train: 61.4 } },
    config: {
      ...{ dataset: "mnist", model: "mlp", loss: "wgan-gp", conditional: true, latent: 8, steps: 6, batchSize: 4 },
      ...{
        criticSteps: 2,
        generatorLearningRate: 1e-3,
        criticLearningRate: 1e-3,
        average: 0.9,
        seed: 1,
        backend: "wasm"
      },
      ...config
    }
  },
  train: Array.from({ length: 6 }, (_, i) => ({
    ...{ step: i + 1, size: 8, criticLoss: 2 - i, generatorLoss: i / 4, gradientPenalty: 1 / (i + 1) },
    ...{ realScore: i, fakeScore: -i / 2, criticGradientNorm: 1 + i, generatorGradientNorm: 2 }
  })),
  judged: [0, 4].map(judgedAt),
  pictures: [0, 6].map((step) => ({ step, png, width: 3, height: 2 })),
  drawn: 2,
  ...more
})
const plain = { judged: [], pictures: [], drawn: 0, train: [] }

describe("the report of an adversarial run", () => {
  it.effect("shows the samples as they are in their files, of how many it says", () =>
    Effect.gen(function*() {
      const root = yield* parse(page(record()))
      assert.deepStrictEqual(all(root, "li").map(text), ["step 0", "step 6"])
      for (const { attributes: { alt, height, src, width } } of all(root, "img")) {
        assert.deepStrictEqual([width, height], ["3", "2"])
        assert.deepStrictEqual(Uint8Array.from(Buffer.from(src!.split(",")[1]!, "base64")), png)
        assert.match(alt!, /^a grid of generated images, a column for each class, after step [06]$/)
      }
      assert.include(text(root), "each column of one class. step 0")
      const some = text(yield* parse(page(record({ drawn: 1300 }, { conditional: false }))))
      assert.include(
        some,
        "average of its weights. 2 of 1,300 pictures: the first, the last, and some in between. step 0"
      )
    }))

  it.effect("draws losses, scores, the gradient penalty where there is one, and gradient norms", () =>
    Effect.gen(function*() {
      const titles = (written: string) =>
        Effect.map(parse(written), (root) => all(root, "svg").map((svg) => text(all(svg, "title")[0]!)))
      assert.deepStrictEqual(yield* titles(page(record({ judged: [] }))), [
        ...["Losses", "Scores", "Gradient penalty", "Gradient norms"].map((name) => `${name} over the steps`)
      ])
      assert.deepStrictEqual(yield* titles(page(record({ judged: [] }, { loss: "hinge" }))), [
        ...["Losses", "Scores", "Gradient norms"].map((name) => `${name} over the steps`)
      ])
      const root = yield* parse(page(record({ judged: [] }))), [losses, scores] = all(root, "svg")
      assert.strictEqual(
        text(all(losses!, "desc")[0]!),
        "Losses of both networks from step 1, critic 2.0000, generator 0.0000, to step 6, critic -3.0000, generator " +
          "1.2500. every step."
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
      assert.deepStrictEqual(labels(scores).map(text), ["real", "generated"])
      // Equal ends have labels that do not cover each other.
      const equal = record({ train: [{ ...record().train[0]!, realScore: 1, fakeScore: 1 }] })
      const [, same] = all(yield* parse(page({ ...equal, judged: [] })), "svg")
      const [a, b] = labels(same).map(({ attributes }) => Number(attributes["y"]))
      assert.isAtLeast(Math.abs(a! - b!), 17)
      assert.deepStrictEqual(table(root, /stretches/).slice(0, 2), [
        [
          ...["steps", "critic loss", "generator loss", "gradient penalty", "score of real images"],
          ...["score of generated images", "critic’s gradient norm", "generator’s gradient norm"]
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
          "as asked50.0 % images of the class asked forsteps6 2 batches of 4 eachtraining time1 min 1 s with the pictures"
      )
      const judged = [0, 4].map((step) => {
        const { asAsked: _, ...line } = judgedAt(step)
        return line
      })
      const told = yield* parse(page(record({ judged }, { conditional: false })))
      assert.notInclude(text(told), "asked")
      const many = Array.from({ length: 300 }, (_, i) => ({ ...judgedAt(4), step: i }))
      assert.lengthOf(table(yield* parse(page(record({ judged: many }))), /^20 of the 300 judgments$/), 21)
    }))

  it.effect("says when a run did not finish, how it goes on, and what there is not", () =>
    Effect.gen(function*() {
      const { run } = record()
      const said = (state: Run.State, more: object = {}) =>
        Effect.map(
          parse(page(record({ ...plain, run: { ...run, state, step: 0, ...more } }))),
          (root) => [text(all(root, "p").find(({ attributes }) => attributes["role"] === "note")!), text(root)] as const
        )
      const [stopped, whole] = yield* said("stopped")
      assert.strictEqual(
        stopped,
        "Stopped after 0 of 6 steps. It goes on with effect-neuron gan train --resume 'runs/a run'."
      )
      assert.include(whole, "No picture was drawn.")
      assert.include(
        whole,
        "No classifier judged the images; effect-neuron gan evaluate 'runs/a run' --classifier RUN does"
      )
      assert.include(whole, "No step was taken.")
      assert.strictEqual(
        (yield* said("failed", { reason: "<NaN> & more" }))[0],
        "Failed after 0 of 6 steps: <NaN> & more"
      )
      assert.match(
        (yield* said("running"))[0],
        /killed and goes on with effect-neuron gan train --resume 'runs\/a run'\./
      )

      const resumed = record({ judged: [], run: { ...run, resumedFrom: 4, seconds: { train: 2 } } }, {})
      const root = yield* parse(page(resumed))
      assert.strictEqual(text(all(root, "dl").at(-1)!), "training from step 5 on2.0 s training examples per second8")
      // The drawings end where the run does, however long it was to be.
      const early = record({ judged: [], run: { ...run, state: "stopped", steps: 6000 } })
      const line = all(yield* parse(page(early)), "path").find(({ attributes }) => attributes["class"] === "line")!
      assert.match(line.attributes["d"]!, /L476 [\d.]+$/)
      assert.include(text(all(root, "dl")[0]!), "critic loss-3.0000 at step 6generator loss1.2500 at step 6")
    }))

  it.effect("can be read aloud, asks for nothing, and is escaped", () =>
    Effect.gen(function*() {
      const written = page(record({ name: "<script>&" }))
      assert.lengthOf(asksForNothing(written), 2)
      const root = yield* parse(written)
      saysAllInWords(root)
      assert.lengthOf(all(root, "svg"), 7)
      assert.deepStrictEqual(all(root, "h1").map(text), ["<script>&"])
    }))

  it.skipIf(chromium === undefined)("has nothing that an audit of accessibility finds, in light and dark", async () => {
    const browser = await playwright.launch({ executablePath: chromium!, args: chromiumArguments })
    try {
      const shown = await browser.newPage({ viewport: { width: 1280, height: 860 } })
      const { run } = record()
      for (const more of [{}, { ...plain, run: { ...run, state: "stopped" as const } }]) {
        await shown.setContent(page(record(more)))
        assert.deepStrictEqual(await violationsInAllLooks(shown), [])
        assert.isAtMost(await shown.evaluate("document.documentElement.scrollWidth"), 1280)
      }
    } finally {
      await browser.close()
    }
  })
})
