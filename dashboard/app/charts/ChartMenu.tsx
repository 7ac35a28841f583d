import type { TargetedEvent } from "preact"

/** What can be done with a chart, by the words for it. */
export const ChartMenu = ({ actions, title }: {
  readonly title: string
  readonly actions: { readonly [words: string]: () => void }
}) => {
  const close = (event: TargetedEvent<HTMLElement>) => {
    event.currentTarget.closest("details")!.open = false
  }
  return (
    <details
      class="menu"
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) close(event)
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return
        close(event)
        event.currentTarget.querySelector("summary")!.focus()
      }}
    >
      <summary aria-label={`${title}: more`} title="More">⋯</summary>
      <div>
        {Object.entries(actions).map(([words, act]) => (
          <button
            key={words}
            type="button"
            onClick={(event) => {
              act()
              close(event)
            }}
          >
            {words}
          </button>
        ))}
      </div>
    </details>
  )
}
