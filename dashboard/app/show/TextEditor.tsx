import { Errors } from "effect-neuron"
import type { NdArray, Text } from "effect-neuron"
import { useId, useRef, useState } from "preact/hooks"
import { firstTokens, fitted, fittingInWords } from "../../../src/experiment/tokens.ts"
import { Hint } from "../controls/Fields.tsx"
import { show } from "../inspect/own.ts"

type Arr = NdArray.NdArray

// A text that is longer, or that has lines, has a field with lines.
const LONG = 60, SOME = 6

/** The tokens of a text, or what is wrong with it, in a sentence. */
const read = (text: string, tokenizer: Text.Tokenizer): { readonly tokens: ArrayLike<number> } | string => {
  if (text === "") return "This has to be a text of at least one token."
  try {
    return { tokens: tokenizer.encode(text) }
  } catch (error) {
    if (!(error instanceof Errors.DataError)) throw error
    return `No token begins with ${error.actual}.`
  }
}

/** Whether a text can have more than one line. */
const hasLines = (tokenizer: Text.Tokenizer): boolean => {
  try {
    return tokenizer.encode("\n").length > 0
  } catch {
    return false
  }
}

/** A text to write: the network is asked with each that it can read, and the field says what it cannot. */
export const TextEditor = ({ tokenizer, x }: { readonly tokenizer: Text.Tokenizer; readonly x: Arr }) => {
  const id = useId(), length = x.data.length, [problem, setProblem] = useState("")
  // What is being written stays as it is written, as long as nothing else is shown.
  const [written, write] = useState<string>(), shown = useRef(x)
  if (shown.current !== x && shown.current.data !== x.data) {
    shown.current = x
    if (written !== undefined) write(undefined)
    if (problem !== "") setProblem("")
  }
  const change = (text: string, isDone: boolean): void => {
    const found = read(text, tokenizer), isWrong = typeof found === "string"
    write(isDone && !isWrong ? undefined : text)
    // The beginning of a token is no mistake.
    if (!isWrong || isDone) setProblem(isWrong ? found : "")
    if (isWrong) return
    const next: Arr = { data: x.data.slice(), shape: x.shape }
    next.data.set(fitted(found.tokens, length))
    shown.current = next
    show(next)
  }
  const Field = length > LONG || hasLines(tokenizer) ? "textarea" : "input"
  return (
    <div class="field">
      <label for={id}>A text of {length} tokens</label>
      <Hint id={`${id} hint`}>
        Of {tokenizer.size} tokens, such as {firstTokens(tokenizer, SOME)}. {fittingInWords(tokenizer)}
      </Hint>
      <Field
        id={id}
        value={written ?? tokenizer.decode(x.data)}
        spellcheck={false}
        class="text-sight"
        aria-invalid={problem !== ""}
        aria-describedby={problem === "" ? `${id} hint` : `${id} hint ${id} problem`}
        onInput={({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
          change(currentTarget.value, false)}
        onChange={({ currentTarget }: { readonly currentTarget: { readonly value: string } }) =>
          change(currentTarget.value, true)}
      />
      {problem === "" ? null : <p class="problem" id={`${id} problem`}>{problem}</p>}
    </div>
  )
}
