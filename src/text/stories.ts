import { Effect, Stream } from "effect"
import { naturalNumber, positiveInteger } from "../core/check.ts"
import * as Key from "../core/Key.ts"
import * as Random from "../core/Random.ts"

const people = [
  ["Ada", "she"],
  ["Ben", "he"],
  ["Clara", "she"],
  ["David", "he"],
  ["Emma", "she"],
  ["Finn", "he"],
  ["Greta", "she"],
  ["Hugo", "he"]
] as const
const traits = ["curious", "brave", "quiet", "cheerful", "clever", "patient", "shy", "stubborn"]
const homes = ["by the sea", "in a small village", "on a hill", "at the edge of a forest", "above a bakery"]
const pets = ["cat", "dog", "goat", "parrot", "rabbit", "turtle"]
const times = ["One morning", "One evening", "On a rainy day", "In the middle of the night", "Last summer"]
const places = ["the old mill", "the harbor", "the market", "the library", "the river", "the attic", "the orchard"]
const things = ["a silver key", "a torn map", "a glass marble", "an old clock", "a red kite", "a letter without a name"]
const feelings = ["surprised", "happy", "worried", "proud", "puzzled"]
const reasons = [
  "it began to snow",
  "the wind was strong",
  "nobody was there",
  "the sun went down",
  "a bell was ringing"
]

/** The story of a key. */
const story = (key: Key.Key): string => {
  const next = Random.generator(key)
  const oneOf = <A>(all: ReadonlyArray<A>): A => all[Math.floor(next() * all.length)]!
  const [name, who] = oneOf(people), [friend] = oneOf(people.filter(([other]) => other !== name))
  const pet = oneOf(pets), place = oneOf(places), thing = oneOf(things), trait = oneOf(traits)
  const known = thing.replace(/^an? /, "the "),
    Who = who === "she" ? "She" : "He",
    whose = who === "she" ? "her" : "his"
  const whom = who === "she" ? "her" : "him"
  const middle = [
    () => `"Look what I have found," ${who} said to ${friend}.`,
    () => `${Who} asked ${friend} about it, but ${friend} only laughed.`,
    () => `${name} put ${known} into ${whose} pocket and ran home.`,
    () => `The ${pet} followed ${whom}, for ${oneOf(reasons)}.`,
    () => `${Who} was ${oneOf(feelings)} and counted to ${oneOf(["three", "seven", "ten", "twenty"])}.`,
    () => `"Whose is it?" asked ${friend}. "I do not know," said ${name}.`,
    () => `They went to ${oneOf(places.filter((other) => other !== place))} together, but ${oneOf(reasons)}.`
  ]
  const first = Math.floor(next() * middle.length), second = (first + 1 + Math.floor(next() * 3)) % middle.length
  const end = oneOf([
    () => `In the end ${name} gave ${known} to ${friend}, and they were friends for ever.`,
    () => `So ${name} took ${known} back to ${place}, where it is to this day.`,
    () => `Since then ${name} and the ${pet} go to ${place} every week.`
  ])
  return [
    `There was once a ${trait} ${who === "she" ? "girl" : "boy"} named ${name}, who lived ${
      oneOf(homes)
    } with a ${pet}.`,
    `${oneOf(times)} ${name} went to ${place} and found ${thing}.`,
    ...next() < 0.5 ? [`It was not easy to be so ${trait}.`] : [],
    middle[first]!(),
    middle[second]!(),
    end()
  ].join(" ")
}

/** The options of {@link stories}. */
export interface StoriesOptions {
  /** How long they are together at least, in characters; by default 1,000,000. */
  readonly length?: number
  /** Other stories for another seed, by default 0. */
  readonly seed?: number
}

/**
 * Small stories in plain English, which are made up by a grammar: a text to train with where there is no file of one. Of
 * so many characters, in pieces; the same seed gives the same. Throws a `RangeError` for a length or a seed that is none.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const text = Effect.runSync(Stream.mkString(Text.stories({ length: 1000 })))
 * text.slice(0, 16) // => "There was once a"
 * ```
 */
export const stories = ({ length = 1_000_000, seed = 0 }: StoriesOptions = {}): Stream.Stream<string> => {
  positiveInteger("Text.stories", "length", length)
  naturalNumber("Text.stories", "seed", seed)
  const key = Key.make(seed)
  return Stream.unfold({ i: 0, before: 0 }, ({ before, i }) =>
    Effect.sync(() => {
      if (before >= length) return undefined
      const text = `${story(Key.fold(key, i))}\n\n`
      return [text, { i: i + 1, before: before + text.length }] as const
    }))
}
