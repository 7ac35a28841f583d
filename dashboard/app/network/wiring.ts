import { NdArray } from "effect-neuron"
import type { Layers } from "effect-neuron"
import { transposed } from "./stages.ts"
import type { Join, Outputs, Stage, Weights } from "./stages.ts"

type Arr = NdArray.NdArray
type Outline = Layers.Outline
type Wire = string | ReadonlyArray<string> | { readonly [key: string]: string }

/** What flows between layers: what one stage gives, or several of that by name. */
type Flow = number | { readonly [key: string]: Flow }

/** A network, and what it is given. */
export interface Wired {
  readonly outline: Outline
  /** Which of several networks it is; its weights and outputs are below that name. */
  readonly network?: string
  readonly outputs: Outputs
  /** Where its parameters are among the weights: `params`. */
  readonly at: string
}

/** Layers that give what they take, or the same numbers in another form. */
const passing = new Set(["identity", "dropout", "gaussianNoise", "flatten", "reshape"])
/** Layers whose parameters scale what another one gives. */
const scaling = new Set(["batchNorm", "layerNorm", "rmsNorm", "groupNorm", "instanceNorm"])
const joining: { readonly [kind: string]: Join } = { add: "sum", multiply: "product", concatenate: "concatenation" }

const below = (path: string, key: string): string => path === "" ? key : key === "" ? path : `${path}.${key}`

/** Of several arrays the first. */
const arrayOf = (y: NdArray.HostTree | undefined): Arr | undefined =>
  y === undefined || NdArray.isNdArray(y) ? y : Object.values(y).map(arrayOf).find((array) => array !== undefined)

const sourcesOf = (flow: Flow): ReadonlyArray<number> =>
  typeof flow === "number" ? [flow] : Object.values(flow).flatMap(sourcesOf)

/** A part of what flows; of one stage that gives several, that stage. */
const partOf = (flow: Flow, key: string): Flow => typeof flow === "number" ? flow : flow[key] ?? sourcesOf(flow)[0]!

const picked = (flows: ReadonlyMap<string, Flow>, wire: Wire): Flow => {
  if (typeof wire !== "string") {
    return Object.fromEntries(Object.entries(wire).map(([key, name]) => [key, picked(flows, name)]))
  }
  const [name, ...keys] = wire.split(".")
  return keys.reduce(partOf, flows.get(name!)!)
}

const minus = (y: Arr | undefined, x: Arr | undefined): Arr | undefined =>
  y === undefined || x === undefined || y.data.length !== x.data.length
    ? undefined
    : NdArray.make(Float32Array.from(y.data, (value, i) => value - x.data[i]!), y.shape)

/** Puts the stages of a network behind those that there are, and gives what flows out of it. */
const follow = (
  stages: Array<Stage>,
  { at, network, outline, outputs }: Wired,
  weights: Weights,
  input: Flow
): Flow => {
  const known = new Map(outputs)
  const put = (stage: Stage): number => stages.push(network === undefined ? stage : { ...stage, network }) - 1

  /** A layer as a stage, or, where it is not known what it gives, what it takes. */
  const leaf = (outline: Outline, path: string, given: Flow, y: Arr | undefined): Flow => {
    if (y === undefined) return given
    const kind = "kind" in outline ? outline.kind : undefined, params = below(at, path)
    const kernel = weights[`${params}.kernel`], takes = sourcesOf(given), join = joining[kind ?? ""]
    const name = path === "" ? kind ?? ("name" in outline ? outline.name : "layer") : path
    if (join !== undefined) return put({ path: name, y, takes, ...(takes.length > 1 ? { join } : {}) })
    const isOwn = kind === undefined || "children" in outline && !("" in outline.children!)
    const isApart = !scaling.has(kind ?? "") && Object.keys(weights).some((key) => key.startsWith(`${params}.`))
    return put({
      ...{ path: name, y, takes },
      kernel: kernel && kind === "conv2dTranspose" ? transposed(kernel) : kernel,
      bias: weights[`${params}.bias`],
      isApart: isApart || isOwn && y.shape.join() !== stages[takes[0]!]?.y.shape.join(),
      isPassing: passing.has(kind ?? "")
    })
  }

  const walk = (outline: Outline, path: string, given: Flow, y: Arr | undefined): Flow => {
    if (!("kind" in outline)) return leaf(outline, path, given, y)
    const { children = {}, kind, options = {} } = outline
    const child = (key: string, given: Flow): Flow =>
      walk(children[key]!, below(path, key), given, arrayOf(known.get(below(path, key))))
    switch (kind) {
      case "named":
      case "sequence":
      case "serial":
        return Object.keys(children).reduce((flow, key) => child(key, flow), given)
      case "each":
        return Object.fromEntries(Object.keys(children).map((key) => [key, child(key, partOf(given, key))]))
      case "frozen":
        return walk(children[""]!, path, given, y)
      case "spectralNorm":
        return leaf(innermost(outline), path, given, y)
      case "residual": {
        const x = typeof given === "number" ? stages[given]!.y : undefined
        const inner = walk(children[""]!, path, given, minus(y, x))
        return y === undefined
          ? inner
          : put({ path: path === "" ? kind : path, y, takes: [...sourcesOf(inner), ...sourcesOf(given)], join: "sum" })
      }
      case "parallel": {
        const takes = Object.keys(children).flatMap((key) => sourcesOf(child(key, given)))
        const join = options["merge"] === "add" ? "sum" : "concatenation"
        if (y === undefined || takes.length < 2) return takes[0]!
        return put({ path: path === "" ? kind : path, y, takes, join })
      }
      case "graph": {
        const { inputs, outputs, takes = {} } = options as {
          readonly inputs: Wire
          readonly outputs?: Wire
          readonly takes?: { readonly [node: string]: Wire }
        }
        const flows = new Map<string, Flow>()
        if (typeof inputs === "string") flows.set(inputs, given)
        else for (const [key, name] of Object.entries(inputs)) flows.set(name, partOf(given, key))
        let before = inputs
        for (const key of Object.keys(children)) {
          flows.set(key, child(key, picked(flows, takes[key] ?? before)))
          before = key
        }
        return picked(flows, outputs ?? before)
      }
      case "add":
      case "multiply":
      case "concatenate": {
        const keys = options["keys"] as ReadonlyArray<string | number>
        return leaf(outline, path, Object.fromEntries(keys.map((key, i) => [i, partOf(given, String(key))])), y)
      }
      default:
        return leaf(outline, path, given, y)
    }
  }
  return walk(outline, "", input, arrayOf(known.get("")))
}

/** The layer that wrappers have in them. */
const innermost = (outline: Outline): Outline => {
  const inner = "kind" in outline ? outline.children?.[""] : undefined
  return inner === undefined ? outline : innermost(inner)
}

/** The inputs as stages, each by its name. */
const inputsOf = (stages: Array<Stage>, x: NdArray.HostTree, name: string, network: string | undefined): Flow =>
  NdArray.isNdArray(x)
    ? stages.push({ path: name === "" ? "input" : name, y: x, takes: [], ...(network && { network }) }) - 1
    : Object.fromEntries(
      Object.entries(x).map(([key, part]) => [key, inputsOf(stages, part, below(name, key), network)])
    )

/**
 * The stages of a model that is put together in any way: its inputs, its layers, and where several things become one. A
 * layer of one's own is one stage, whatever it has in it.
 */
export const graphStages = (
  outline: Outline,
  x: NdArray.HostTree,
  outputs: Outputs,
  weights: Weights
): ReadonlyArray<Stage> => {
  const stages: Array<Stage> = []
  const end = follow(stages, { outline, outputs, at: "params" }, weights, inputsOf(stages, x, "", undefined))
  return ending(stages, end)
}

/** What flows out of a model is an output, whatever is taken of it before. */
const ending = (stages: ReadonlyArray<Stage>, end: Flow): ReadonlyArray<Stage> => {
  const last = new Set(sourcesOf(end))
  return stages.map((stage, i) => last.has(i) ? { ...stage, isOutput: true } : stage)
}

/** The same of a generator and of its critic, which looks at what has been generated, and at the class. */
export const adversarialStages = (
  outlines: { readonly [network: string]: Outline },
  asked: NdArray.HostTree,
  outputs: Outputs,
  weights: Weights
): ReadonlyArray<Stage> => {
  const stages: Array<Stage> = [], { critic, generator } = outlines
  const of = (network: string) =>
    outputs.flatMap(([path, y]) =>
      path === network || path.startsWith(`${network}.`) ? [[path.slice(network.length + 1), y] as const] : []
    )
  const wired = (network: string, outline: Outline) => ({
    ...{ outline, network, outputs: of(network), at: `${network}.params` }
  })
  const isPlain = NdArray.isNdArray(asked), { x, y } = asked as { readonly [name: string]: NdArray.HostTree }
  const given = inputsOf(
    stages,
    isPlain ? { noise: asked } : { noise: x!, class: y! },
    "",
    "generator"
  )
  const noise = partOf(given, "noise"), label = partOf(given, "class")
  const made = follow(stages, wired("generator", generator!), weights, isPlain ? noise : { x: noise, y: label })
  const score = follow(stages, wired("critic", critic!), weights, isPlain ? made : { x: made, y: label })
  return ending(stages, score)
}

/** Whether each layer takes what the one before it gives, as far as it is known; a class beside it is looked past. */
export const isChain = (outline: Outline): boolean => {
  if (!("kind" in outline)) return true
  const { children = {}, kind } = outline, names = Object.keys(children)
  if (kind === "sequence" && names.join() === "inputs,joined,network") return isChain(children["network"]!)
  return !/^(residual|parallel|graph|each|add|multiply|concatenate|transformerBlock)$/.test(kind) &&
    Object.values(children).every(isChain)
}
