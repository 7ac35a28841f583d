import { Effect, Schema } from "effect"
import { DataError } from "../core/errors.ts"
import type { Run } from "../experiment/run/format.ts"
import type { CommonConfig, RunKind } from "./config.ts"

/** A run of a kind, whose configuration is known. */
export type RunOf<C> = Run & { readonly config: C }

/** A run as one of a kind; fails when it is none of that command. */
export const ofKind = <C extends CommonConfig>(
  run: Run,
  { command, kind, schema }: Pick<RunKind<C>, "command" | "kind" | "schema">,
  source: string
): Effect.Effect<RunOf<C>, DataError> => {
  const wrong = (actual: string) => new DataError({ source, expected: `a run of \`${command}\``, actual })
  return run.kind === kind
    ? Schema.decodeUnknownEffect(schema)(run.config).pipe(
      Effect.mapError(() => wrong("one of another configuration")),
      Effect.map((config) => ({ ...run, config }))
    )
    : Effect.fail(wrong(`another one, ${run.kind}`))
}
