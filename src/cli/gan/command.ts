import { Command, Flag } from "effect/cli"
import { called } from "../called.ts"
import * as flags from "../flags.ts"
import { CLASSES } from "../models.ts"
import { byLoss, defaults, losses } from "./config.ts"
import { ganEvaluate } from "./evaluate.ts"
import { ganSample } from "./sample.ts"
import { ganTrain } from "./train.ts"

const { backend, checkpointEvery, dataDir, dataset, json, resume, run, threads, verbose } = flags

/** The defaults of an option that depend on the loss: `5 for wgan-gp and wgan, 1 for hinge`. */
const ofLoss = (name: keyof typeof byLoss[typeof defaults.loss]): string =>
  Array.from(new Set(losses.map((loss) => byLoss[loss][name])), (value) => {
    const same = losses.filter((loss) => byLoss[loss][name] === value)
    return same.length === losses.length ? value : `${value} for ${same.join(", ")}`
  }).join("; ")

const learningRate = (name: "generator" | "critic") =>
  flags.rate(`${name}-learning-rate`).pipe(
    Flag.withDescription(`Adam's for the ${name} (default: ${ofLoss(`${name}LearningRate`)})`),
    Flag.optional
  )

const classifier = Flag.String("classifier").pipe(
  Flag.withMetavar("RUN"),
  Flag.withDescription(`The run of \`${called("effect-neuron train")}\` whose model judges the images`)
)

const trainCommand = Command.make(
  "train",
  {
    config: {
      dataset,
      model: flags.model,
      loss: Flag.Literals("loss", losses).pipe(
        Flag.withDescription(`What the two networks minimize (default: ${defaults.loss})`),
        Flag.optional
      ),
      conditional: Flag.Boolean("conditional").pipe(
        Flag.withDescription("Tell both networks the class of an image, so that classes can be asked for"),
        Flag.optional
      ),
      steps: flags.positive("steps").pipe(
        Flag.withAlias("n"),
        Flag.withDescription(`Updates of the generator (default: ${defaults.steps})`),
        Flag.optional
      ),
      criticSteps: flags.positive("critic-steps").pipe(
        Flag.withDescription(
          `Updates of the critic, with a batch each, before each of the generator (default: ${ofLoss("criticSteps")})`
        ),
        Flag.optional
      ),
      batchSize: flags.batchSize,
      generatorLearningRate: learningRate("generator"),
      criticLearningRate: learningRate("critic"),
      latent: flags.positive("latent").pipe(
        Flag.withDescription(`The numbers of noise that an image is made of (default: ${defaults.latent})`),
        Flag.optional
      ),
      average: Flag.Finite("average").pipe(
        Flag.filter((share) => share >= 0 && share < 1, () => "a number from 0 to below 1"),
        Flag.withDescription(
          `The share that the moving average of the generator's weights keeps in a step (default: ${defaults.average})`
        ),
        Flag.optional
      ),
      seed: flags.seed,
      backend
    },
    dataDir,
    out: flags.out("<dataset>-<loss>"),
    resume,
    checkpointEvery,
    threads,
    classifier: classifier.pipe(Flag.optional),
    sampleEvery: flags.positive("sample-every").pipe(
      Flag.withMetavar("STEPS"),
      Flag.withDescription("How often images are drawn for a picture, and judged, always from the same noise"),
      Flag.withDefault(200)
    ),
    tensorboard: flags.tensorboard("pictures, judgments"),
    json,
    verbose
  },
  ganTrain
).pipe(
  Command.withDescription(
    "Train a generator of images of digits against a critic, and write a run folder: samples, model.safetensors, " +
      "metrics.jsonl, run.json, report.html. Ctrl-C stops after the step and saves."
  ),
  Command.withExamples([
    {
      command: called("effect-neuron gan train"),
      description: `${defaults.steps} steps of the convolutional networks`
    },
    {
      command: called("effect-neuron gan train --loss wgan-gp --conditional --out runs/digits"),
      description: "A Wasserstein GAN with gradient penalty that is told the classes"
    },
    { command: called("effect-neuron gan train --resume runs/digits --steps 6000"), description: "Train it on" }
  ])
)

const sampleCommand = Command.make(
  "sample",
  {
    run,
    count: Flag.Int("count").pipe(
      Flag.filter((n) => n >= 1 && n <= 1000, () => "an integer from 1 to 1000"),
      Flag.withAlias("c"),
      Flag.withDescription("How many images"),
      Flag.withDefault(64)
    ),
    seed: flags.natural("seed").pipe(
      Flag.withDescription("The same seed gives the same images"),
      Flag.withDefault(defaults.seed)
    ),
    label: Flag.Int("label").pipe(
      Flag.filter((n) => n >= 0 && n < CLASSES, () => `a class from 0 to ${CLASSES - 1}`),
      Flag.withDescription("The class of all images, from a run that was trained with --conditional"),
      Flag.optional
    ),
    interpolate: Flag.Boolean("interpolate").pipe(
      Flag.withDescription("Rows that go from one point of the noise to another"),
      Flag.withDefault(false)
    ),
    out: Flag.String("out").pipe(
      Flag.withAlias("o"),
      Flag.withMetavar("PNG"),
      Flag.withDescription("The picture (default: in the run's samples folder)"),
      Flag.optional
    ),
    backend,
    threads,
    json,
    verbose
  },
  ganSample
).pipe(
  Command.withDescription("Draw images with the generator of a run, by the moving average of its weights"),
  Command.withExamples([
    { command: called("effect-neuron gan sample runs/digits --out grid.png"), description: "64 images in a grid" },
    { command: called("effect-neuron gan sample runs/digits --label 3 --count 16"), description: "Sixteen threes" },
    { command: called("effect-neuron gan sample runs/digits --interpolate"), description: "From one image to another" }
  ])
)

const evaluateCommand = Command.make(
  "evaluate",
  {
    run,
    classifier,
    count: Flag.Int("count").pipe(
      Flag.filter((n) => n >= 2 && n <= 10_000, () => "an integer from 2 to 10000"),
      Flag.withAlias("c"),
      Flag.withDescription("How many images"),
      Flag.withDefault(1000)
    ),
    seed: flags.natural("seed").pipe(
      Flag.withDescription("The seed of the noise (default: that of the run, with which it is judged in training)"),
      Flag.optional
    ),
    dataDir,
    backend,
    threads,
    json,
    verbose
  },
  ganEvaluate
).pipe(
  Command.withDescription(
    "Judge images of the generator of a run with a classifier: which classes it sees and how sure it is, and the " +
      "Fréchet distance of its features from those of test images, beside the distance that other test images have"
  ),
  Command.withExamples([
    {
      command: called("effect-neuron gan evaluate runs/digits --classifier runs/best"),
      description: `1,000 images, with the model of \`${called("effect-neuron train --out runs/best")}\``
    }
  ])
)

/** `gan train`, `gan sample` and `gan evaluate`. */
export const ganCommand = Command.make("gan").pipe(
  Command.withDescription("Train a generator of images against a critic, draw with it, and judge what it draws"),
  Command.withSubcommands([trainCommand, sampleCommand, evaluateCommand])
)
