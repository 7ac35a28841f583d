import { Effect, Option } from "effect"
import { findExperiment } from "./findExperiment.ts"
import { experimentOf, meantBy } from "./reference.ts"

/** The value of an option among arguments: `--resume runs/a`, `--resume=runs/a`. */
const valueOf = (args: ReadonlyArray<string>, name: string): string | undefined => {
  const at = args.indexOf(`--${name}`), joined = args.find((arg) => arg.startsWith(`--${name}=`))
  return at >= 0 ? args[at + 1] : joined?.slice(name.length + 3)
}

/**
 * The experiment that arguments mean, whose fields are options: of `train` and `summary` the one that stands behind the
 * command, or that of the run which is gone on with.
 */
export const meantByArguments = (args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const [command, first] = args
    if (command !== "train" && command !== "summary") return Option.none()
    if (first !== undefined && !first.startsWith("-")) return Option.some(yield* findExperiment(first))
    const resumed = valueOf(args, "resume")
    if (resumed === undefined) return Option.none()
    return Option.some(yield* Effect.flatMap(meantBy(resumed), (meant) => experimentOf(meant, undefined)))
  })
