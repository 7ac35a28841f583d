import { Effect, Schema, Stream } from "effect"
import type { FileSystem } from "effect"
import { shown } from "../core/configuration.ts"
import { DataError } from "../core/errors.ts"
import { bytePairs } from "../text/bytePairs.ts"
import { bytes } from "../text/bytes.ts"
import { characters } from "../text/characters.ts"
import { dataset } from "../text/dataset.ts"
import { read } from "../text/read.ts"
import { stories } from "../text/stories.ts"
import { REPLACEMENT } from "../text/Tokenizer.ts"
import type { Tokenizer } from "../text/Tokenizer.ts"
import { fromTokenizerJson } from "../text/tokenizerJson.ts"
import { collect, part } from "../text/Tokens.ts"
import { countWindows } from "../text/windows.ts"
import { words } from "../text/words.ts"
import { option, positiveInt, share } from "./config.ts"

type Texts = Stream.Stream<string, DataError, FileSystem.FileSystem>

/** What pairs of bytes are learned of at most: of a longer text the beginning, which is read once more. */
const LEARNED = 20_000_000

/** The fields of the configuration of a language model that say what it reads. */
export const reading = () => ({
  text: option(Schema.String, "", "A file of text in UTF-8; without it small stories are made up"),
  tokenizer: option(
    Schema.String,
    "characters",
    "What tokens are: characters, bytes, words, bytePairs (learned of the text), or a file tokenizer.json"
  ),
  tokens: option(positiveInt, 2048, "How many words, or pairs of bytes, there are at most"),
  time: option(positiveInt, 64, "Tokens in an example"),
  examples: option(positiveInt, 12_000, "Examples in an epoch at most; of a longer text others in each"),
  test: option(share, 0.05, "The share of the text, at its end, that it is tested on")
})

interface Reading {
  readonly text: string
  readonly tokenizer: string
  readonly tokens: number
  readonly time: number
  readonly examples: number
  readonly test: number
  readonly validation: number
  readonly seed: number
}

const linesIn = (text: string, end: number): number => {
  let count = 0
  for (let at = text.indexOf("\n"); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) count++
  return count
}

/** The text of a file, which is refused where it is none: a picture, say, or one in another encoding. */
const textIn = (path: string): Texts =>
  Stream.suspend(() => {
    let line = 1
    return Stream.mapEffect(read(path), (text) => {
      const at = text.indexOf(REPLACEMENT)
      line += linesIn(text, at < 0 ? text.length : at)
      return at < 0
        ? Effect.succeed(text)
        : Effect.fail(
          new DataError({
            source: `${path}:${line}`,
            expected: "text in UTF-8",
            actual: "bytes that are none, or U+FFFD"
          })
        )
    })
  })

/** The beginning of a text, of at least so many characters if it has them. */
const beginning = (texts: Texts, length: number): Texts =>
  Stream.suspend(() => {
    let before = 0
    return Stream.takeWhile(texts, ({ length: more }) => {
      const isEnough = before >= length
      before += more
      return !isEnough
    })
  })

/** The tokenizer of a file, which what is wrong in it names too. */
const tokenizerIn = (path: string) =>
  Effect.flatMap(Stream.mkString(read(path)), (text) =>
    Effect.mapError(
      Effect.fromResult(fromTokenizerJson(text)),
      ({ actual, expected, source }) => new DataError({ source: `${path}, ${source}`, expected, actual })
    ))

const tokenizerOf = (texts: Texts, { tokenizer, tokens }: Reading) => {
  switch (tokenizer) {
    case "characters":
      return characters(texts)
    case "bytes":
      return Effect.succeed(bytes)
    case "words":
      return words(texts, { size: tokens })
    case "bytePairs":
      // All bytes are tokens, and so there are not fewer.
      return bytePairs(beginning(texts, LEARNED), { size: Math.max(256, tokens) })
    default:
      return tokenizer.endsWith(".json") ? tokenizerIn(tokenizer) : Effect.fail(
        new DataError({
          source: "tokenizer",
          expected: "characters, bytes, words, bytePairs or a file that ends in .json",
          actual: shown(tokenizer)
        })
      )
  }
}

/** The text of a configuration as a data set: what stands first is trained with, the rest validated and tested on. */
export const languageData = (config: Reading) =>
  Effect.gen(function*() {
    const { examples, seed, test, text, time, validation } = config
    const texts: Texts = text === "" ? stories() : textIn(text), name = text === "" ? "stories" : text
    const tokenizer: Tokenizer = yield* Effect.mapError(
      tokenizerOf(texts, config),
      // Of a text without characters.
      (error) => {
        const { actual, expected, source } = error
        return source.startsWith("Text.") ? new DataError({ source: name, expected, actual }) : error
      }
    )
    const tokens = yield* collect(texts, tokenizer), { length } = tokens
    const tested = Math.floor(length * test), validated = Math.floor((length - tested) * validation)
    const trained = length - tested - validated
    if (countWindows(trained, { time, seed }) === 0) {
      const expected = `more than ${time} tokens to train on, one window of time ${time}`
      return yield* new DataError({ source: name, expected, actual: `${trained} of ${length}` })
    }
    return dataset({
      name,
      ...{ tokenizer, time, seed, most: examples },
      train: part(tokens, 0, trained),
      validation: part(tokens, trained, trained + validated),
      test: part(tokens, length - tested, length)
    })
  })
