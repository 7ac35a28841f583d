import { Effect } from "effect"
import { Scope } from "effect"

/**
 * Who has a value that is replaced in time: a trainer, whose state lives until the next step. What was held lives until
 * the Scope ends, whatever happens meanwhile.
 */
export interface Lender<out A> {
  readonly held: Effect.Effect<A, never, Scope.Scope>
}

/** A value, or who lends it as long as it is used. */
export type Lent<A> = A | Lender<A>

/** Whether a value is one that is lent. */
export const isLender = <A>(lent: Lent<A>): lent is Lender<A> =>
  typeof lent === "object" && lent !== null && "held" in lent && Effect.isEffect(lent.held)

/** The value, which lives until the Scope ends. */
export const held = <A>(lent: Lent<A>): Effect.Effect<A, never, Scope.Scope> =>
  isLender(lent) ? lent.held : Effect.succeed(lent)

/** Runs `f` with the value, which lives until `f` ends. */
export const using = <A, B, E, R>(lent: Lent<A>, f: (value: A) => Effect.Effect<B, E, R>): Effect.Effect<B, E, R> =>
  isLender(lent)
    // A Scope of its own, so that one that `f` asks for stays the caller's.
    ? Effect.scopedWith((scope) => Effect.flatMap(Scope.provide(lent.held, scope), f))
    : f(lent)
