import type { Tensor } from "@tensorflow/tfjs-core"
import type { Tree } from "../core/Tree.ts"
import type { Any, Input, Output } from "./Layer.ts"
import type { Entry, Shown } from "./neighbors.ts"

/**
 * What is taken of values with names: one of them, several as a tuple, or several as a record. Of a value that has parts
 * one is taken by its keys, `encoder.state`.
 */
export type Wire = string | ReadonlyArray<string> | { readonly [key: string]: string }

/**
 * A node of `Layers.graph`: its name, its layer, and what the layer takes, by default what the node before it gives.
 */
export type Node = readonly [name: string, layer: Any, takes?: Wire]

/** The value of a wire, where `Env` has the values of all names. */
export type Value<Env, W> = W extends keyof Env ? Env[W]
  : W extends `${infer Name}.${infer Keys}` ? Name extends keyof Env ? Value<Env[Name], Keys> : never
  : W extends string ? never
  : { readonly [K in keyof W]: Value<Env, W[K]> } & {}

/**
 * The value of a wire, as a tree: an intersection with all that one can be would stay in the types of graphs. Nothing
 * is inferred of it, for the place that a graph stands in does not say what its wires are.
 */
export type Held<Env, W> = [W] extends [infer V] ? Extract<Value<Env, V>, Tree> : never

/** The inputs of a graph under their names: each is a tensor. */
export type Inputs<W> = W extends string ? { readonly [K in W]: Tensor }
  : { readonly [K in Extract<W[keyof W & (W extends ReadonlyArray<unknown> ? number : string)], string>]: Tensor }

/** The nodes as entries, for their parameters and states. */
export type Entries<Ns extends ReadonlyArray<Node>> = {
  readonly [K in keyof Ns]: readonly [name: Ns[K][0], layer: Ns[K][1]]
}

/** What a node takes: the third of its parts, or, without one, what stands before it. */
type Taken<N extends Node, Before> = N extends readonly [unknown, unknown, infer W extends Wire] ? W : Before

/** The values of all names after the last node. */
export type Environment<Ns extends ReadonlyArray<Node>, Env> =
  & Env
  & { readonly [N in Ns[number] as N[0]]: Output<N[1]> }

/** The name of the last node. */
export type Last<Ns extends ReadonlyArray<Node>> = Ns extends readonly [...infer _, infer N extends Node] ? N[0] : never

/**
 * The nodes themselves when each takes what its wire has, of the inputs and the nodes before it. Else the part of the
 * first that does not is replaced: its wire by the names that there are, its layer by a sentence, so that the error is
 * there and ends with it. As in a sequence, `Done` makes this a loop for the compiler.
 */
export type Wired<
  Ns extends ReadonlyArray<Node>,
  Env,
  Before,
  Done extends ReadonlyArray<unknown> = readonly []
> = Ns extends readonly [infer N extends Node, ...infer Rest extends ReadonlyArray<Node>]
  ? Taken<N, Before> extends infer W
    ? [Unknown<Names<W>, Env>] extends [never]
      ? [Value<Env, W>] extends [Input<N[1]>]
        ? Wired<Rest, Env & { readonly [K in N[0]]: Output<N[1]> }, N[0], readonly [...Done, N]>
      : readonly [...Done, readonly [N[0], Refusal<N, Value<Env, W>>, W], ...Rest]
    : readonly [...Done, readonly [N[0], N[1], Known<W, keyof Env>], ...Rest]
  : never
  : Done

type Refusal<N extends Entry | Node, Given> = `${N[0]} is given ${Shown<Given>}, and takes ${Shown<Input<N[1]>>}`

/** Those of the names of a wire that are no value, and no part of one. */
export type Unknown<W, Env> = W extends keyof Env ? never
  : W extends `${infer Name}.${infer Keys}` ?
    Name extends keyof Env ? [Unknown<Keys, Env[Name]>] extends [never] ? never : W : W
  : W

/** The names of a wire. */
export type Names<W> = W extends string ? W : W extends ReadonlyArray<unknown> ? W[number] : W[keyof W]

/** A wire of names that there are. */
type Known<W, Names> = W extends string ? Names : { readonly [K in keyof W]: Names }
