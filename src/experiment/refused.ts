import { Effect, Schema, Stream } from "effect"
import { DataError } from "../core/errors.ts"
import type { HostTree } from "../core/NdArray.ts"
import { placeOf, thrownInWords } from "../core/thrown.ts"
import type { Dataset } from "../datasets/Dataset.ts"

/** What a function of an experiment is to give, and whether something is one. */
interface Kind {
  readonly expected: string
  readonly is: (given: unknown) => boolean
}

const has = (given: unknown, ...names: ReadonlyArray<string>): boolean =>
  (typeof given === "object" || typeof given === "function") && given !== null && names.every((name) => name in given)

/** The functions that an experiment is made of. */
export const parts = {
  data: { expected: "a data set", is: (given) => has(given, "shapes", "sizes", "classes", "train", "test") },
  model: { expected: "a layer", is: (given) => has(given, "init", "apply") },
  loss: { expected: "a function of predictions and targets", is: (given) => typeof given === "function" },
  metrics: { expected: "a list of metrics", is: (given) => Array.isArray(given) && given.every((m) => has(m, "name")) },
  optimizer: { expected: "an optimizer", is: (given) => has(given, "init", "update") },
  show: { expected: "how input and target are looked at", is: (given) => has(given, "input", "target") },
  latent: { expected: "the shape of a noise", is: (given) => has(given, "shape") },
  networks: {
    expected: "a generator, a critic and their optimizers",
    is: (given) => has(given, "generator", "critic", "optimizers")
  },
  step: { expected: "a step", is: (given) => typeof given === "function" },
  criticSteps: { expected: "a number of updates", is: (given) => typeof given === "number" },
  open: { expected: "the parts of an experiment", is: (given) => has(given, "steps", "init", "step", "batches") }
} as const satisfies { readonly [part: string]: Kind }

export type Part = keyof typeof parts

/** What a function of an experiment has thrown: of a `RangeError` the configuration is to blame. */
const thrownBy = (name: string, part: Part) => (thrown: unknown): DataError => {
  if (thrown instanceof DataError) return thrown
  const place = placeOf(thrown), isRange = thrown instanceof RangeError
  const from = isRange ? `in its ${part}${place === undefined ? "" : `, ${place}`}` : place
  return new DataError({
    source: isRange ? `configuration of ${name}` : `${part} of ${name}`,
    expected: isRange ? "a valid one" : parts[part].expected,
    actual: from === undefined ? thrownInWords(thrown) : `${thrownInWords(thrown)} (${from})`,
    cause: thrown
  })
}

const checked = <A>(name: string, part: Part, given: A): Effect.Effect<A, DataError> =>
  parts[part].is(given)
    ? Effect.succeed(given)
    : Effect.fail(
      new DataError({
        source: `${part} of ${name}`,
        expected: parts[part].expected,
        actual: typeof given === "object" && given !== null ? "another object" : String(given)
      })
    )

/** Asks one of the functions of an experiment; what it throws, and what is not what it is to give, is said with its name. */
export const callPart = <A>(name: string, part: Part, f: () => A): Effect.Effect<A, DataError> =>
  Effect.flatMap(Effect.try({ try: f, catch: thrownBy(name, part) }), (given) => checked(name, part, given))

/** Asks one that may give an effect. */
export const callEffect = <A, E = never, R = never>(
  name: string,
  part: Part,
  f: () => A | Effect.Effect<A, E, R>
): Effect.Effect<A, E | DataError, R> =>
  Effect.try({ try: f, catch: thrownBy(name, part) }).pipe(
    Effect.flatMap((given) => Effect.isEffect(given) ? given as Effect.Effect<A, E, R> : Effect.succeed(given)),
    Effect.catchDefect((defect) => Effect.fail(thrownBy(name, part)(defect))),
    Effect.flatMap((given) => checked(name, part, given))
  )

/** A data set whose streams say what is thrown on their way. */
export const withData = <X extends HostTree, Y extends HostTree, E, R>(
  name: string,
  dataset: Dataset<X, Y, E, R>
): Dataset<X, Y, E | DataError, R> => {
  const said = Stream.catchDefect((defect) => Stream.fail(thrownBy(name, "data")(defect)))
  return { ...dataset, train: said(dataset.train), test: said(dataset.test) }
}

/** What is thrown while an experiment is opened, beside what its functions throw, is wrong with its configuration. */
export const refused = (name: string) => (defect: unknown): Effect.Effect<never, DataError> =>
  defect instanceof RangeError
    ? Effect.fail(
      new DataError({
        source: `configuration of ${name}`,
        expected: "a valid one",
        actual: defect.message,
        cause: defect
      })
    )
    : Effect.die(defect)

/** Throws a `RangeError` for a name that folders and commands could not have, and for a configuration that is no schema. */
export const checkName = (by: string, name: string, config: unknown): void => {
  if (typeof name !== "string" || !/^\w[\w.\- ]*$/.test(name)) {
    throw new RangeError(`${by}: a name is of letters, digits, dots, dashes and spaces, got ${JSON.stringify(name)}`)
  }
  if (!Schema.isSchema(config)) throw new RangeError(`${by}: config is a Schema, got another ${typeof config}`)
}
