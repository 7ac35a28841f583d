import { Stream } from "effect"

/**
 * An operator that can be called with its stream first, `operator(stream, ...settings)`, or last,
 * `stream.pipe(operator(...settings))`. Wrong settings are an error either way before there is a stream, which
 * Effect's `dual` would have wait for it. A setting that is a stream itself is the first one, and `settings` tells how
 * many streams there are then.
 */
export const operator = <Operator>(
  make: (...settings: ReadonlyArray<never>) => (self: never) => unknown,
  streamsBefore = 0
): Operator =>
  ((...args: ReadonlyArray<never>) =>
    Stream.isStream(args[streamsBefore])
      ? make(...args.slice(1))(args[0]!)
      : make(...args)) as Operator
