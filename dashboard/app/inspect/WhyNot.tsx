import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { unanswered } from "./usePolled.ts"
import { reasonOf } from "./why.ts"

/** Why there is nothing to be seen of the network; `reason` where more is known than of the run. */
export const WhyNot = ({ reason }: { readonly reason?: string | undefined }) => {
  const failure = useStore(unanswered, (value) => value.why), life = useStore(session, (value) => value)
  return <p class="muted">{reason ?? reasonOf(life, failure)}</p>
}
