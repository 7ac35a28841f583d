import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { AttentionCard } from "./AttentionCard.tsx"
import { NextTokens } from "./NextTokens.tsx"
import { WritingCard } from "./WritingCard.tsx"
import { WrittenOverTime } from "./WrittenOverTime.tsx"

/** What a language model writes: what a person has begun, the same beginning as it learns, and how it comes to that. */
export const LanguageView = () => {
  const answers = useStore(session, ({ about }) => about?.answers ?? [])
  return (
    <section aria-labelledby="try-title">
      <div class="toolbar">
        <h2 id="try-title">Try it</h2>
      </div>
      <div class="language">
        <WritingCard />
        <WrittenOverTime />
        {answers.includes("attentions") ? <AttentionCard /> : null}
        <NextTokens />
      </div>
    </section>
  )
}
