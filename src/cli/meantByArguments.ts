import { Effect, Option } from "effect"
import { findExperiment, known } from "./findExperiment.ts"
import { experimentOf, meantBy } from "./reference.ts"

/** The value of an option among arguments: `--resume runs/a`, `--resume=runs/a`. */
const valueOf = (args: ReadonlyArray<string>, name: string): string | undefined => {
  const at = args.indexOf(`--${name}`), joined = args.find((arg) => arg.startsWith(`--${name}=`))
  return at >= 0 ? args[at + 1] : joined?.slice(name.length + 3)
}

// What stands behind them is a path, and no experiment.
const paths = new Set(["--out", "-o", "--resume", "--tensorboard", "--data-dir"])

/** The experiment among arguments: the one behind the command, or what looks like one further on. */
const namedIn = ([first, ...rest]: ReadonlyArray<string>): string | undefined =>
  first !== undefined && !first.startsWith("-")
    ? first
    : rest.find((arg, i) =>
      !paths.has(i === 0 ? first ?? "" : rest[i - 1]!) &&
      (Object.hasOwn(known, arg) || /^[^-].*\.[cm]?[jt]s(#|$)/.test(arg))
    )

/**
 * The experiment that arguments mean, whose fields are options: of `train` and `summary` the one that stands behind the
 * command, or that of the run which is gone on with.
 */
export const meantByArguments = (args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const [command, ...rest] = args
    if (command !== "train" && command !== "summary") return Option.none()
    const named = namedIn(rest)
    if (named !== undefined) return Option.some(yield* findExperiment(named))
    const resumed = valueOf(args, "resume")
    if (resumed === undefined) return Option.none()
    return Option.some(yield* Effect.flatMap(meantBy(resumed), (meant) => experimentOf(meant, undefined)))
  })
