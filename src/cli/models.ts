import * as Layers from "../layers/index.ts"
import * as Optimizers from "../optimizers/index.ts"
import * as Schedules from "../optimizers/schedules.ts"
import type { RunConfig } from "./config.ts"

/** A multilayer perceptron, 784-128-10 on images of 28 x 28. */
const mlp = (classes: number) =>
  Layers.named({
    flat: Layers.flatten,
    hidden: Layers.dense(128),
    relu: Layers.relu,
    head: Layers.dense(classes)
  })

/** Two convolutions, each with batch normalisation and pooling: small, and still above 99 % on MNIST. */
const cnn = (classes: number) =>
  Layers.named({
    conv1: Layers.conv2d({ filters: 12, kernelSize: 5, strides: 2 }),
    norm1: Layers.batchNorm(),
    relu1: Layers.relu,
    conv2: Layers.conv2d({ filters: 24, kernelSize: 3 }),
    norm2: Layers.batchNorm(),
    relu2: Layers.relu,
    pool2: Layers.maxPool2d(2),
    flat: Layers.flatten,
    drop: Layers.dropout(0.25),
    head: Layers.dense(classes)
  })

/** The model of a configuration. */
export const modelOf = ({ model }: Pick<RunConfig, "model">, classes: number): Layers.Layer<Params, State> =>
  (model === "mlp" ? mlp(classes) : cnn(classes)) as Layers.Any

// The two models have different trees; what runs them only passes them on.
type Params = Layers.Params<ReturnType<typeof cnn>>
type State = Layers.State<ReturnType<typeof cnn>>

/** Adam, with a learning rate that goes down to zero over the run along a cosine. */
export const optimizerOf = ({ learningRate }: Pick<RunConfig, "learningRate">, steps: number) =>
  Optimizers.adam(Schedules.cosine({ base: learningRate, steps }))
