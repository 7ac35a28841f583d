import { Ops } from "../src/index.ts"
import { freshly, random } from "./kernelCase.ts"
import type { Case } from "./kernelCase.ts"
import { tf } from "./tfjs.ts"
import type { Tensor } from "./tfjs.ts"

/** Causal attention, of which half the scores count, and its gradients: two products forward, five backward. */
const attention = (batch: number, time: number, heads: number, size: number): ReadonlyArray<Case> => {
  const shape = [batch, time, heads, size], work = batch * heads * time * (time + 1) * size
  const [query, key, value] = [random(...shape), random(...shape), random(...shape)], none = tf.zeros([0])
  const inputs = { bias: none, mask: none, query, key, value }
  const attrs = { causal: true, window: 0, scale: 1 / Math.sqrt(size), slopes: [], dropout: undefined }
  const forward = () => Ops.attention({ query, key, value, causal: true })
  forward().dispose()
  const outputs = tf.engine().runKernel("Attention", inputs, attrs as never) as unknown as ReadonlyArray<Tensor>
  return [
    {
      name: `causal attention ${shape.join("x")}`,
      unit: "GFLOPS",
      work: 2 * work,
      inputs: [],
      fresh: () => [],
      run: forward
    },
    {
      name: "its gradients",
      unit: "GFLOPS",
      work: 5 * work,
      inputs: [],
      fresh: freshly(...shape),
      run: (_, [dy]) => {
        const { gradFunc } = tf.getGradient("Attention")
        gradFunc([dy!], [...Object.values(inputs), ...outputs], attrs as never)["query"]!()
      }
    }
  ]
}

export const attentionCases = (): ReadonlyArray<Case> => [...attention(16, 128, 6, 32), ...attention(8, 256, 6, 64)]
