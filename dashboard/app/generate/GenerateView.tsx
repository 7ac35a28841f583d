import { SamplesOverTime } from "./SamplesOverTime.tsx"
import { Walk } from "./Walk.tsx"

/** What the generator draws: the same noise as it learns, and any noise as it is now. */
export const GenerateView = () => (
  <section aria-labelledby="try-title">
    <div class="toolbar">
      <h2 id="try-title">Try it</h2>
    </div>
    <div class="try">
      <SamplesOverTime />
      <Walk />
    </div>
  </section>
)
