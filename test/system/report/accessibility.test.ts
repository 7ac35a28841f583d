import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { NdArray } from "effect-neuron"
import { chromium as playwright } from "playwright"
import type { Browser, Page } from "playwright"
import { page } from "../../../src/experiment/report/page.ts"
import { violationsInAllLooks } from "../../support/accessibility.ts"
import { chromium, chromiumArguments } from "../../support/chromium.ts"
import {
  adversarial,
  classified,
  linesOf,
  looked,
  recorded,
  regressed,
  rows,
  supervised
} from "../../support/recorded.ts"
import { asksForNothing } from "../../support/report.ts"

const wave = NdArray.make([0, 1, 0, -1], [4, 1]), place = NdArray.make([0.5, 2], [2])
const series = { kind: "series", names: ["height"] }, point = { kind: "point", ranges: [[0, 1], [0, 2]] }
const text = { kind: "text", tokenizer: { kind: "vocabulary", tokens: ["a", "b"] } },
  tokens = NdArray.make(Int32Array.of(0, 1), [2])
const validation = linesOf(3, (step) => ({ loss: 1 / step, distance: step }), "validation")
const show = (view: object) => ({ show: { input: view, target: view } })

const pages = {
  "a classifier": page(supervised({ note: "A note", resume: "npm start", command: "npm start" }), classified),
  "a regression": page(
    recorded({ kind: "supervised", show: rows, classes: [] }, { train: validation, others: { validation } }),
    { examined: regressed }
  ),
  "a series": page(recorded(show(series)), { examined: looked(wave, wave, wave) }),
  "points": page(recorded(show(point)), { examined: looked(place, place, place) }),
  "text": page(recorded(show(text)), { examined: looked(tokens, tokens, tokens) }),
  "rows of several numbers": page(recorded(), { examined: looked(tokens, tokens, place) }),
  "a generator": page(adversarial()),
  "a failure": page(recorded({ state: "failed", reason: "loss is NaN" })),
  "another run": page(recorded({ config: { a: { b: [1] } } }, {
    train: linesOf(500, (step) => ({ reward: step, epoch: Math.floor(step / 50) })),
    others: { validation, mine: validation }
  }))
}

describe.skipIf(chromium === undefined)("reports in a browser", () => {
  let browser: Browser, shown: Page
  beforeAll(async () => {
    browser = await playwright.launch({ executablePath: chromium!, args: chromiumArguments })
    shown = await browser.newPage({ viewport: { width: 1280, height: 860 } })
  })
  afterAll(() => browser.close())

  for (const [name, written] of Object.entries(pages)) {
    it(`of ${name} have nothing that an audit of accessibility finds, and fit on a phone`, async () => {
      asksForNothing(written)
      await shown.setContent(written)
      assert.deepStrictEqual(await violationsInAllLooks(shown), [])
      await shown.setViewportSize({ width: 360, height: 780 })
      assert.isAtMost(await shown.evaluate("document.documentElement.scrollWidth"), 360)
      await shown.setViewportSize({ width: 1280, height: 860 })
    })
  }
})
