import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, assert, describe, it } from "vitest"
import { violationsInAllLooks } from "../../support/accessibility.ts"
import { chromium } from "../../support/chromium.ts"
import { reason, sharedDashboard, sharedTab, until } from "../../support/dashboardPage.ts"

const spirals = fileURLToPath(new URL("../../../examples/spirals.ts", import.meta.url))

/** Straight lines of three numbers, of which one does not matter: a regression on rows. */
const prices = `
import { Schema } from "effect"
import { Datasets, Experiment, Key, Layers, Losses, Random } from "effect-neuron"

const example = (split, i) => {
  const x = Random.uniform(Key.fold(Key.make(split === "train" ? 1 : 2), i), 3)
  return { x: { data: x, shape: [3] }, y: { data: Float32Array.of(10 + 20 * x[0] - 5 * x[1]), shape: [1] } }
}

export const prices = Experiment.supervised({
  name: "prices",
  description: "What a house costs",
  config: Schema.Struct({
    ...Experiment.options({ epochs: 1000, learningRate: 0.05 }),
    hidden: Experiment.option(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 64 })), 0, "Hidden units"),
    isNoisy: Experiment.option(Schema.Boolean, false, "Noise")
  }),
  data: () =>
    Datasets.generate({ name: "prices", shapes: { x: [3], y: [1] }, sizes: { train: 400, test: 100 }, example }),
  model: () => Layers.named({ head: Layers.dense(1) }),
  loss: () => Losses.meanSquaredError,
  show: () => ({
    input: { kind: "row", names: ["rooms", "distance", "color"] },
    target: { kind: "row", names: ["price"] }
  })
})
`

describe.skipIf(chromium === undefined)(`experiments of one's own in the page${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "own-")), file = join(folder, "prices.ts")
  writeFileSync(file, prices)
  const shared = sharedTab([spirals, file])
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("trains the first of them when it is open, and offers the others", async () => {
    assert.strictEqual(await shared.tab.name(), "1 spirals")
    const options = await shared.tab.page.getByRole("combobox", { name: "Experiment" }).locator("option")
      .allInnerTexts()
    assert.deepStrictEqual(options.map((option) => option.split(" ")[0]), [
      ...["spirals", "prices", "digits", "mnist", "generator"],
      ...["gpt", "lstm", "gru", "rnn"]
    ])
    await shared.tab.page.getByText("Two spirals in the plane, told apart.").waitFor()
    await until(async () => await shared.tab.number("step") > 20)
  })

  it("shows where it decides, behind the points of the data, as it trains", async () => {
    const { page, view } = shared.tab
    await view("Try it")
    const plane = page.getByTestId("plane"), canvas = plane.locator("canvas")
    await until(async () => Number(await canvas.getAttribute("data-drawn")) >= 2)
    await until(async () => await plane.locator("svg > circle").count() === 400)
    const box = (await plane.boundingBox())!
    await page.mouse.click(box.x + 0.75 * box.width, box.y + 0.25 * box.height)
    await page.getByText("your point").waitFor()
    await until(async () =>
      await plane.locator("output").count() === 0 &&
      (await page.locator(".plane-scale output").innerText()) === "0.50, 0.50"
    )
    await plane.focus()
    await page.keyboard.press("ArrowLeft")
    await until(async () => (await page.locator(".plane-scale output").innerText()) === "0.45, 0.50")
    const colors = () =>
      canvas.evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height)
        return new Set(Array.from({ length: data.length / 4 }, (_, i) => data.slice(4 * i, 4 * i + 3).join())).size
      })
    assert.isAbove(await colors(), 50)
    await page.locator(".best").waitFor()
    assert.deepStrictEqual(await violationsInAllLooks(page), [])
  })

  it("tells its classes apart, and opens the examples of a cell", async () => {
    const { page, view } = shared.tab
    await view("Mistakes")
    await page.getByRole("combobox", { name: "examples" }).selectOption("test")
    await until(async () => (await page.getByRole("heading", { name: "test examples are wrong" }).count()) === 1)
    const cells = page.locator(".confusion tbody td:not(.muted)")
    await until(async () => (await cells.allInnerTexts()).reduce((sum, text) => sum + Number(text), 0) === 500)
    await page.locator(".confusion tbody button").first().click()
    await page.getByRole("heading", { name: /^\d+ times inner taken for / }).waitFor()
    await page.locator(".gallery li").first().waitFor()
    await page.getByRole("img", { name: "precision by recall of inner" }).waitFor()
    assert.deepStrictEqual(await violationsInAllLooks(page), [])
  })

  it("has a summary of the network", async () => {
    const { page, view } = shared.tab
    await view("Summary")
    const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "hidden2" }) })
    // 32 units of 32 weights and a bias.
    assert.include(await row.innerText(), "1,056")
    assert.deepStrictEqual(await violationsInAllLooks(page), [])
  })

  it("makes a form of the fields of a configuration, refuses what they do not take, and remembers the rest", async () => {
    const { name, page, phase, press } = shared.tab
    await page.getByLabel("Experiment", { exact: true }).selectOption("prices")
    const hidden = page.getByRole("spinbutton", { name: "Hidden" })
    await hidden.fill("65")
    await press("Start a new run")
    await page.getByText("This has to be a whole number from 0 to 64.").waitFor()
    assert.strictEqual(await name(), "1 spirals")
    await hidden.fill("3")
    await page.getByLabel("Is noisy").check()
    await page.getByLabel("Experiment", { exact: true }).selectOption("spirals")
    assert.strictEqual(await hidden.inputValue(), "32")
    await page.getByLabel("Experiment", { exact: true }).selectOption("prices")
    assert.strictEqual(await hidden.inputValue(), "3")
    await press("Start a new run")
    await until(async () => await name() === "2 prices, hidden 3, isNoisy")
    await phase("running")
  })

  it("predicts a row of numbers, beside what is true, and one of one's own", async () => {
    const { number, page, view } = shared.tab
    await until(async () => await number("validation loss") < 0.01)
    await view("Try it")
    const predicted = page.getByTestId("predicted price")
    await page.getByText("test example 0, price").waitFor()
    await page.getByRole("button", { name: "Next example" }).click()
    await page.getByText("test example 1, price").waitFor()
    for (const [label, value] of [["rooms", "0.5"], ["distance", "1"], ["color", "0.2"]] as const) {
      const field = page.locator(".row-fields").getByLabel(label)
      await field.fill(value)
      await field.press("Enter")
    }
    // 10 + 20 · 0.5 − 5.
    await until(async () => Math.abs(Number(await predicted.innerText()) - 15) < 0.3)
    assert.deepStrictEqual(await violationsInAllLooks(page), [])
  })

  it("plots what it predicts against what is true, and lists the worst", async () => {
    const { page, view } = shared.tab
    await view("Mistakes")
    await page.getByRole("img", { name: /^predicted price against true price, \d+ examples$/ }).waitFor()
    await until(async () => Number(await page.getByTestId("r2").innerText()) > 0.99)
    await page.locator(".gallery li").first().waitFor()
    assert.deepStrictEqual(await violationsInAllLooks(page), [])
    assert.deepStrictEqual([shared.person.problems, shared.person.elsewhere], [[], []])
  })
})

describe.skipIf(chromium === undefined)(`a file that is no experiment${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "own-"))
  const broken = join(folder, "broken.ts")
  writeFileSync(broken, "import { nothing } from \"./nowhere.ts\"\nexport const a = nothing +\n")
  const { visit } = sharedDashboard([broken])
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("is told of in the page, which trains what it has", () =>
    visit(async ({ open }) => {
      const { name, page, phase } = await open()
      await phase("running")
      assert.strictEqual(await name(), "1 digits")
      const said = await page.getByRole("alert").innerText()
      assert.include(said, "broken.ts cannot be bundled.")
      assert.notInclude(said, "\u001B")
    }))
})
