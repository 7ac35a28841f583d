import { useEffect, useId, useState } from "preact/hooks"
import { count } from "../../../src/experiment/report/numbers.ts"
import { loadText, problemOf, saveText } from "../state/database.ts"
import { isPasted, nameOfPasted } from "../training/pasted.ts"
import { Hint } from "./Fields.tsx"

/** What is too short to be learned from. */
const LEAST = 1000

/** A text to train with, which is kept in this browser under a name, `""` for one that is made up. */
export const PastedText = ({ name, onChange }: {
  readonly name: unknown
  readonly onChange: (name: string) => void
}) => {
  const id = useId(), [text, setText] = useState(""), [problem, setProblem] = useState("")
  useEffect(() => {
    let over = false
    if (!isPasted(name)) setText("")
    else void loadText(name).then((kept) => over || setText(kept ?? ""), () => undefined)
    return () => {
      over = true
    }
  }, [name])
  const keep = async (text: string): Promise<void> => {
    setText(text)
    const isEnough = text.length >= LEAST
    setProblem(text === "" || isEnough ? "" : `This has to be a text of at least ${count(LEAST)} characters.`)
    if (text === "") onChange("")
    if (!isEnough) return
    const name = nameOfPasted(text)
    try {
      await saveText(name, text)
      onChange(name)
    } catch (cause) {
      setProblem(problemOf(cause))
    }
  }
  return (
    <div class="field pasted">
      <label for={id}>Text</label>
      <Hint id={`${id} hint`}>
        {text === ""
          ? "Paste one here, or choose a file; without it small stories are made up"
          : `${count(text.length)} characters, kept in this browser`}
      </Hint>
      <textarea
        id={id}
        value={text}
        rows={3}
        spellcheck={false}
        placeholder="Once upon a time…"
        aria-invalid={problem !== ""}
        aria-describedby={problem === "" ? `${id} hint` : `${id} problem`}
        onChange={(event) => void keep(event.currentTarget.value)}
      />
      {problem === "" ? null : <p class="problem" id={`${id} problem`}>{problem}</p>}
      <span class="buttons">
        <label class="button">
          Choose a file
          <input
            type="file"
            class="hidden"
            accept="text/*,.txt,.md"
            onChange={async ({ currentTarget }) => {
              const [file] = currentTarget.files ?? []
              if (file !== undefined) await keep(await file.text())
              currentTarget.value = ""
            }}
          />
        </label>
        <button type="button" disabled={text === ""} onClick={() => void keep("")}>Made-up stories</button>
      </span>
    </div>
  )
}
