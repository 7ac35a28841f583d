import type { Page } from "playwright"

/** Something that a person does with the page, to be measured. */
interface Action {
  readonly name: string
  /** What is not measured. */
  readonly before?: () => Promise<unknown>
  readonly act: () => Promise<unknown>
}

/** Puts runs into the page's database that fill their series: 2,048 elements of each. */
const keepRuns = (page: Page, count: number) =>
  page.evaluate(async (count) => {
    const database = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open("effect-neuron dashboard")
      request.addEventListener("success", () => resolve(request.result))
    })
    const curve = (f: (i: number) => number) => Array.from({ length: 2048 }, (_, i) => f(i))
    // Each run has steps of its own.
    const series = (names: ReadonlyArray<string>, noise: number) => {
      const stride = 8 + 3 * Math.random()
      return {
        steps: curve((i) => Math.round(stride * (i + 1))),
        weights: curve(() => 8),
        values: Object.fromEntries(names.map((name) => [name, curve((i) => noise * Math.random() + 20 / (20 + i))])),
        stride: 8
      }
    }
    const transaction = database.transaction("runs", "readwrite")
    for (let i = 0; i < count; i++) {
      transaction.objectStore("runs").put({
        id: `kept ${i}`,
        name: `${i} kept`,
        color: i % 7,
        kind: "page",
        created: i,
        train: series(["loss", "accuracy", "learningRate", "examplesPerSecond"], 0.2),
        others: { validation: series(["loss", "accuracy"], 0.02) },
        norms: series(["params.hidden1.kernel", "params.hidden1.bias", "params.head.kernel", "params.head.bias"], 0.2),
        samples: { steps: [], pictures: [], stride: 1 },
        visible: true,
        note: "",
        phase: "stopped"
      })
    }
    await new Promise((resolve) => transaction.addEventListener("complete", resolve))
    database.close()
  }, count)

const hands = (page: Page) => {
  const view = (name: string) => page.getByRole("navigation").getByRole("link", { name }).click()
  const wait = (milliseconds: number) => page.waitForTimeout(milliseconds)
  const running = () => page.getByTestId("phase").filter({ hasText: "running" }).waitFor()
  const open = (name: string) => async () => {
    await view(name)
    await wait(2500)
  }
  const slide = (label: string) => async () => {
    const slider = page.getByRole("slider", { name: label })
    const { height, width, x, y } = (await slider.boundingBox())!
    await page.mouse.move(x + 8, y + height / 2)
    await page.mouse.down()
    await page.mouse.move(x + width - 8, y + height / 2, { steps: 60 })
    await page.mouse.up()
    await wait(500)
  }
  const dragged = async () => {
    await page.locator("canvas.network").waitFor()
    const box = (await page.locator("canvas.network").boundingBox())!
    const to = (x: number, y: number) => page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 80 })
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4)
    await page.mouse.down()
    await to(0.7, 0.6)
    await to(0.2, 0.4)
    await to(0.5, 0.5)
    await page.mouse.up()
    for (let i = 0; i < 12; i++) await page.mouse.wheel(0, i < 6 ? -100 : 100)
    await wait(500)
  }
  const theme = async () => {
    for (const name of ["dark", "light", "dark", "light"]) {
      await page.getByLabel("theme").selectOption(name)
      await wait(400)
    }
  }
  const resize = async () => {
    for (const width of [1000, 1250, 790, 1280]) {
      await page.setViewportSize({ width, height: 860 })
      await wait(400)
    }
  }
  const start = (model: string) => async () => {
    await page.getByLabel("Model").selectOption(model)
    await page.getByRole("button", { name: "Start a new run" }).click()
    await running()
    await wait(2500)
  }
  const loaded = async () => {
    await page.reload()
    await page.getByTestId("phase").filter({ hasText: /running|paused/ }).waitFor()
    await wait(2500)
  }

  return { dragged, loaded, open, resize, running, slide, start, theme, view, wait }
}

function* views(page: Page, url: string): Generator<Action> {
  const { open, running, start, wait } = hands(page)
  yield { name: "load, first time", act: async () => (await page.goto(url), await running(), await wait(2500)) }
  yield { name: "look at training", act: () => wait(4000) }
  for (const name of ["Network", "Try it", "Mistakes", "Runs"]) {
    yield { name: `open ${name}, first time`, act: open(name) }
  }
  yield {
    name: "draw a digit",
    before: open("Try it"),
    act: async () => {
      const { height, width, x, y } = (await page.getByTestId("pad").boundingBox())!
      await page.mouse.move(x + 0.3 * width, y + 0.25 * height)
      await page.mouse.down()
      await page.mouse.move(x + 0.7 * width, y + 0.25 * height, { steps: 40 })
      await page.mouse.move(x + 0.45 * width, y + 0.85 * height, { steps: 40 })
      await page.mouse.up()
      await wait(500)
    }
  }
  yield { name: "look at mistakes", before: open("Mistakes"), act: () => wait(4000) }
  yield { name: "start a second run", before: open("Training"), act: start("small-mlp") }
}

const network = (model: string) =>
  function*(page: Page, url: string): Generator<Action> {
    const { dragged, open, resize, running, slide, start, theme, wait } = hands(page)
    yield {
      name: `start ${model}`,
      before: async () => (await page.goto(url), await running(), await wait(1000)),
      act: start(model)
    }
    yield { name: `${model}: look at network`, before: open("Network"), act: () => wait(3000) }
    yield { name: `${model}: drag and zoom`, act: dragged }
    yield { name: `${model}: slide neuron spacing`, act: slide("neuron spacing") }
    yield { name: `${model}: slide weights`, act: slide("weights") }
    yield { name: `${model}: drag, 2,000 weights`, act: dragged }
    yield {
      name: `${model}: a unit's numbers`,
      act: async () => {
        const layer = page.getByRole("combobox", { name: "layer", exact: true })
        await layer.selectOption({ index: model.startsWith("conv") ? 3 : 2 })
        await wait(2500)
      }
    }
    yield { name: `${model}: theme`, act: theme }
    yield { name: `${model}: resize`, act: resize }
  }

function* generator(page: Page, url: string): Generator<Action> {
  const { dragged, open, running, slide, wait } = hands(page)
  yield {
    name: "start a generator",
    before: async () => (await page.goto(url), await running(), await wait(1000)),
    act: async () => {
      await page.getByLabel("Experiment").selectOption("generator")
      await page.getByRole("button", { name: "Start a new run" }).click()
      await page.locator(".runbar .name", { hasText: "generator" }).waitFor()
      await running()
      await wait(4000)
    }
  }
  yield { name: "generator: open Try it", act: open("Try it") }
  yield { name: "generator: walk through the noise", act: slide("from one point to the other") }
  yield { name: "generator: open Network", act: open("Network") }
  yield { name: "generator: drag and zoom", act: dragged }
  yield { name: "generator: look at training", before: open("Training"), act: () => wait(4000) }
}

function* long(page: Page, url: string): Generator<Action> {
  const { loaded, open, resize, running, slide, start, theme, view, wait } = hands(page)
  yield {
    name: "load with 8 long runs",
    before: async () => (await page.goto(url), await running(), await keepRuns(page, 8)),
    act: loaded
  }
  yield { name: "look at training, 8 long runs", act: () => wait(4000) }
  yield { name: "slide smoothing, 8 long runs", act: slide("smoothing") }
  yield { name: "theme, 8 long runs", act: theme }
  yield { name: "resize, 8 long runs", act: resize }
  yield { name: "open Runs, 8 long runs", act: open("Runs") }
  yield { name: "open Training, 8 long runs", act: open("Training") }
  yield {
    name: "open a run folder of 4 MB",
    before: open("Runs"),
    act: async () => {
      await page.getByLabel("long in the charts").check()
      await view("Training")
      await wait(5000)
    }
  }
  yield { name: "start a run beside 8 long ones", act: start("small-mlp") }
}

/**
 * What is done with the page: each section in a page of its own, in an order in which each action finds what it takes.
 */
export const sections: { readonly [name: string]: (page: Page, url: string) => Iterable<Action> } = {
  views,
  dense: network("mlp"),
  convolutional: network("cnn"),
  generator,
  long
}
