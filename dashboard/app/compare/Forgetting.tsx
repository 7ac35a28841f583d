/** Whether those who are marked are to be forgotten: asked once for all of them. */
export const Forgetting = ({ count, onForget, onKeep }: {
  readonly count: number
  readonly onForget: () => void
  readonly onKeep: () => void
}) => (
  <div class="question" role="group" aria-label="Forget runs">
    <span role="status">
      {count === 0
        ? ""
        : `Forget ${count === 1 ? "one run" : `${count} runs`}, with ${count === 1 ? "its" : "their"} weights?`}
    </span>
    {count === 0 ? null : (
      <>
        <button type="button" class="danger" onClick={onForget}>Forget</button>
        <button type="button" onClick={onKeep}>Keep</button>
      </>
    )}
  </div>
)
