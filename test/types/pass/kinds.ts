import type { Tensor } from "@tensorflow/tfjs-core"
import { Kind, Layers } from "effect-neuron"

// What is of a kind stands where anything of its type can: a default does not exclude others.
export const block = (norm = Layers.layerNorm, act = Layers.relu) => Layers.serial(norm(), act)
block(() => Layers.layerNorm({ axes: 2 }), Layers.leakyRelu(0.1))
block(Layers.instanceNorm, Layers.gelu)
block(undefined, Layers.activation("mine", (x) => x))
export const copied = Layers.serial({ ...Layers.batchNorm(), name: "mine" }, Layers.dense(1))

// Constructors keep their types.
export const biased: { readonly kernel: Tensor; readonly bias: Tensor } = {} as Layers.Params<
  ReturnType<typeof Layers.dense<true>>
>
const plain = Layers.dense(3, { bias: false })
export const unbiased = (params: Layers.Params<typeof plain>): { readonly kernel: Tensor } => params
// @ts-expect-error it has none
export const none = (params: Layers.Params<typeof plain>) => params.bias

// Options of one's own are typed by their table: those with a default can be left out.
export const clip = Layers.kind("clip", {
  options: {
    low: { type: Kind.finite, default: 0 },
    high: { type: Kind.finite },
    how: { type: Kind.oneOf("a", "b"), optional: true }
  },
  make: ({ high, how, low }) => {
    const [a, b, c]: [number, number, "a" | "b" | undefined] = [low, high, how]
    return Layers.activation(`${a} ${b} ${c}`, (x) => x)
  }
})
clip({ high: 3 })
clip({ high: 3, low: 1, how: "b" })
// @ts-expect-error high has no default
clip({ low: 1 })
// @ts-expect-error one of two words
clip({ high: 3, how: "c" })
export const free = Layers.kind("free", { options: { n: { type: Kind.finite, default: 1 } }, make: () => Layers.relu })
free()

// A table by kind in which a kind is missing is an error.
type Table = { readonly [K in Layers.KindName]: string }
// @ts-expect-error all others are missing
export const table: Table = { dense: "Gemm" }
