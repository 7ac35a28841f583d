import type { Tensor } from "@tensorflow/tfjs-core"
import type { Any, Input, Layer, Output, Params, State } from "./Layer.ts"

/** A layer with its name, as `Layers.sequence` takes them. */
export type Entry = readonly [name: string, layer: Any]

// `& {}` makes TypeScript show the records and tuples themselves in hovers and declarations, and not these names.

/** The parameters of children, under the keys of the children. */
export type ParamsOf<Ls> = { readonly [K in keyof Ls]: Params<Ls[K]> } & {}

/** The running states of children, under the keys of the children. */
export type StatesOf<Ls> = { readonly [K in keyof Ls]: State<Ls[K]> } & {}

/** The parameters of layers with names, as a record. */
export type ParamsIn<Es extends ReadonlyArray<Entry>> = ParamsOf<Named<Es>>

/** The running states of layers with names, as a record. */
export type StatesIn<Es extends ReadonlyArray<Entry>> = StatesOf<Named<Es>>

/** Layers with names, as a record. */
type Named<Es extends ReadonlyArray<Entry>> = { readonly [E in Es[number] as E[0]]: E[1] }

/** What the first of several layers takes. */
export type FirstInput<Es extends ReadonlyArray<Entry>> = Es extends readonly [infer E extends Entry, ...infer _]
  ? Input<E[1]>
  : Tensor

/** What the last of several layers gives. */
export type LastOutput<Es extends ReadonlyArray<Entry>> = Es extends readonly [...infer _, infer E extends Entry]
  ? Output<E[1]>
  : Tensor

/**
 * The entries themselves when each takes what the one before it gives. Else the layer of the first that does not is
 * replaced by a sentence, which no layer is assignable to: so the error is at that layer, and ends with the sentence.
 * The number of layers is only known of a tuple; layers of an array take and give one tensor.
 */
export type Chained<Es extends ReadonlyArray<Entry>> = number extends Es["length"]
  ? ReadonlyArray<readonly [name: Es[number][0], layer: OneTensorLayer]>
  : From<Es, "", FirstInput<Es>, never>

// The entries before are collected in `Done`, which makes this a loop for the compiler, and not a recursion.
type From<
  Es extends ReadonlyArray<Entry>,
  Before extends string,
  Given,
  Names,
  Done extends ReadonlyArray<Entry | readonly [string, string]> = readonly []
> = Es extends readonly [infer E extends Entry, ...infer Rest extends ReadonlyArray<Entry>]
  ? E[0] extends Names ? readonly [...Done, readonly [E[0], `${E[0]} is the name of a layer before it`], ...Rest]
  : [Given] extends [Input<E[1]>] ? From<Rest, E[0], Output<E[1]>, Names | E[0], readonly [...Done, E]>
  : readonly [...Done, readonly [E[0], `${Before} gives ${Shown<Given>}, ${E[0]} takes ${Shown<Input<E[1]>>}`], ...Rest]
  : Done

/** Layers in their order as entries, named by their positions. */
export type Positions<Ls extends ReadonlyArray<Any>> = {
  readonly [K in keyof Ls]: readonly [name: K & string, layer: Ls[K]]
}

/** As {@link Chained}, of layers without names. */
export type ChainedLayers<Ls extends ReadonlyArray<Any>> = Bare<Chained<Positions<Ls>>>
type Bare<Es> = { readonly [K in keyof Es]: Es[K] extends readonly [unknown, infer L] ? L : never }

/** A layer that takes one tensor and gives one. */
// oxlint-disable-next-line typescript/no-explicit-any -- a layer is invariant in its parameters and state
type OneTensorLayer = Layer<any, any>

/** The layers themselves when each takes and gives one tensor; else a sentence in the place of one that does not. */
export type OneTensorEach<Ls> = {
  readonly [K in keyof Ls]: [Tensor] extends [Input<Ls[K]>] ? [Output<Ls[K]>] extends [Tensor] ? Ls[K]
    : `named takes layers of one tensor, ${K & string} gives ${Shown<Output<Ls[K]>>}: see Layers.sequence`
    : `named takes layers of one tensor, ${K & string} takes ${Shown<Input<Ls[K]>>}: see Layers.sequence`
}

/** What flows between layers, in words. */
export type Shown<T> = T extends Tensor ? "one tensor"
  : T extends ReadonlyArray<unknown> ? `a tuple of ${T["length"]}`
  : `{ ${Listed<keyof T>} }`

// The members of a union one by one. Their order is the compiler's own, which messages can live with.
type Listed<U, Done extends string = ""> = [U] extends [never] ? Done
  : LastOf<U> extends infer L extends string | number
    ? Listed<Exclude<U, L>, Done extends "" ? `${L}` : `${L}, ${Done}`>
  : Done
type LastOf<U> = (U extends unknown ? (f: () => U) => void : never) extends (f: infer F) => void
  ? F extends () => infer L ? L : never
  : never
