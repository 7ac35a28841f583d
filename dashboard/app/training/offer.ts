import type { Field } from "../../../src/experiment/index.ts"
import { problemOf as problemOfField } from "../controls/limits.ts"
import { makeStore } from "../state/store.ts"
import type { Choice, Config, Offer, Offered } from "./definition.ts"

/** What the worker can train, as soon as it has said it; until then there is nothing to choose. */
export const offer = makeStore<Offer & { readonly isKnown: boolean }>({ experiments: [], problems: [], isKnown: false })

const digits = {
  model: "small-mlp",
  examples: 10_000,
  batchSize: 32,
  learningRate: 0.001,
  schedule: "constant",
  epochs: 1000
}

// A batch of them is a step that is seen to be taken.
const texts = { examples: 10_000, batchSize: 8, learningRate: 0.002, schedule: "constant", epochs: 1000 }

/**
 * What of the library's own experiments is another default here: what every machine trains from the first second, and
 * that goes on until somebody stops it.
 */
const ofPage: { readonly [experiment: string]: Config } = {
  digits,
  mnist: digits,
  generator: { model: "mlp", conditional: true, examples: 10_000, steps: 150_000 },
  gpt: { ...texts, layers: 2, features: 64, heads: 4 },
  lstm: { ...texts, units: 128 },
  gru: { ...texts, units: 128 },
  rnn: { ...texts, units: 128 }
}

/** What tokens are: of a page, without a file. */
const TOKENIZERS = ["characters", "bytes", "words", "bytePairs"]

/** Of the library's experiments of language, what else a field is than a word: a text to paste, or a choice. */
export const asOfPage = (field: Field, { file, name }: Offered): Field & { readonly isText?: boolean } =>
  file !== undefined || !["gpt", "lstm", "gru", "rnn"].includes(name)
    ? field
    : field.name === "text"
    ? { ...field, isText: true }
    : field.name === "tokenizer"
    ? {
      ...field,
      choices: TOKENIZERS,
      description: "What tokens are; words and pairs of bytes are learned of the text"
    }
    : field

/** The configuration that an experiment has when nobody has chosen anything. */
export const defaultsOf = ({ fields, file, name }: Offered): Config => ({
  ...Object.fromEntries(fields.flatMap((field) => field.default === undefined ? [] : [[field.name, field.default]])),
  ...(file === undefined ? ofPage[name] : {})
})

/** What a person has chosen, of the fields that there are, and the defaults of the others. */
export const completed = (offered: Offered, chosen: Config | undefined): Config => ({
  ...defaultsOf(offered),
  ...Object.fromEntries(
    Object.entries(chosen ?? {}).filter(([name]) => offered.fields.some((field) => field.name === name))
  )
})

export const offered = (name: string | undefined): Offered | undefined =>
  offer.get().experiments.find((experiment) => experiment.name === name)

/** The kind of what is trained; what the page no longer has is taken for supervised training, which most is. */
export const kindOf = (choice: Choice | undefined): Offered["kind"] => offered(choice?.experiment)?.kind ?? "supervised"

/** What is wrong with a choice, in a sentence; the worker may find more. */
export const problemOf = ({ config, experiment }: Choice): string | undefined => {
  for (const field of offered(experiment)?.fields ?? []) {
    const problem = problemOfField(field, config[field.name])
    if (problem !== undefined) return `${field.name}: ${problem}`
  }
  return undefined
}

const said = (name: string, value: unknown): string =>
  typeof value === "string" ? value : typeof value === "boolean" ? (value ? name : `no ${name}`) : `${name} ${value}`

/** A choice in some words: its experiment, and what of it is not the default. */
export const describe = ({ config, experiment }: Choice): string => {
  const known = offered(experiment), defaults = known === undefined ? {} : defaultsOf(known)
  const others = Object.entries(config).filter(([name, value]) =>
    JSON.stringify(value) !== JSON.stringify(defaults[name])
  )
  return [experiment, ...others.map(([name, value]) => said(name, value))].join(", ")
}
