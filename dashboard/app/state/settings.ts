import { backends } from "../training/definition.ts"
import type { Choice, Config } from "../training/definition.ts"
import { completed, offer, offered } from "../training/offer.ts"
import { makeStore } from "./store.ts"

/** What a person has chosen about the page; it is kept in this browser. */
export interface Settings {
  readonly theme: "system" | "light" | "dark"
  /** The experiment of the next run, and what was chosen last for each of them. */
  readonly experiment: string
  readonly configs: { readonly [experiment: string]: Config }
  readonly backend: (typeof backends)[number]
  readonly smoothing: number
  readonly logarithmic: boolean
  /** What charts have along their x axes. */
  readonly axis: "step" | "epoch" | "time"
  readonly layerColor: string
  readonly randomColors: boolean
  readonly neuronSpacing: number
  readonly layerSpacing: number
  readonly edges: number
  /** The run folders that are in the charts. */
  readonly folders: ReadonlyArray<string>
  /** How the table of runs is sorted, and what it shows: the columns that were chosen, or the usual ones. */
  readonly runsBy: string
  readonly runsDescending: boolean
  readonly runsColumns: { readonly [column: string]: boolean }
  readonly onlyDifferences: boolean
}

const KEY = "effect-neuron dashboard"

const initial: Settings = {
  theme: "system",
  experiment: "",
  configs: {},
  backend: "wasm",
  smoothing: 0.9,
  logarithmic: false,
  axis: "step",
  layerColor: "#d1495b",
  randomColors: false,
  neuronSpacing: 34,
  layerSpacing: 420,
  edges: 800,
  folders: [],
  runsBy: "created",
  runsDescending: true,
  runsColumns: {},
  onlyDifferences: false
}

const read = (): Settings => {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}")
    const backend = backends.includes(kept.backend) ? kept.backend : initial.backend
    return { ...initial, ...kept, backend }
  } catch {
    return initial
  }
}

export const settings = makeStore(read())

/** What the next run is going to be; nothing as long as it is not known what can be trained. */
export const chosen = (): Choice | undefined => {
  const { configs, experiment } = settings.get()
  const found = offered(experiment) ?? offer.get().experiments[0]
  return found && { experiment: found.name, config: completed(found, configs[found.name]) }
}

settings.subscribe(() => {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings.get()))
  } catch {
    // A browser that keeps nothing, in a private window say: the choice holds until the page is left.
  }
})

/** Whether the system asks for dark pages. */
export const systemIsDark = matchMedia("(prefers-color-scheme: dark)")

const applyTheme = () => {
  const { theme } = settings.get()
  document.documentElement.dataset["theme"] = theme === "system" ? systemIsDark.matches ? "dark" : "light" : theme
}
applyTheme()
settings.subscribe(applyTheme)
systemIsDark.addEventListener("change", applyTheme)
