import { storage } from "../state/storage.ts"
import { useStore } from "../state/store.ts"

const bytes = (n: number): string =>
  n < 1e6 ? `${Math.round(n / 1e3)} kB` : n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(1)} GB`

/** How much room runs take, and how much there is. */
export const Room = () => {
  const { quota, usage } = useStore(storage, (value) => value)
  return usage === undefined || quota === undefined
    ? null
    : (
      <p class="muted" data-testid="room">
        Runs take {bytes(usage)} of the {bytes(quota)} that the browser has for this page.
      </p>
    )
}
