import { Result } from "effect"
import { isObject } from "effect/Predicate"
import { fail } from "../backend/checks.ts"
import { ShapeError } from "../core/errors.ts"
import type { Kind, OptionType } from "../core/Kind.ts"
import { isShape } from "../core/Shape.ts"
import type { ShapeTree } from "../core/Shape.ts"
import { isBranch } from "../core/structure.ts"
import { isTensor } from "../core/Tree.ts"
import type { Tree } from "../core/Tree.ts"
import { applyChild, childrenOf, initChild } from "./children.ts"
import type { Children } from "./children.ts"
import { together } from "./fusion.ts"
import { kind } from "./kind.ts"
import type { Any, Layer } from "./Layer.ts"
import type { ParamsIn, StatesIn } from "./neighbors.ts"
import { partsOf, shapesOf, written } from "./partsOf.ts"
import type { Entries, Environment, Held, Inputs, Last, Names, Node, Unknown, Wire, Wired } from "./wiring.ts"

const wire: OptionType<Wire> = {
  expected: "a name, or several in a list or a record",
  parse: (u) =>
    typeof u === "string"
      ? u
      : typeof u === "object" && u !== null && Object.values(u).every((name) => typeof name === "string")
      ? Array.isArray(u) ? [...u] as ReadonlyArray<string> : { ...u } as { readonly [key: string]: string }
      : undefined,
  hidden: true
}

const wiresOfNodes: OptionType<{ readonly [node: string]: Wire }> = {
  expected: "a record of what nodes take",
  parse: (u) => {
    if (!isObject(u)) return undefined
    const wires = Object.entries(u).map(([node, takes]) => [node, wire.parse(takes)] as const)
    return wires.every((entry): entry is readonly [string, Wire] => entry[1] !== undefined)
      ? Object.fromEntries(wires)
      : undefined
  },
  hidden: true
}

/**
 * Layers as the nodes of a graph: each has a name, and says what it takes by the names of inputs and of nodes before
 * it, one name, or several as a tuple or a record, and a part of a record by its key behind a dot, `encoder.state`; by
 * default it takes what the node before it gives. The model takes one tensor (`inputs: "image"`), or a tuple or record
 * of tensors that are known to the nodes by the names in it; it gives the last node, or what `outputs` says in the same
 * way. Skip connections are names that are taken again.
 *
 * A node that does not take what it is given is an error of types at its layer, a name that there is not one at the
 * name. Parameters and running state are records under the names of the nodes; the `i`-th node gets the key
 * `Key.fold(key, i)`. Throws a `RangeError` for a name that is empty, a number, has a dot, is there twice, unknown or
 * never taken.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const unet = Layers.graph(
 *   { inputs: "image" },
 *   ["fine", Layers.conv2d({ filters: 8, kernelSize: 3 })],
 *   ["coarse", Layers.maxPool2d(2)],
 *   ["up", Layers.upsample2d(2)],
 *   ["both", Layers.concatenate("0", "1"), ["up", "fine"]],
 *   ["head", Layers.conv2d({ filters: 1, kernelSize: 1 })]
 * )
 * const { output, params } = Result.getOrThrow(unet.init(Key.make(0), [28, 28, 1]))
 * output // => [28, 28, 1]
 * params.head.kernel.shape // => [1, 1, 16, 1]
 * ```
 */
export const graph = /* @__PURE__ */ kind("graph", {
  options: {
    inputs: { type: wire },
    outputs: { type: wire, optional: true },
    takes: { type: wiresOfNodes, optional: true }
  },
  children: "record",
  perStep: "children",
  given: ({ inputs, outputs }: { readonly inputs: Wire; readonly outputs?: Wire }, ...nodes: ReadonlyArray<Node>) => {
    const takes = nodes.flatMap(([name, , takes]) => takes === undefined ? [] : [[name, takes] as const])
    return [
      { inputs, outputs, takes: takes.length === 0 ? undefined : Object.fromEntries(takes) },
      nodes.map(([name, layer]) => [name, layer] as const)
    ]
  },
  make: ({ inputs, outputs, takes = {} }, children) => {
    const wires = children.map(([name], i) =>
      Object.hasOwn(takes, name) ? takes[name]! : children[i - 1]?.[0] ?? inputs
    )
    const unknown = Object.keys(takes).find((name) => !children.some(([node]) => node === name))
    if (unknown !== undefined) throw new RangeError(`graph: what ${unknown} takes is given, which is no node`)
    return wired(inputs, children, wires, outputs ?? children.at(-1)?.[0] ?? inputs)
  }
}) as
  & (<const I extends Wire, const Ns extends ReadonlyArray<Node>, const O extends Wire = Last<Ns>>(
    { inputs, outputs }: {
      readonly inputs: I
      readonly outputs?: [Unknown<Names<O>, Environment<Ns, Inputs<I>>>] extends [never] ? O : never
    },
    ...nodes: [Ns] extends [Wired<Ns, Inputs<I>, I>] ? Ns : Wired<Ns, Inputs<I>, I>
  ) => Layer<
    ParamsIn<Entries<Ns>>,
    StatesIn<Entries<Ns>>,
    Held<Inputs<I>, I>,
    Held<Environment<Ns, Inputs<I>>, O>
  >)
  & Kind

const wired = (inputs: Wire, children: Children, wires: ReadonlyArray<Wire>, output: Wire): Any => {
  check(inputs, children, wires, output)
  const collect = (values: ReadonlyArray<unknown>) => Object.fromEntries(children.map(([key], i) => [key, values[i]]))
  const pairs = pairsOf(children, wires, output)
  return {
    name: "graph",
    init: (key, input) =>
      Result.gen(function*() {
        if (typeof inputs !== "string") yield* shapesOf("graph", Object.keys(inputs), input)
        const shapes = bound(inputs, input), shapeOf = (wire: Wire) => attempt(() => valueOf(shapes, wire) as ShapeTree)
        const params: Array<unknown> = [], states: Array<unknown> = []
        for (const [i, child] of children.entries()) {
          const initial = yield* initChild(child, i, key, yield* shapeOf(wires[i]!))
          params.push(initial.params)
          states.push(initial.state)
          shapes.set(child[0], initial.output)
        }
        return { params: collect(params), state: collect(states), output: yield* shapeOf(output) }
      }),
    apply: (params, state, x, mode) => {
      const states: Array<unknown> = []
      if (typeof inputs !== "string") partsOf("graph", Object.keys(inputs), x as { readonly [key: string]: Tree })
      const values = bound(inputs, x)
      for (const [i, child] of children.entries()) {
        const [path] = child, both = mode.observe === undefined ? pairs[i] : undefined
        // It has its value where it ran with the node that it takes.
        if (values.has(path)) {
          states.push(state[path])
          continue
        }
        const given = valueOf(values, wires[i]!) as Tree
        const [y, next] = applyChild(both?.child ?? child, i, params[path], state[path], given, mode)
        states.push(next)
        values.set(both?.gives ?? path, y)
      }
      return [valueOf(values, output) as Tree, collect(states)]
    }
  }
}

/** For each node, how it runs as one with the only node that takes it, and the name of that. */
const pairsOf = (children: Children, wires: ReadonlyArray<Wire>, output: Wire) => {
  const taken = [...wires, output].flatMap(namesOf)
  return children.map((node) => {
    const [path] = node, taker = children[wires.indexOf(path)]
    if (taken.filter((name) => name === path).length > 1) return undefined
    const child = together(node, taker?.[1])
    return child && { child, gives: taker![0] }
  })
}

/** The names of nodes and inputs in a wire. */
const namesOf = (wire: Wire): ReadonlyArray<string> =>
  (typeof wire === "string" ? [wire] : Object.values(wire) as ReadonlyArray<string>).map((name) =>
    name.split(".", 1)[0]!
  )

/** The parts of a value under the names that a wire has in their places. */
const bound = (wire: Wire, value: unknown): Map<string, unknown> =>
  typeof wire === "string"
    ? new Map([[wire, value]])
    : new Map(Object.entries(wire).map(([key, name]) => [name, (value as { readonly [key: string]: unknown })[key]]))

const valueOf = (values: ReadonlyMap<string, unknown>, wire: Wire): unknown => {
  if (typeof wire === "string") return values.get(wire) ?? partOf(values, wire)
  if (Array.isArray(wire)) return wire.map((name) => valueOf(values, name))
  return Object.fromEntries(Object.entries(wire).map(([key, name]) => [key, valueOf(values, name)]))
}

const attempt = <A>(f: () => A): Result.Result<A, ShapeError> =>
  Result.try({
    try: f,
    catch: (error) => {
      if (error instanceof ShapeError) return error
      throw error
    }
  })

/** A part of what a node gives. Types forbid one that is not there, descriptions do not. */
const partOf = (values: ReadonlyMap<string, unknown>, wire: string): unknown => {
  const [name, ...keys] = wire.split(".")
  return keys.reduce<unknown>((value, key) => {
    const isRecord = isBranch(value) && !isShape(value) && !isTensor(value)
    if (isRecord && Object.hasOwn(value, key)) return (value as { readonly [key: string]: unknown })[key]
    return fail("graph", `${wire} in what ${name} gives`, isRecord ? written(Object.keys(value)) : "one tensor")
  }, values.get(name!))
}

const check = (inputs: Wire, children: Children, wires: ReadonlyArray<Wire>, output: Wire): void => {
  childrenOf("graph", Object.fromEntries(children))
  const known = new Set<string>(), taken = new Set<string>()
  const add = (name: string) => {
    if (known.has(name)) throw new RangeError(`graph: ${name} is the name of two nodes or inputs`)
    known.add(name)
  }
  const take = (who: string, wire: Wire) => {
    for (const name of namesOf(wire)) {
      if (!known.has(name)) throw new RangeError(`graph: ${who} takes ${name}, which is no input and no node before it`)
      taken.add(name)
    }
  }
  namesOf(inputs).forEach(add)
  for (const [i, [name]] of children.entries()) {
    take(name, wires[i]!)
    add(name)
  }
  take("the output", output)
  for (const name of known) if (!taken.has(name)) throw new RangeError(`graph: nothing takes ${name}`)
}
