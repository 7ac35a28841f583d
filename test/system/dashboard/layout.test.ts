import { assert, describe, it } from "@effect/vitest"
import { Key, Random } from "effect-neuron"
import { draw } from "../../../dashboard/app/network/draw.ts"
import type { Scene } from "../../../dashboard/app/network/draw.ts"
import { edgesOf } from "../../../dashboard/app/network/edges.ts"
import { columnsOf } from "../../../dashboard/app/network/graph.ts"
import type { Column } from "../../../dashboard/app/network/graph.ts"
import { layoutOf } from "../../../dashboard/app/network/layout.ts"
import type { Wire } from "../../../dashboard/app/network/layout.ts"
import { inOrder } from "../../../dashboard/app/network/slots.ts"
import type { Stage } from "../../../dashboard/app/network/stages.ts"

const spacing = { layerSpacing: 420, neuronSpacing: 34 }, most = { units: 32, maps: 12 }

const array = (shape: ReadonlyArray<number>) => ({
  data: new Float32Array(shape.reduce((a, b) => a * b)).fill(1),
  shape
})

/** A layer of five units, a sum of several, or a concatenation. */
const stage = (path: string, takes: ReadonlyArray<number>): Stage => ({
  ...{ path, takes, y: array([1, 5]) },
  ...(takes.length === 1 ? { kernel: array([5, 5]) } : takes.length > 1 ? { join: "sum" as const } : {})
})

/** A graph in which each column takes up to three of those before it. */
const anyGraph = (seed: number): ReadonlyArray<Column> => {
  const [inputs, count] = [1 + seed % 3, 4 + seed % 13], random = Random.uniform(Key.make(seed), 4 * count)
  const stages: Array<Stage> = Array.from({ length: inputs }, (_, i) => stage(`input${i}`, []))
  for (let i = 0; i < count; i++) {
    const takes = Array.from(
      { length: 1 + Math.floor(2.999 * random[4 * i]!) },
      (_, k) => Math.floor(random[4 * i + k + 1]! * (stages.length - 1e-3))
    )
    stages.push(stage(`layer${i}`, [...new Set(takes)]))
  }
  return columnsOf(stages, most)
}

/** Points along a wire. */
const along = ({ x: [begin, from, to, end], y: [start, stop] }: Wire): ReadonlyArray<readonly [number, number]> => {
  const bend = (t: number): readonly [number, number] => {
    const s = 1 - t, middle = (from + to) / 2
    return [
      s ** 3 * from + 3 * s * s * t * middle + 3 * s * t * t * middle + t ** 3 * to,
      s ** 3 * start + 3 * s * s * t * start + 3 * s * t * t * stop + t ** 3 * stop
    ]
  }
  const ts = Array.from({ length: 21 }, (_, i) => i / 20)
  return [
    ...ts.map((t) => [begin + t * (from - begin), start] as const),
    ...ts.map(bend),
    ...ts.map((t) => [to + t * (end - to), stop] as const)
  ]
}

/** Points along straight lines. */
const straight = (points: ReadonlyArray<readonly [number, number]>): ReadonlyArray<readonly [number, number]> =>
  points.slice(1).flatMap(([x, y], i) => {
    const [x0, y0] = points[i]!
    return Array.from({ length: 201 }, (_, t) => [x0 + t / 200 * (x - x0), y0 + t / 200 * (y - y0)] as const)
  })

/** What is wrong with where things are. */
const problemsOf = (columns: ReadonlyArray<Column>): ReadonlyArray<string> => {
  const layout = layoutOf(columns, spacing), { bounds, turns, wires } = layout, found = new Set<string>()
  const check = (holds: boolean, problem: string) => holds || found.add(problem)
  const boxes = columns.map((_, c) => {
    const [x, y] = layout.middle(c)
    return { x, y, half: layout.half(c), radius: layout.radius(c) }
  })
  columns.forEach(({ level, shown, takes }, c) => {
    const { half, x, y } = boxes[c]!
    check(y - half > bounds.top && y + half <= bounds.bottom, `${c} is outside`)
    check(x >= bounds.left && x < bounds.right, `${c} is outside`)
    for (const source of takes) {
      const rows = layout.row(c) - layout.row(source), isBehind = rows === 0 ? boxes[source]!.x < x : rows === 1
      check(isBehind, `${c} is not behind ${source}`)
    }
    boxes.forEach((other, o) => {
      if (o === c || columns[o]!.level !== level) return
      check(Math.abs(other.y - y) >= half + other.half + 60, `${c} is close to ${o}`)
    })
    shown.forEach((_, place) => {
      const hit = layout.hit(...layout.at(c, place))
      check(hit?.column === c && hit.place === place, `${c} is not found at ${place}`)
    })
  })
  const lines = [
    ...wires.map((wire) => ({ from: wire.from, points: along(wire) })),
    ...turns.map(({ from, points }) => ({ from, points: straight(points) }))
  ]
  for (const { from, points } of lines) {
    for (const [x, y] of points) {
      check(y <= bounds.bottom && y >= bounds.top, `a wire from ${from} is outside`)
      check(x <= bounds.right && x >= bounds.left, `a wire from ${from} is outside`)
      boxes.forEach((box, c) => {
        const isThrough = Math.abs(x - box.x) < box.radius && Math.abs(y - box.y) < box.half
        check(!isThrough, `a wire from ${from} goes through ${c}`)
      })
    }
  }
  // From each column there is a way along wires to each that takes it.
  columns.forEach(({ takes }, c) => {
    for (const source of takes) {
      const leads = ({ from, targets }: Pick<Wire, "from" | "targets">) => from === source && targets.includes(c)
      const way = wires.filter(leads).toSorted((a, b) => a.x[0] - b.x[0]), turn = turns.find(leads), [first] = way
      check(first !== undefined && way.at(-1)!.isLast, `${source} does not lead to ${c}`)
      check(first?.isFirst !== (turn !== undefined), `${source} does not lead to ${c}`)
      const begin = [first?.x[0], first?.y[0]].join()
      check(turn === undefined || turn.points.at(-1)!.join() === begin, `the turn from ${source} to ${c} is broken`)
      way.slice(1).forEach(({ x, y }, i) =>
        check(x[0] === way[i]!.x[3] && y[0] === way[i]!.y[1], `the way from ${source} to ${c} is broken`)
      )
    }
  })
  return [...found]
}

/** Blocks of layers, each with a way past it: one to four columns in each. */
const residualNetwork = (blocks: number): ReadonlyArray<Column> => {
  const stages = [stage("input", [])]
  for (let block = 0; block < blocks; block++) {
    const from = stages.length - 1
    for (let i = 0; i < 3; i++) stages.push(stage(`block${block}.layer${i}`, [stages.length - 1]))
    stages.push(stage(`block${block}`, [stages.length - 1, from]))
  }
  return columnsOf(stages, most)
}

const branches = (count: number): ReadonlyArray<Column> =>
  columnsOf([
    stage("input", []),
    ...Array.from({ length: count }, (_, i) => stage(`branch${i}`, [0])),
    stage("all", Array.from({ length: count }, (_, i) => i + 1))
  ], most)

describe("the layout of a graph", () => {
  it("leads wires past columns that they have nothing to do with, and keeps columns apart", () => {
    for (let seed = 0; seed < 60; seed++) assert.deepStrictEqual(problemsOf(anyGraph(seed)), [], `graph ${seed}`)
    assert.deepStrictEqual(problemsOf(residualNetwork(12)), [])
    assert.deepStrictEqual(problemsOf(branches(8)), [])
  })

  it("is broken into rows where it has many levels, at places where one column alone leads on", () => {
    const columns = residualNetwork(16), layout = layoutOf(columns, spacing), { bounds, turns } = layout
    assert.isAbove(turns.length, 1)
    assert.isAbove(columns.length, 60)
    const width = bounds.right - bounds.left, height = bounds.bottom - bounds.top
    assert.isTrue(width / height > 0.7 && width / height < 4, `${width} x ${height}`)
    // Sums, and what follows from them.
    for (const { from } of turns) assert.strictEqual(columns[from]!.takes.length === 2, true)
    assert.deepStrictEqual(problemsOf(columns), [])
    assert.deepStrictEqual(layoutOf(residualNetwork(3), spacing).turns, [])
  })

  it("is straight where the model is, with ways past it below", () => {
    const columns = residualNetwork(2), layout = layoutOf(columns, spacing)
    const heights = columns.map((_, c) => layout.middle(c)[1])
    assert.isBelow(Math.max(...heights) - Math.min(...heights), 20)
    const past = layout.wires.filter(({ isFirst, isLast }) => !isFirst && !isLast)
    assert.isAbove(past.length, 0)
    for (const { y } of past) assert.isAbove(y[0], Math.max(...heights))
  })

  it("has branches around what they come from, all on one side of what they lead to", () => {
    const columns = branches(3), layout = layoutOf(columns, spacing)
    const heights = columns.map((_, c) => layout.middle(c)[1])
    assert.closeTo(heights[2]!, heights[0]!, 40)
    assert.closeTo((heights[1]! + heights[3]!) / 2, heights[2]!, 1e-6)
    assert.closeTo(heights[4]!, heights[2]!, 40)
  })

  it("orders columns so that fewer wires cross", () => {
    // a and b lead to d and c.
    const columns = [
      { takes: [], level: 0 },
      { takes: [], level: 0 },
      { takes: [1], level: 1 },
      { takes: [0], level: 1 }
    ]
    const { levels } = inOrder(columns)
    const isCrossed = levels[0]!.indexOf(0) < levels[0]!.indexOf(1) !== levels[1]!.indexOf(3) < levels[1]!.indexOf(2)
    assert.isFalse(isCrossed)
  })

  it("shows less of columns that stand beside others, and none with less than a few", () => {
    const wide = (count: number) =>
      columnsOf([
        stage("input", []),
        ...Array.from({ length: count }, (_, i) => ({ ...stage(`wide${i}`, [0]), y: array([1, 100]) }))
      ], most)
    assert.strictEqual(wide(1)[1]!.shown.length, 32)
    assert.strictEqual(wide(2)[1]!.shown.length, 20)
    assert.strictEqual(wide(40)[1]!.shown.length, 5)
  })
})

describe("the drawing of a graph", () => {
  /** What is drawn, by the names of the calls, of a view. */
  const drawn = (columns: ReadonlyArray<Column>, k: number, x: number) => {
    const calls: { [name: string]: number } = {}
    const context = new Proxy({} as Record<string, unknown>, {
      get: (_, name: string) => (text: string) => {
        calls[name] = (calls[name] ?? 0) + 1
        return name === "measureText" ? { width: 6 * text.length } : undefined
      },
      set: () => true
    })
    const scene: Scene = {
      ...{ columns, spacing, selected: undefined, classes: [], edges: edgesOf(columns, 800) },
      colors: columns.map(() => [0, 0, 0]),
      theme: {
        ...{ background: "#fff", text: "#000", muted: "#000", line: "#000", accent: "#000" },
        ...{ node: [0, 0, 0], wire: [0, 0, 0], positive: [0, 0, 0], negative: [0, 0, 0] }
      }
    }
    draw(context as never, scene, layoutOf(columns, spacing), [], { k, x, y: 400, width: 900, height: 640 })
    return calls
  }

  it("is bounded by the weights that are asked for, and leaves out what is not in view", () => {
    const columns = residualNetwork(50)
    const all = drawn(columns, 0.02, 0), part = drawn(columns, 1, -3000)
    assert.strictEqual(columns.length, 201)
    // A stroke for a weight, and a few for each unit, wire and sign.
    assert.isBelow(all["stroke"]!, 800 + 201 * 15)
    assert.isBelow(part["stroke"]!, all["stroke"]! / 10)
    assert.isAbove(part["fillText"]!, 2)
  })
})
