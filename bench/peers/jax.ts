import { Key, Random } from "../../src/index.ts"
import { LEARNING_RATE } from "../models.ts"
import { arrays, CLASSES, INPUTS, isRecurrent, load, PIXELS, STEPS, UNITS } from "./peer.ts"
import type { Peer, PeerModel } from "./peer.ts"

/** An array owns itself: a function that takes it frees it, unless it is given `ref`. */
interface Jax {
  readonly ref: Jax
  readonly shape: ReadonlyArray<number>
  readonly add: (y: Jax | number) => Jax
  readonly sub: (y: Jax) => Jax
  readonly mul: (y: Jax | number) => Jax
  readonly div: (y: Jax) => Jax
  readonly sum: () => Jax
  readonly reshape: (shape: ReadonlyArray<number>) => Jax
  readonly dispose: () => void
  readonly data: () => Promise<Float32Array>
}

type Params = { readonly [name: string]: Jax }
type Map = (f: (...leaves: ReadonlyArray<Jax>) => Jax, ...trees: ReadonlyArray<Params>) => Params
type Stepped = [value: Jax, params: Params, first: Params, second: Params]
type Taken = [params: Params, first: Params, second: Params, rate: Jax, scale: Jax, x: Jax, y: Jax]

interface Module {
  readonly init: (device: string) => Promise<ReadonlyArray<string>>
  readonly defaultDevice: (device: string) => void
  readonly jit: <A extends ReadonlyArray<unknown>, B>(f: (...args: A) => B) => (...args: A) => B
  readonly valueAndGrad: <A extends ReadonlyArray<unknown>>(
    f: (params: Params, ...args: A) => Jax
  ) => (params: Params, ...args: A) => [Jax, Params]
  readonly numpy: {
    readonly array: (data: Float32Array | number) => Jax
    readonly zeros: (shape: ReadonlyArray<number>) => Jax
    readonly matmul: (a: Jax, b: Jax) => Jax
    readonly sqrt: (x: Jax) => Jax
    readonly max: (x: Jax) => Jax
    readonly tanh: (x: Jax) => Jax
    readonly split: (x: Jax, parts: number, axis: number) => ReadonlyArray<Jax>
    readonly unstack: (x: Jax, axis: number) => ReadonlyArray<Jax>
  }
  readonly nn: {
    readonly relu: (x: Jax) => Jax
    readonly sigmoid: (x: Jax) => Jax
    readonly logSoftmax: (x: Jax) => Jax
    readonly gelu: (x: Jax, options: { readonly approximate: boolean }) => Jax
    readonly standardize: (x: Jax) => Jax
    readonly dotProductAttention: (
      query: Jax,
      key: Jax,
      value: Jax,
      options: { readonly isCausal: boolean }
    ) => Jax
  }
  readonly lax: {
    readonly convGeneralDilated: (x: Jax, kernel: Jax, strides: ReadonlyArray<number>, padding: string) => Jax
    readonly reduceWindow: (
      x: Jax,
      f: (x: Jax) => Jax,
      window: ReadonlyArray<number>,
      strides: ReadonlyArray<number>
    ) => Jax
  }
  readonly tree: { readonly map: Map; readonly ref: (tree: Params) => Params }
}

/** Steps, features and heads of the block of a transformer, as in models.ts. */
const TIME = 128, FEATURES = 192, HEADS = 6

const dense = { w1: [PIXELS, 128], b1: [128], w2: [128, CLASSES], b2: [CLASSES] }
const recurrent = (gates: number) => ({
  ...{ k: [INPUTS, gates * UNITS], b: [gates * UNITS], r: [UNITS, gates * UNITS], c: [gates * UNITS] },
  ...{ w: [UNITS, CLASSES], d: [CLASSES] }
})
const shapes: { readonly [M in PeerModel]: { readonly [name: string]: ReadonlyArray<number> } } = {
  mlp: dense,
  cnn: { k1: [32, 1, 3, 3], c1: [32], k2: [64, 32, 3, 3], c2: [64], ...dense, w1: [3136, 128] },
  lstm: recurrent(4),
  gru: recurrent(3),
  block: {
    ...Object.fromEntries(["q", "k", "v", "o"].flatMap((name) => [
      [`w${name}`, [FEATURES, FEATURES]],
      [`b${name}`, [FEATURES]]
    ])),
    ...{ s1: [FEATURES], o1: [FEATURES], s2: [FEATURES], o2: [FEATURES] },
    ...{ w1: [FEATURES, 4 * FEATURES], b1: [4 * FEATURES], w2: [4 * FEATURES, FEATURES], b2: [FEATURES] }
  }
}

const noises = (batch: number) => {
  const [x, y] = [1, 2].map((seed) => Random.uniform(Key.make(seed), batch * TIME * FEATURES))
  return { x: x!, y: y! }
}

/**
 * jax-js on WebAssembly, in Node with one thread: the whole step, Adam included, is one compiled function. It has no
 * published package of optimizers, so that Adam is written out. Images are channels first, as its convolutions want
 * them.
 */
export const jax: Peer = async (model, batch) => {
  const { defaultDevice, init, jit, lax, nn, numpy: np, tree, valueAndGrad } = await load<Module>("@jax-js/jax")
  if (!(await init("wasm")).includes("wasm")) throw new Error("the wasm backend does not start")
  defaultDevice("wasm")

  const linear = (x: Jax, w: Jax, b: Jax) => np.matmul(x, w).add(b)
  const convolve = (x: Jax, kernel: Jax, bias: Jax) =>
    lax.convGeneralDilated(x, kernel, [1, 1], "SAME").add(bias.reshape([1, -1, 1, 1]))
  const pool = (x: Jax) => lax.reduceWindow(x, np.max, [2, 2], [2, 2])
  const features = (p: Params, x: Jax): Jax => {
    if (model === "mlp") return x
    const first = pool(nn.relu(convolve(x.reshape([batch, 1, 28, 28]), p["k1"]!, p["c1"]!)))
    return pool(nn.relu(convolve(first, p["k2"]!, p["c2"]!))).reshape([batch, 3136])
  }
  const logits = (p: Params, x: Jax) => linear(nn.relu(linear(features(p, x), p["w1"]!, p["b1"]!)), p["w2"]!, p["b2"]!)
  const normed = (x: Jax, scale: Jax, offset: Jax) => nn.standardize(x).mul(scale).add(offset)
  const attended = (p: Params, x: Jax): Jax => {
    const heads = (x: Jax, name: string) =>
      linear(x, p[`w${name}`]!, p[`b${name}`]!).reshape([batch, TIME, HEADS, FEATURES / HEADS])
    const y = nn.dotProductAttention(heads(x.ref, "q"), heads(x.ref, "k"), heads(x, "v"), { isCausal: true })
    return linear(y.reshape([batch, TIME, FEATURES]), p["wo"]!, p["bo"]!)
  }
  const block = (p: Params, x: Jax): Jax => {
    const y = x.ref.add(attended(p, normed(x, p["s1"]!, p["o1"]!)))
    const hidden = nn.gelu(linear(normed(y.ref, p["s2"]!, p["o2"]!), p["w1"]!, p["b1"]!), { approximate: false })
    return y.add(linear(hidden, p["w2"]!, p["b2"]!))
  }
  /** The last state, of all steps in one function, since it has no loops that can be differentiated. */
  const remembered = (p: Params, x: Jax): Jax => {
    let h = np.zeros([batch, UNITS]), c = np.zeros([batch, UNITS])
    for (const at of np.unstack(linear(x, p["k"]!, p["b"]!), 1)) {
      const z = linear(h.ref, p["r"]!.ref, p["c"]!.ref)
      if (model === "lstm") {
        const [i, f, g, o] = np.split(at.add(z), 4, 1) as readonly [Jax, Jax, Jax, Jax]
        h.dispose()
        c = nn.sigmoid(f).mul(c).add(nn.sigmoid(i).mul(np.tanh(g)))
        h = nn.sigmoid(o).mul(np.tanh(c.ref))
      } else {
        const [xr, xu, xn] = np.split(at, 3, 1) as readonly [Jax, Jax, Jax]
        const [zr, zu, zn] = np.split(z, 3, 1) as readonly [Jax, Jax, Jax]
        const candidate = np.tanh(xn.add(nn.sigmoid(xr.add(zr)).mul(zn)))
        h = candidate.ref.add(nn.sigmoid(xu.add(zu)).mul(h.sub(candidate)))
      }
    }
    for (const array of [c, p["r"]!, p["c"]!]) array.dispose()
    return linear(h, p["w"]!, p["d"]!)
  }
  const loss = (p: Params, x: Jax, y: Jax): Jax => {
    if (model !== "block") {
      const given = isRecurrent(model) ? remembered(p, x) : logits(p, x)
      return nn.logSoftmax(given).mul(y).sum().mul(-1 / batch)
    }
    const difference = block(p, x).sub(y)
    return difference.ref.mul(difference).sum().mul(1 / (batch * TIME * FEATURES))
  }
  const slopes = valueAndGrad(loss)

  const step = jit((...[params, first, second, rate, scale, x, y]: Taken): Stepped => {
    const [value, grads] = slopes(tree.ref(params), x, y)
    const nextFirst = tree.map((m, g) => m!.mul(0.9).add(g!.mul(0.1)), first, tree.ref(grads))
    const nextSecond = tree.map((v, g) => v!.mul(0.999).add(g!.ref.mul(g!).mul(0.001)), second, grads)
    const update = (m: Jax, v: Jax) => m.mul(rate.ref).div(np.sqrt(v.mul(scale.ref)).add(1e-8))
    const next = tree.map((p, m, v) => p!.sub(update(m!, v!)), params, tree.ref(nextFirst), tree.ref(nextSecond))
    rate.dispose()
    scale.dispose()
    return [value, next, nextFirst, nextSecond]
  })

  const make = (leaf: (shape: ReadonlyArray<number>) => Jax): Params =>
    Object.fromEntries(Object.entries(shapes[model]).map(([name, shape]) => [name, leaf(shape)]))
  const random = (shape: ReadonlyArray<number>) => {
    const size = shape.reduce((a, b) => a * b, 1), fanIn = shape.length === 4 ? size / shape[0]! : shape[0]!
    const limit = Math.sqrt(6 / fanIn)
    return np.array(Float32Array.from({ length: size }, () => limit * (2 * Math.random() - 1))).reshape(shape)
  }
  const zeros = (shape: ReadonlyArray<number>) => np.zeros(shape)
  const example = model === "block" ? [TIME, FEATURES] : isRecurrent(model) ? [STEPS, INPUTS] : [PIXELS]
  const host = model === "block" ? noises(batch) : arrays(batch, example.reduce((a, b) => a * b))
  const xShape = [batch, ...example], yShape = model === "block" ? xShape : [batch, CLASSES]
  let state: [Params, Params, Params] = [
    make((shape) => shape.length === 1 ? zeros(shape) : random(shape)),
    make(zeros),
    make(zeros)
  ]
  let t = 0
  const take = async (): Promise<number> => {
    t += 1
    const rate = np.array(LEARNING_RATE / (1 - 0.9 ** t)), scale = np.array(1 / (1 - 0.999 ** t))
    const x = np.array(host.x).reshape(xShape), y = np.array(host.y).reshape(yShape)
    const [value, ...next] = step(...state, rate, scale, x, y)
    state = next
    return (await value.data())[0]!
  }
  // The first step compiles, which takes as long as a hundred others where there are loops that it does not have.
  if (isRecurrent(model)) await take()
  return { step: take }
}
