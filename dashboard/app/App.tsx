import { useEffect, useRef, useState } from "preact/hooks"
import { TrainingView } from "./charts/TrainingView.tsx"
import { RunsView } from "./compare/RunsView.tsx"
import { Controls } from "./controls/Controls.tsx"
import { RunBar } from "./controls/RunBar.tsx"
import { Drawer, useNarrow } from "./Drawer.tsx"
import { GenerateView } from "./generate/GenerateView.tsx"
import { MistakesView } from "./inspect/MistakesView.tsx"
import { TryView } from "./inspect/TryView.tsx"
import { LanguageView } from "./language/LanguageView.tsx"
import { ClassifierNetwork } from "./network/ClassifierNetwork.tsx"
import { GeneratorNetwork } from "./network/GeneratorNetwork.tsx"
import { currentRun, runs } from "./state/runs.ts"
import { about } from "./state/server.ts"
import { session } from "./state/session.ts"
import { settings } from "./state/settings.ts"
import type { Settings } from "./state/settings.ts"
import { useStore } from "./state/store.ts"
import { SummaryView } from "./summary/SummaryView.tsx"
import { kindOf, offer } from "./training/offer.ts"
import { views, viewsOf } from "./views.ts"
import type { View } from "./views.ts"

type Kind = ReturnType<typeof kindOf>

const viewOf = (hash: string): View => views.find(([view]) => `#${view}` === hash)?.[0] ?? "training"

const themes: ReadonlyArray<Settings["theme"]> = ["system", "light", "dark"]

const Theme = () => {
  const theme = useStore(settings, (value) => value.theme)
  return (
    <label class="theme">
      <span>theme</span>
      <select
        value={theme}
        onChange={(event) => settings.set({ theme: event.currentTarget.value as Settings["theme"] })}
      >
        {themes.map((name) => <option key={name}>{name}</option>)}
      </select>
    </label>
  )
}

const Current = ({ isLanguage, kind, view }: {
  readonly isLanguage: boolean
  readonly kind: Kind
  readonly view: View
}) => {
  switch (view) {
    case "training":
      return <TrainingView />
    case "network":
      return kind === "adversarial" ? <GeneratorNetwork /> : <ClassifierNetwork />
    case "try":
      return kind === "adversarial" ? <GenerateView /> : isLanguage ? <LanguageView /> : <TryView />
    case "mistakes":
      return <MistakesView />
    case "summary":
      return <SummaryView />
    case "runs":
      return <RunsView />
  }
}

/** The page: what is trained and what it is asked to do at the side, one view of it beside that. */
export const App = () => {
  const [view, setView] = useState(viewOf(location.hash))
  const choice = useStore(runs, () => currentRun()?.choice)
  const kind = useStore(offer, () => kindOf(choice))
  const known = useStore(session, (value) => value.about), shownViews = viewsOf(kind, known)
  const isLanguage = known?.answers.includes("generate") === true
  const isNarrow = useNarrow()
  const version = useStore(about, (value) => value.version)
  useEffect(() => {
    const onHash = () => {
      setView(viewOf(location.hash))
      scrollTo(0, 0)
    }
    addEventListener("hashchange", onHash)
    return () => removeEventListener("hashchange", onHash)
  }, [])
  const shown = useRef(view)
  useEffect(() => {
    document.title = `${views.find(([id]) => id === view)![1]} · effect-neuron`
    // A link that has gone with its view leaves the focus nowhere.
    if (shown.current !== view && document.activeElement === document.body) {
      document.querySelector<HTMLElement>("#view")?.focus({ preventScroll: true })
    }
    shown.current = view
  }, [view])
  return (
    <>
      <a
        class="skip"
        href="#view"
        onClick={(event) => {
          event.preventDefault()
          document.querySelector<HTMLElement>("#view")?.focus()
        }}
      >
        Skip to the view
      </a>
      <header>
        <h1>
          effect-neuron <small>{version}</small>
        </h1>
        <nav aria-label="Views">
          {views.filter(([id]) => shownViews.includes(id)).map(([id, name]) => (
            <a key={id} href={`#${id}`} aria-current={id === view ? "page" : undefined}>{name}</a>
          ))}
        </nav>
        {isNarrow
          ? (
            <Drawer name="New run">
              <Controls />
            </Drawer>
          )
          : null}
        <Theme />
      </header>
      <div class="layout">
        <main id="view" tabIndex={-1}>
          <RunBar />
          <Current isLanguage={isLanguage} kind={kind} view={shownViews.includes(view) ? view : "training"} />
        </main>
        {isNarrow
          ? null
          : (
            <aside>
              <Controls />
            </aside>
          )}
      </div>
    </>
  )
}
