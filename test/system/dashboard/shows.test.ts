import { fileURLToPath } from "node:url"
import { assert, describe, it } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { reason, sharedTab, until } from "../../support/dashboardPage.ts"

const file = fileURLToPath(new URL("../../support/shownExperiments.ts", import.meta.url))
const mnist = process.env["MNIST_DIR"]

describe.skipIf(chromium === undefined)(`inputs and outputs of each kind in the page${reason}`, () => {
  const shared = sharedTab([file], mnist)

  const guess = (name: string) => until(async () => await shared.tab.page.getByTestId("guess").innerText() === name)
  const isAccessible = async () => assert.deepStrictEqual(await shared.person.audit(shared.tab), [])

  it("writes a text, and says at the field what is none", async () => {
    const { number, page, view } = shared.tab
    await shared.tab.begin("letter-z")
    await until(async () => await number("validation accuracy") > 95)
    await view("Try it")
    const field = page.getByLabel("A text of 12 tokens")
    await until(async () => (await field.inputValue()).length === 12)
    const example = await field.inputValue()
    await field.pressSequentially("z")
    await page.getByText("your text").waitFor()
    await field.fill("fuzzy")
    await guess("with z")
    for (
      const [wrong, sentence] of [
        ["", "This has to be a text of at least one token."],
        ["a9ü9", "No token begins with \"9\" (U+0039)."]
      ] as const
    ) {
      await field.fill(wrong)
      await field.press("Enter")
      await page.getByText(sentence).waitFor()
      assert.strictEqual(await field.getAttribute("aria-invalid"), "true")
      await guess("with z")
    }
    await isAccessible()
    await field.fill("plain")
    await field.press("Enter")
    await guess("without z")
    assert.deepStrictEqual([await field.inputValue(), await field.getAttribute("aria-invalid")], [
      "plain       ",
      "false"
    ])
    await page.getByRole("button", { name: "Back to the example" }).click()
    await until(async () => await field.inputValue() === example)
    await page.getByText("test example 0, without z").waitFor()
  })

  it("draws a series with a pointer and by keys, and goes on with it in the same plot", async () => {
    const { number, page, view } = shared.tab
    await view("Mistakes")
    await shared.tab.begin("waves")
    await until(async () => await number("validation loss") < 0.02)
    await view("Try it")
    const plot = page.getByTestId("series"),
      value = page.getByLabel("height there"),
      moment = page.getByRole("spinbutton", { name: "moment" })
    const dashed = plot.locator("polyline[style*=dasharray]")
    await until(async () => await dashed.count() === 2)
    // The last value that is given, and eight that are predicted.
    assert.strictEqual((await dashed.first().getAttribute("points"))!.split(" ").length, 9)
    await moment.fill("23")
    await moment.press("Enter")
    await until(async () => await moment.inputValue() === "23")
    const before = Number(await value.inputValue()), forecast = await dashed.first().getAttribute("points")
    const box = (await plot.boundingBox())!
    await page.mouse.move(box.x + 0.3 * box.width, box.y + 0.4 * box.height)
    await page.mouse.down()
    await page.mouse.move(box.x + 0.7 * box.width, box.y + 0.4 * box.height, { steps: 2 })
    await page.mouse.up()
    await page.getByText("your course").waitFor()
    await until(async () => await dashed.first().getAttribute("points") !== forecast)
    const drawn = Number(await value.inputValue()), at = Number(await moment.inputValue())
    assert.isTrue(at > 15 && at < 23)
    // What was drawn is straight.
    await plot.focus()
    await page.keyboard.press("ArrowLeft")
    await until(async () => Number(await moment.inputValue()) === at - 1)
    assert.closeTo(Number(await value.inputValue()), drawn, 1e-5)
    await page.keyboard.press("ArrowUp")
    await until(async () => Number(await value.inputValue()) > drawn + 0.01)
    await value.fill("1e39")
    await value.press("Enter")
    await page.getByText("This has to be a number from -3.4e+38 to 3.4e+38.").waitFor()
    await moment.fill("24")
    await moment.press("Enter")
    await page.getByText("This has to be a whole number from 0 to 23.").waitFor()
    await isAccessible()
    await moment.fill("23")
    await moment.press("Enter")
    await page.getByRole("radio", { name: "pull" }).check()
    await page.getByLabel("pull there").waitFor()
    await page.getByRole("radio", { name: "height" }).check()
    await page.getByRole("button", { name: "Back to the example" }).click()
    await until(async () => Number(await value.inputValue()) === before)
  })

  it("has the worst predictions of a series beside what is true", async () => {
    await shared.tab.view("Mistakes")
    await shared.tab.page.getByRole("img", { name: /^validation example \d+: what is predicted behind it/ }).first()
      .waitFor()
    await isAccessible()
  })

  it("finds its distributions again after a reload", async () => {
    const { page, phase, press, view } = shared.tab
    await view("Training")
    const hint = page.locator(".layers .hint"), heat = page.locator(".heat canvas").first()
    await until(async () => Number(await heat.getAttribute("width").catch(() => 0)) >= 2)
    await press("Pause")
    await phase("paused")
    // What was asked before it paused may come yet.
    const shown = async () => `${await hint.innerText()} ${await heat.getAttribute("width")}`
    let seen = ""
    await until(async () => seen === (seen = await shown()), 500)
    await page.reload()
    await phase("paused")
    await until(async () => await shown() === seen)
  })

  it("draws a picture in color, from nothing or on an example", async () => {
    const { number, page, view } = shared.tab
    await shared.tab.begin("paint")
    await until(async () => await number("validation accuracy") > 95)
    await view("Try it")
    await page.getByRole("button", { name: "Draw on the example" }).click()
    await page.getByText("your drawing").waitFor()
    await guess("red")
    await page.getByLabel("color").fill("#0000ff")
    const box = (await page.getByTestId("pad").boundingBox())!
    await page.mouse.move(box.x + 0.1 * box.width, box.y + 0.1 * box.height)
    await page.mouse.down()
    for (
      const [x, y] of [[0.9, 0.2], [0.1, 0.3], [0.9, 0.4], [0.1, 0.5], [0.9, 0.6], [0.1, 0.7], [0.9, 0.8]] as const
    ) {
      await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 5 })
    }
    await page.mouse.up()
    await guess("blue")
  })

  it("shows images that are predicted, beside what is true", async () => {
    const { page, view } = shared.tab
    await view("Mistakes")
    await shared.tab.begin("copies")
    await until(async () => await page.locator(".triple canvas").count() === 3 * 24)
    await view("Try it")
    // Until the other view has gone there are more of them.
    for (const name of ["what the network gives", "what is true"]) {
      await until(async () => await page.getByRole("img", { name }).count() === 1)
    }
  })

  it("waits with its patience where it was after a reload", async () => {
    const { number, page, phase, press } = shared.tab
    await shared.tab.begin("stuck")
    await press("Pause")
    await phase("paused")
    const step = await number("step")
    await page.reload()
    await phase("paused")
    await press("Continue")
    await phase("finished")
    assert.isBelow(step, 801)
    // Its first validation is the best, and there is one after each step.
    await until(async () => await number("step") === 801)
  })

  it.skipIf(mnist === undefined)("trains on the files of MNIST", async () => {
    const { number, page, view } = shared.tab
    await shared.tab.begin("mnist")
    await until(async () => await number("step") > 20)
    await view("Try it")
    await page.getByText("test example 0, 7").waitFor()
    await guess("7")
  })

  it("has had no trouble", () => assert.deepStrictEqual([shared.person.problems, shared.person.elsewhere], [[], []]))
})
