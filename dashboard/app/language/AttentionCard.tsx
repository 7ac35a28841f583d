import type { NdArray } from "effect-neuron"
import { useState } from "preact/hooks"
import { usePolled } from "../inspect/usePolled.ts"
import { ask } from "../state/session.ts"
import { HeadMap } from "./HeadMap.tsx"
import { seen, useTextNow } from "./textNow.ts"

// As many tokens as can be told apart in a picture of all of them.
const MOST = 40

/** `body.block0.attention` as "block 1". */
const nameOf = (path: string): string => {
  const part = path.split(".").findLast((key) => /\d$/.test(key)) ?? path
  return part.replace(/(\d+)$/, (digits) => ` ${Number(digits) + 1}`)
}

/** What each head of each layer looks at, of the text as it is now, and what a token looks at by one of them. */
export const AttentionCard = () => {
  const now = useTextNow(MOST), key = `attention ${now?.key ?? ""}`
  const all = usePolled(
    async () => {
      if (now === undefined) return undefined
      return { now, weights: await ask((client) => client.attentions(now.x)) }
    },
    400,
    key
  )
  const [chosen, choose] = useState({ layer: 0, head: 0 }), [query, setQuery] = useState<number>()
  const layers = Object.entries(all?.weights ?? {})
  // What has no attention has nothing to be seen.
  if (all === undefined || layers.length === 0) return null
  const layer = Math.min(chosen.layer, layers.length - 1), [, weights] = layers[layer]!
  const head = Math.min(chosen.head, weights.shape[1]! - 1), { tokenizer, tokens } = all.now
  const at = Math.min(query ?? tokens.length - 1, tokens.length - 1)
  const rows = headOf(weights, head), looks = rows.data.subarray(at * tokens.length, (at + 1) * tokens.length)
  return (
    <section class="card attention" aria-labelledby="attention-title">
      <h3 id="attention-title">What it looks at</h3>
      <p class="muted">
        Each square is a head of attention: a row for each token of the text, and the stronger a place, the more it
        looks there. Choose one, and a token below.
      </p>
      <div class="heads">
        {layers.map(([path, weights], l) => (
          <div key={path} role="group" aria-label={nameOf(path)}>
            <span class="muted">{nameOf(path)}</span>
            <span class="maps">
              {Array.from({ length: weights.shape[1]! }, (_, h) => (
                <HeadMap
                  key={h}
                  label={`${nameOf(path)}, head ${h + 1}`}
                  isChosen={l === layer && h === head}
                  row={l === layer && h === head ? at : undefined}
                  weights={headOf(weights, h)}
                  onChoose={() => choose({ layer: l, head: h })}
                />
              ))}
            </span>
          </div>
        ))}
      </div>
      <p class="tokens" data-testid="looks">
        {tokens.map((token, i) => (
          <span
            key={i}
            class={i === at ? "asked" : ""}
            style={{ "--part": Math.sqrt(looks[i]!) }}
            onClick={() => setQuery(i)}
            onPointerEnter={(event) => event.pointerType === "mouse" && setQuery(i)}
          >
            {seen(tokenizer, token)}
          </span>
        ))}
      </p>
      <label class="slider">
        token
        <input
          type="range"
          min={0}
          max={tokens.length - 1}
          value={at}
          aria-valuetext={`token ${at + 1} of ${tokens.length}, ${
            inWords(looks, tokens, (token) => seen(tokenizer, token))
          }`}
          onInput={(event) => setQuery(event.currentTarget.valueAsNumber)}
        />
        <output aria-hidden="true">{at + 1}</output>
      </label>
    </section>
  )
}

/** The weights of a head, `[time, time]`, of a batch of one. */
const headOf = ({ data, shape }: NdArray.NdArray, head: number): NdArray.NdArray => {
  const [, , time = 0, keys = 0] = shape
  return { data: data.subarray(head * time * keys, (head + 1) * time * keys), shape: [time, keys] } as NdArray.NdArray
}

/** What is looked at most, in words. */
const inWords = (looks: ArrayLike<number>, tokens: ReadonlyArray<number>, word: (token: number) => string): string => {
  const most = Array.from(looks, (weight, i) => ({ weight, i })).toSorted((a, b) => b.weight - a.weight).slice(0, 3)
  return `looks at ${most.map(({ i, weight }) => `${word(tokens[i]!)} ${(100 * weight).toFixed(0)} %`).join(", ")}`
}
