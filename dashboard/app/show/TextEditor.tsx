import type { NdArray } from "effect-neuron"
import { useId, useRef, useState } from "preact/hooks"
import { fitted, fittingInWords, textOf, tokensOf } from "../../../src/experiment/tokens.ts"
import { Hint } from "../controls/Fields.tsx"
import { show } from "../inspect/own.ts"

type Arr = NdArray.NdArray

// A text that is longer, or that has lines, has a field with lines.
const LONG = 60, SOME = 6

const quoted = (tokens: ReadonlyArray<string>): string => tokens.map((token) => JSON.stringify(token)).join(", ")

/** What is wrong with a text, in a sentence. */
const problemOf = (text: string, unknown: ReadonlyArray<string>): string =>
  text === ""
    ? "This has to be a text of at least one token."
    : unknown.length === 0
    ? ""
    : `The vocabulary does not have ${quoted(unknown.slice(0, SOME))}${
      unknown.length > SOME ? ` and ${unknown.length - SOME} more` : ""
    }.`

/** A text to write: the network is asked with each that it can read, and the field says what it cannot. */
export const TextEditor = ({ vocabulary, x }: { readonly vocabulary: ReadonlyArray<string>; readonly x: Arr }) => {
  const id = useId(), length = x.data.length, [problem, setProblem] = useState("")
  // What is being written stays as it is written, as long as nothing else is shown.
  const [written, write] = useState<string>(), shown = useRef(x)
  if (shown.current !== x && shown.current.data !== x.data) {
    shown.current = x
    if (written !== undefined) write(undefined)
    if (problem !== "") setProblem("")
  }
  const read = (text: string, isDone: boolean): void => {
    const { tokens, unknown } = tokensOf(text, vocabulary), found = problemOf(text, unknown)
    write(isDone && found === "" ? undefined : text)
    // The beginning of a token is no mistake.
    if (found === "" || isDone) setProblem(found)
    if (found !== "") return
    const next: Arr = { data: x.data.slice(), shape: x.shape }
    next.data.set(fitted(tokens, length))
    shown.current = next
    show(next)
  }
  const Field = length > LONG || vocabulary.includes("\n") ? "textarea" : "input"
  return (
    <div class="field">
      <label for={id}>A text of {length} tokens</label>
      <Hint id={`${id} hint`}>
        Of {vocabulary.length} tokens, such as {quoted(vocabulary.slice(0, SOME))}. {fittingInWords(vocabulary)}
      </Hint>
      <Field
        id={id}
        value={written ?? textOf(x.data, vocabulary)}
        spellcheck={false}
        class="text-sight"
        aria-invalid={problem !== ""}
        aria-describedby={problem === "" ? `${id} hint` : `${id} hint ${id} problem`}
        onInput={({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
          read(currentTarget.value, false)}
        onChange={({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
          read(currentTarget.value, true)}
      />
      {problem === "" ? null : <p class="problem" id={`${id} problem`}>{problem}</p>}
    </div>
  )
}
