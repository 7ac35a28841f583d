import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { reason, sharedTab, until } from "../../support/dashboardPage.ts"

/** Digits by a network with a way past its blocks and two branches that are joined, and by one of fifty layers. */
const graphs = `
import { Schema } from "effect"
import { Datasets, Experiment, Layers, Losses } from "effect-neuron"

const conv = (filters, kernelSize, strides = 1) => Layers.conv2d({ filters, kernelSize, strides })
const experiment = (name, model) =>
  Experiment.supervised({
    name,
    config: Schema.Struct(Experiment.options({ epochs: 1000, batchSize: 16, learningRate: 0.002 })),
    data: () => Datasets.digits({ pixels: "uint8", train: 200, test: 50 }),
    model,
    loss: () => Losses.softmaxCrossEntropy
  })

export const graph = experiment("graph", () =>
  Layers.graph(
    { inputs: "image" },
    ["stem", conv(6, 5, 4)],
    ["block", Layers.named({ first: conv(6, 3), relu: Layers.relu, second: conv(6, 3) })],
    ["past", Layers.add("0", "1"), ["block", "stem"]],
    ["branches", Layers.parallel({ narrow: conv(3, 1), wide: Layers.named({ a: conv(4, 3), b: conv(4, 3) }) })],
    ["flat", Layers.flatten],
    ["head", Layers.dense(10)]
  ))

const block = () => Layers.residual(Layers.named({ a: conv(4, 1), b: conv(4, 3), c: conv(4, 1) }))
export const deep = experiment("deep", () =>
  Layers.serial(conv(4, 5, 4), ...Array.from({ length: 16 }, block), Layers.flatten, Layers.dense(10)))
`

describe.skipIf(chromium === undefined)(`a graph of layers in the page${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "graphs-")), file = join(folder, "graphs.ts")
  writeFileSync(file, graphs)
  const shared = sharedTab([file])
  const start = async (experiment: string) => {
    await shared.tab.begin(experiment)
    await until(async () => await shared.tab.number("step") > 0)
    await shared.tab.view("Network")
    await shared.tab.page.locator("canvas.network[data-transform]").waitFor()
  }
  const layers = () => shared.tab.page.getByRole("combobox", { name: "layer", exact: true })
  const listed = async () => (await layers().locator("option").allInnerTexts()).slice(1)
  const canvas = () => shared.tab.page.locator("canvas.network")
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("has all that its layers are put together of, and says what takes what", async () => {
    await start("graph")
    assert.deepStrictEqual(await listed(), [
      ...["input", "stem", "block.first", "block.second", "past, sum", "branches.narrow", "branches.wide.a"],
      ...["branches.wide.b", "branches, concatenation", "head"]
    ])
    const label = (await canvas().getAttribute("aria-label"))!
    assert.include(label, "past, sum 6 from block.second and stem")
    assert.include(label, "branches, concatenation 7 from branches.narrow and branches.wide.b")
    assert.notInclude(label, "block.second 6 from")
  })

  it("tells the numbers of a sum, and the weights behind it", async () => {
    await layers().selectOption("past, sum")
    const details = shared.tab.page.locator(".details")
    await until(async () => (await details.innerText()).includes("past, sum, map 0"))
    assert.match(await details.getByRole("row", { name: "sum of" }).innerText(), /block\.second/)
    assert.match(await details.getByRole("row", { name: "and" }).innerText(), /stem/)
    assert.strictEqual(await details.locator(".pictures").count(), 0)
    await layers().selectOption("branches.wide.a")
    // A filter of 3 x 3 for each of the six maps of the sum.
    await until(async () => (await details.getByRole("row", { name: "weights" }).innerText()).includes("54"))
    assert.strictEqual(await details.locator(".pictures canvas").count(), 6)
  })

  it("moves by keys, is picked from by the pointer, and forgets it by Escape", async () => {
    const { page } = shared.tab, transform = () => canvas().getAttribute("data-transform")
    await layers().selectOption("")
    await canvas().focus()
    await page.keyboard.press("0")
    const fitted = await transform()
    await page.keyboard.press("+")
    await until(async () => await transform() !== fitted)
    await page.keyboard.press("0")
    await until(async () => await transform() === fitted)
    // The input is the only one of its level, and in the middle of its height.
    const [k, x, y] = fitted!.split(" ").map(Number)
    await canvas().click({ position: { x: x! + 10 * k!, y: y! } })
    await page.locator(".details h3", { hasText: "input, map 0" }).waitFor()
    await canvas().focus()
    await page.keyboard.press("Escape")
    await page.locator(".details").waitFor({ state: "detached" })
  })

  it("has nothing that an audit of accessibility finds, and fits a phone", async () => {
    await layers().selectOption("branches, concatenation")
    assert.deepStrictEqual(await shared.person.audit(shared.tab), [])
    const size = shared.tab.page.viewportSize()!
    await shared.tab.page.setViewportSize({ width: 390, height: 844 })
    await until(async () => await shared.tab.page.evaluate(() => document.documentElement.scrollWidth) <= 390)
    await shared.tab.page.setViewportSize(size)
  })

  it("of fifty layers is all there, and can be looked at closely", async () => {
    await start("deep")
    const names = await listed()
    assert.strictEqual(names.length, 1 + 1 + 16 * 4 + 1)
    assert.strictEqual(names.filter((name) => name.endsWith(", sum")).length, 16)
    await layers().selectOption("16, sum")
    await shared.tab.page.locator(".details h3", { hasText: "16, sum, map 0" }).waitFor()
    for (let i = 0; i < 4; i++) await shared.tab.page.getByRole("button", { name: "Zoom in" }).click()
    assert.deepStrictEqual([shared.person.problems, shared.person.elsewhere], [[], []])
  })

  it("says how long its main thread was busy meanwhile", ({ annotate }) => shared.person.sayHowBusy(annotate))
})
