import { Command, Flag } from "effect/cli"
import { CLASSES } from "../../experiment/digitsNetworks.ts"
import { fieldsOf } from "../../experiment/fields.ts"
import { generator } from "../../experiment/generator.ts"
import { called } from "../called.ts"
import { withDataDir } from "../dataDir.ts"
import { flaggedOf } from "../experimentFlags.ts"
import { flagsOf, given } from "../fieldFlags.ts"
import { known } from "../findExperiment.ts"
import * as flags from "../flags.ts"
import { numberFlag } from "../numberFlag.ts"
import { ganEvaluate } from "./evaluate.ts"
import { ganSample } from "./sample.ts"
import { ganTrain } from "./train.ts"

const { backend, checkpointEvery, dataDir, json, out, resume, run, sampleEvery, tensorboard, threads, verbose } = flags
const fields = fieldsOf(generator.config)
const { default: seed } = fields.find(({ name }) => name === "seed")!

const classifier = Flag.String("classifier").pipe(
  Flag.withMetavar("RUN"),
  Flag.withDescription(`The run of \`${called("effect-neuron train")}\` whose model judges the images`)
)

const trainCommand = Command.make(
  "train",
  {
    config: flagsOf(flaggedOf(known["generator"]!)),
    classifier: classifier.pipe(Flag.optional),
    ...{ out, resume, checkpointEvery, sampleEvery, backend, threads, dataDir, tensorboard },
    json,
    verbose
  },
  (options) => withDataDir(options.dataDir)(ganTrain({ ...options, config: given(options.config) }))
).pipe(
  Command.withDescription(
    "Train a generator of images of digits against a critic, and write a run folder: samples, model.safetensors, " +
      "metrics.jsonl, run.json, report.html. Ctrl-C stops after the step and saves."
  ),
  Command.withExamples([
    {
      command: called("effect-neuron gan train"),
      description: "The convolutional networks"
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
    count: numberFlag("count", { type: "integer", minimum: 1, maximum: 1000 }).pipe(
      Flag.withAlias("c"),
      Flag.withDescription("How many images"),
      Flag.withDefault(64)
    ),
    seed: flags.natural("seed").pipe(
      Flag.withDescription("The same seed gives the same images"),
      Flag.withDefault(Number(seed))
    ),
    label: numberFlag("label", { type: "integer", minimum: 0, maximum: CLASSES - 1 }).pipe(
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
    dataDir,
    backend,
    threads,
    json,
    verbose
  },
  (options) => withDataDir(options.dataDir)(ganSample(options))
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
    count: numberFlag("count", { type: "integer", minimum: 2, maximum: 10_000 }).pipe(
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
  (options) => withDataDir(options.dataDir)(ganEvaluate(options))
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
