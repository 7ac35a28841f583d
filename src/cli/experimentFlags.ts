import { fieldsOf } from "../experiment/fields.ts"
import { flagged } from "./fieldFlags.ts"
import type { Any } from "./findExperiment.ts"
import * as flags from "./flags.ts"

const { backend, checkpointEvery, dataDir, json, out, resume, sampleEvery, tensorboard, threads, verbose } = flags

/** The flags of `train` beside those of an experiment. */
export const own = { out, resume, checkpointEvery, sampleEvery, backend, threads, dataDir, tensorboard, json, verbose }

/** Those that every command has. */
const general = ["help", "version", "completions", "logLevel", "wizard"]

/** The fields of an experiment as flags of the commands that take its configuration, the same ones of each of them. */
export const flaggedOf = ({ config }: Any) => flagged(fieldsOf(config), [...Object.keys(own), ...general])
