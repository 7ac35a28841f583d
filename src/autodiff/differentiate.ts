import { add, clone, engine, getGradient, ones, zeros } from "@tensorflow/tfjs-core"
import type { GradConfig, Scalar, Tensor } from "@tensorflow/tfjs-core"
import { scoped } from "../backend/scope.ts"
import { isPartial } from "./parts.ts"
import type { Part } from "./parts.ts"

// The engine's own walk over its tape keeps all gradients and all that the tape has saved to the end, and makes a scope
// for each input of each operation. Here both go as soon as they have been used, so that the backward pass works in the
// memory that the forward pass has just left.

/**
 * A gradient that does without what comes by some of the outputs: where nothing else reads those, it is given an empty
 * tensor, and no zeros are made.
 */
export interface WithUnread extends GradConfig {
  readonly unread: ReadonlyArray<number>
}

/** What a tape holds of an operation. */
interface Node {
  readonly kernelName: string
  /** An input that an operation can do without may be undefined. */
  readonly inputs: { readonly [name: string]: Tensor | undefined }
  readonly outputs: ReadonlyArray<Tensor>
  readonly gradient?: (dys: Array<Tensor | undefined>) => { readonly [input: string]: () => Tensor }
  saved?: Array<Tensor>
}

/** The scalar that `f` computes and its gradients by `xs`, undefined where it does not depend on one. */
export const differentiate = (
  f: () => Scalar,
  xs: ReadonlyArray<Tensor>
): { readonly value: Scalar; readonly grads: ReadonlyArray<Tensor | undefined> } => {
  const { state } = engine(), isOutermost = state.gradientDepth === 0, tapeBefore = state.activeTape
  if (isOutermost) state.activeTape = []
  state.gradientDepth += 1
  let value: Scalar
  try {
    value = f()
  } finally {
    state.gradientDepth -= 1
  }
  const tape = state.activeTape as unknown as ReadonlyArray<Node>
  const grads = scoped(() => walk(tape, xs, value, isOutermost))
  if (isOutermost) {
    releaseTape()
    // That of a gradient whose function differentiates itself.
    state.activeTape = tapeBefore
  }
  return { value, grads }
}

/** Disposes what the tape has saved, unless it is part of a tape that goes on. */
export const releaseTape = (): void => {
  const { state } = engine()
  if (state.gradientDepth > 0 || !state.activeTape) return
  for (const node of state.activeTape as unknown as ReadonlyArray<Node>) release(node)
  state.activeTape = []
}

const release = (node: Node): void => {
  for (const tensor of node.saved ?? []) tensor.dispose()
  node.saved = []
}

/** The operations that `xs` lead to, and the ids of `xs` and of all that was computed from them. */
const dependents = (tape: ReadonlyArray<Node>, xs: ReadonlyArray<Tensor>) => {
  const ids = new Set(xs.map(({ id }) => id))
  const nodes = tape.filter(({ inputs, outputs }) => {
    for (const name in inputs) {
      const input = inputs[name]
      if (input === undefined || !ids.has(input.id)) continue
      for (const { id } of outputs) ids.add(id)
      return true
    }
    return false
  })
  return { nodes, ids }
}

const walk = (
  tape: ReadonlyArray<Node>,
  xs: ReadonlyArray<Tensor>,
  value: Scalar,
  isOutermost: boolean
): ReadonlyArray<Tensor | undefined> => {
  const { ids, nodes } = dependents(tape, xs), asked = new Set(xs.map(({ id }) => id))
  const gradients = new Map<number, Tensor>([[value.id, ones([])]]), parts = new Map<number, Array<Part>>()
  // A tape further out may still need what has been used.
  const spent = (...tensors: ReadonlyArray<Tensor>) => isOutermost && tensors.forEach((tensor) => tensor.dispose())
  const addTo = (id: number, dx: Tensor) => {
    const before = gradients.get(id)
    gradients.set(id, before === undefined ? dx : add(before, dx))
    if (before !== undefined) spent(before, dx)
  }
  const gradientOf = (id: number): Tensor | undefined => {
    const waiting = parts.get(id)
    if (waiting !== undefined) {
      parts.delete(id)
      addTo(id, scoped(() => joined(waiting)))
      for (const { tensors } of waiting) spent(...tensors)
    }
    return gradients.get(id)
  }
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i]!, dys = node.outputs.map(({ id }) => gradientOf(id))
    if (dys.some((dy) => dy !== undefined)) {
      const names = Object.keys(node.inputs).filter((name) => {
        const input = node.inputs[name]
        return input !== undefined && ids.has(input.id)
      })
      const dxs = scoped(() => gradientsOf(node, names, dys))
      names.forEach((name, j) => {
        const { id } = node.inputs[name]!, dx = dxs[j]!
        if (!("join" in dx)) addTo(id, dx)
        else if (parts.has(id)) parts.get(id)!.push(dx)
        else parts.set(id, [dx])
      })
    }
    if (!isOutermost) continue
    for (const { id } of node.outputs) {
      if (asked.has(id)) continue
      gradients.get(id)?.dispose()
      gradients.delete(id)
    }
    release(node)
  }
  return xs.map(({ id }) => gradientOf(id))
}

/** The sum of the parts of a gradient. */
const joined = (parts: ReadonlyArray<Part>): Tensor =>
  [...new Set(parts.map(({ join }) => join))]
    .map((join) => join(parts.filter((part) => part.join === join)))
    .reduce((a, b) => add(a, b))

// By name, so that a bundle holds no set that its program does not use.
const SETS = {
  convolution: /^Conv2D/,
  depthwiseConvolution: /^DepthwiseConv2d/,
  pooling: /^(?:Max|Avg)Pool(?:Grad)?$/,
  resizing: /^Resize/,
  batchNormalization: /^FusedBatchNorm$/,
  convolution3d: /^Conv3D/,
  pooling3d: /^(?:Max|Avg)Pool3D$/,
  mirrorPadding: /^MirrorPad$/,
  spaceAndBatch: /^(?:SpaceToBatchND|BatchToSpaceND|DepthToSpace)$/,
  stridedSlices: /^StridedSlice$/,
  scattering: /^(?:GatherNd|ScatterNd|TensorScatterUpdate)$/,
  largest: /^TopK$/,
  cumulativeProduct: /^Cumprod$/,
  morphology: /^Dilation2D$/,
  localResponse: /^LRN$/,
  inverseHyperbolic: /^A(?:sin|cos|tan)h$/,
  einsums: /^Einsum$/
}

/** The name of the set in `Ops` that holds the gradient of a kernel which is not always there. */
export const setOf = (kernelName: string): string | undefined =>
  Object.entries(SETS).find(([, kernels]) => kernels.test(kernelName))?.[0]

/** The gradient, or a part of it, by each of the inputs that are asked for: of new tensors. */
const gradientsOf = (
  { gradient, inputs, kernelName }: Node,
  names: ReadonlyArray<string>,
  dys: Array<Tensor | undefined>
): Array<Tensor | Part> => {
  if (gradient === undefined) {
    const set = setOf(kernelName)
    const cure = set === undefined ? "there is none here" : `call Ops.install(Ops.${set}) before`
    throw new Error(`the gradient of ${kernelName} is not installed: ${cure}`)
  }
  // Zeros would be made of what is undefined.
  const { unread = [] } = (getGradient(kernelName) ?? {}) as Partial<WithUnread>
  for (const i of unread) dys[i] ??= zeros([0])
  const of = gradient(dys), scope = engine().state.activeScope!.id, given = new Set<Tensor>()
  // A gradient function may return what is not its own: `dy`, a tensor that was saved, the same one twice.
  const own = (tensor: Tensor): Tensor => {
    const isOwn = tensor.scopeId === scope && !tensor.kept && !given.has(tensor)
    given.add(tensor)
    return isOwn ? tensor : clone(tensor)
  }
  return names.map((name) => {
    const by = of[name]
    if (by !== undefined && isPartial(by)) {
      const part = by.part()
      return { ...part, tensors: part.tensors.map(own) }
    }
    const dx = by?.(), { shape } = inputs[name]!
    if (dx === undefined) throw new Error(`${kernelName} has no gradient by its input ${name}`)
    if (dx.dtype !== "float32" || dx.shape.length !== shape.length || dx.shape.some((n, axis) => n !== shape[axis])) {
      throw new Error(`the gradient of ${kernelName} by ${name}, [${shape}], is a ${dx.dtype} of [${dx.shape}]`)
    }
    return own(dx)
  })
}
