/** What JSON can say. */
export type Json = null | boolean | number | string | ReadonlyArray<Json> | { readonly [key: string]: Json }

/**
 * What the values of an option are: the same words check what a constructor is given, and what a description says.
 * Values are plain JSON, unless they are of a kind themselves.
 */
export interface OptionType<A = unknown> {
  /** What is expected, for errors: `a positive integer`. */
  readonly expected: string
  /** The value of what was given, in its one form; `undefined` when it is none. */
  readonly parse: (given: unknown) => A | undefined
  /** The value as it stands in the name of a layer, by default `String(value)`. */
  text?(value: A, option: string): string
  /** Whether its text says enough in a name without the name of the option. */
  readonly bare?: boolean
  /** Whether it is left out of names. */
  readonly hidden?: boolean
  /** What its values are when they are no JSON, but of a kind themselves. */
  readonly makes?: Made
}

/**
 * One option of a kind. It has to be given, unless it has a default or is `optional`, which is `undefined` by default.
 */
export interface Option<A = unknown> {
  readonly type: OptionType<A>
  readonly default?: A
  readonly optional?: true
  /** Whether its value stands in names without the name of the option: `dense(16)`. */
  readonly bare?: boolean
}

/** The options of a kind by name, in the order in which they stand in names. */
export type Table = { readonly [option: string]: Option }

/** The values of options: all that a kind has, with their defaults. */
export type Values<T extends Table> =
  & {
    readonly [K in keyof T]: T[K] extends { readonly type: OptionType<infer A> }
      ? T[K] extends { readonly optional: true } ? A | undefined : A
      : never
  }
  & {}

/** What is given for options: each value, or `undefined` for the default. It is checked where it is given. */
export type Given<T extends Table> = { readonly [K in keyof T]?: unknown }

/** The options of a constructor that takes nothing else: those with a default can be left out. */
export type Input<T extends Table> =
  & { readonly [K in keyof T as T[K] extends Spared ? never : K]: Values<T>[K] }
  & { readonly [K in keyof T as T[K] extends Spared ? K : never]?: Values<T>[K] | undefined }
type Spared = { readonly default: unknown } | { readonly optional: true }

/** What is made of a description. */
export type Made = "layer" | "initializer"

/**
 * What children a kind has: none, one at the path of the parent itself (the key is `""`), a list at the paths `0`, `1`,
 * …, or a record under names.
 */
export type Nesting = "none" | "one" | "list" | "record"

/** How what is of a kind is described and made. */
export interface Definition {
  readonly name: string
  readonly makes: Made
  readonly options: Table
  readonly children: Nesting
  /** Whether what it gives for a step of a sequence depends on that step alone, or on what its children say. */
  readonly perStep?: (options: { readonly [option: string]: unknown }) => boolean | "children"
  readonly make: (
    options: { readonly [option: string]: unknown },
    children: ReadonlyArray<readonly [name: string, child: never]>
  ) => unknown
}

/**
 * What a constructor carries when it is one of a kind: `Layers.dense`. In types it can be missing, so that a function
 * without it can stand in the place of one that has it.
 */
export interface Kind {
  readonly kind?: Definition
}

/** What a value says of itself: of what kind it is, with which options and children. */
export interface Configuration<Child = unknown> {
  readonly kind: Definition
  readonly options: { readonly [option: string]: unknown }
  readonly children: ReadonlyArray<readonly [name: string, child: Child]>
  /** The functions of which it says so: a copy with a function of its own is not what is said here. */
  readonly of: { readonly [name: string]: unknown }
}

const when = <A>(is: (u: unknown) => boolean) => (u: unknown): A | undefined => is(u) ? u as A : undefined

const isPositiveInteger = (u: unknown): u is number => Number.isSafeInteger(u) && (u as number) > 0

/**
 * The type of an option that is 1, 2, 3, …
 *
 * @example
 * ```ts
 * import { Kind } from "effect-neuron"
 *
 * Kind.positiveInteger.parse(3) // => 3
 * Kind.positiveInteger.parse("3") // => undefined
 * ```
 */
export const positiveInteger: OptionType<number> = {
  expected: "a positive integer",
  parse: /* @__PURE__ */ when(isPositiveInteger)
}

/**
 * The type of an option that is a finite number.
 *
 * @example
 * ```ts
 * import { Kind } from "effect-neuron"
 *
 * Kind.finite.parse(-0.5) // => -0.5
 * Kind.finite.parse(Infinity) // => undefined
 * ```
 */
export const finite: OptionType<number> = {
  expected: "a finite number",
  parse: /* @__PURE__ */ when(Number.isFinite)
}

/**
 * The type of an option that is a finite number for which a condition holds.
 *
 * @example
 * ```ts
 * import { Kind } from "effect-neuron"
 *
 * const rate = Kind.number("a number from 0 to below 1", (n) => n >= 0 && n < 1)
 * rate.parse(1) // => undefined
 * ```
 */
export const number = (expected: string, holds: (n: number) => boolean): OptionType<number> => ({
  expected,
  parse: (u) => Number.isFinite(u) && holds(u as number) ? u as number : undefined
})

/**
 * The type of an option that is a finite number above 0.
 *
 * @example
 * ```ts
 * import { Kind } from "effect-neuron"
 *
 * Kind.positive.parse(0) // => undefined
 * ```
 */
export const positive: OptionType<number> = /* @__PURE__ */ number("a number above 0", (n) => n > 0)

/**
 * The type of an option that is a finite number of at least 0.
 *
 * @example
 * ```ts
 * import { Kind } from "effect-neuron"
 *
 * Kind.notNegative.parse(0) // => 0
 * ```
 */
export const notNegative: OptionType<number> = /* @__PURE__ */ number("a number of at least 0", (n) => n >= 0)

/**
 * The type of an option that is true or false: `no bias` in a name when it is false.
 *
 * @example
 * ```ts
 * import { Kind } from "effect-neuron"
 *
 * Kind.boolean.parse(0) // => undefined
 * ```
 */
export const boolean: OptionType<boolean> = {
  expected: "true or false",
  parse: /* @__PURE__ */ when((u) => typeof u === "boolean"),
  text: (value, option) => value ? option : `no ${option}`,
  bare: true
}

/**
 * The type of an option that is one of several words.
 *
 * @example
 * ```ts
 * import { Kind } from "effect-neuron"
 *
 * Kind.oneOf("same", "valid").parse("valid") // => "valid"
 * ```
 */
export const oneOf = <const Words extends ReadonlyArray<string>>(...words: Words): OptionType<Words[number]> => ({
  expected: words.map((word) => JSON.stringify(word)).join(" or "),
  parse: when((u) => words.includes(u as string)),
  bare: true
})
