import type { Life } from "../state/life.ts"
import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"

const reasonOf = ({ isLoaded, phase, run }: Life): string => {
  if (isLoaded) return "Waiting for the first answer…"
  if (run === undefined) return "There is no run: start one, or open one of those that are kept."
  if (phase === "starting") return "The run is being loaded…"
  if (phase === "stopped") return "The run was stopped before it was loaded: Continue loads it."
  return "The run has failed, and its worker is gone: Continue begins again from what was kept of it."
}

/** Why there is nothing to be seen of the network. */
export const WhyNot = () => <p class="muted">{useStore(session, reasonOf)}</p>
