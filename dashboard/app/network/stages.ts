import { NdArray } from "effect-neuron"

type Arr = NdArray.NdArray

/** How several things become one. */
export type Join = "sum" | "product" | "concatenation"

/** What a layer gives for one example, with its weights if it has any. */
export interface Stage {
  readonly path: string
  /** Which of several networks it belongs to. */
  readonly network?: string
  readonly y: Arr
  readonly kernel?: Arr | undefined
  readonly bias?: Arr | undefined
  /** The places of the stages whose outputs it takes, by default of the one before it. */
  readonly takes?: ReadonlyArray<number>
  readonly join?: Join
  /** Whether it has a column of its own also without a kernel: it has parameters, or is a layer of one's own. */
  readonly isApart?: boolean
  /** Whether it gives what it takes, or the same in another form. */
  readonly isPassing?: boolean
  /** Whether the model gives it. */
  readonly isOutput?: boolean
}

export type Outputs = ReadonlyArray<readonly [path: string, y: NdArray.HostTree]>
export type Weights = { readonly [path: string]: Arr }

/** The stages of a supervised network: its input, where that is one array, and what each layer gives. */
export const classifierStages = (
  input: Arr | undefined,
  outputs: Outputs,
  weights: Weights
): ReadonlyArray<Stage> => [
  ...input === undefined ? [] : [{ path: "input", y: input }],
  ...outputs.flatMap(([path, y]) =>
    path === "" || !NdArray.isNdArray(y)
      ? []
      : [{ path, y, kernel: weights[`params.${path}.kernel`], bias: weights[`params.${path}.bias`] }]
  )
]

/** The kernel of a transposed convolution, which has its channels the other way round, as that of another one. */
export const transposed = (kernel: Arr): Arr => {
  const [height = 0, width = 0, outputs = 0, inputs = 0] = kernel.shape
  const data = new Float32Array(kernel.data.length)
  for (let tap = 0; tap < height * width; tap++) {
    const start = tap * inputs * outputs
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < outputs; j++) data[start + i * outputs + j] = kernel.data[start + j * inputs + i]!
    }
  }
  return NdArray.make(data, [height, width, inputs, outputs])
}

/** A transposed convolution is the one that makes images larger. */
const forward = (kernel: Arr, y: Arr, before: Arr): Arr =>
  kernel.shape.length === 4 && before.shape.length === 4 && y.shape[1]! > before.shape[1]! ? transposed(kernel) : kernel

/** Of the weights from an image and a map of its label, those from the image: every other row. */
const fromImage = ({ data, shape }: Arr): Arr => {
  const outputs = shape.at(-1)!, rows = data.length / outputs / 2, out = new Float32Array(rows * outputs)
  for (let row = 0; row < rows; row++) {
    out.set(data.subarray(2 * row * outputs, (2 * row + 1) * outputs), row * outputs)
  }
  return NdArray.make(out, [...shape.slice(0, -2), shape.at(-2)! / 2, outputs])
}

const JOINED = "generator.joined", LAYER = /^(generator|critic)\.(?:(network)\.)?(.+)$/

/** What is no layer of the picture: what tells a network its class, and a network as a whole. */
const isApart = (layer: string) => /^(inputs|joined|network)(\.|$)/.test(layer)

/**
 * The stages of a generator and of its critic, which looks at what has been generated: from noise, and a class where
 * they are told one, to the image, and on to the score.
 */
export const generatorStages = (outputs: Outputs, weights: Weights): ReadonlyArray<Stage> => {
  const stages: Array<Stage> = []
  let isFirstOfCritic = true
  for (const [path, y] of outputs) {
    const [, network, inner, layer] = LAYER.exec(path) ?? []
    if (!NdArray.isNdArray(y)) continue
    if (path === JOINED) stages.push({ path: "noise, class", network: "generator", y })
    if (network === undefined || inner === undefined && isApart(layer!)) continue
    const at = `${network}.params.${inner === undefined ? layer : `${inner}.${layer}`}`
    const kernel = weights[`${at}.kernel`], before = stages.at(-1)
    if (kernel === undefined || before === undefined) {
      stages.push({ path: layer!, network, y })
      continue
    }
    const ofImage = network === "critic" && inner !== undefined && isFirstOfCritic
    if (ofImage) isFirstOfCritic = false
    stages.push({
      path: layer!,
      network,
      y,
      kernel: ofImage ? fromImage(kernel) : forward(kernel, y, before.y),
      bias: weights[`${at}.bias`]
    })
  }
  return stages
}
