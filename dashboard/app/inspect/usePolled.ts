import { useEffect, useRef, useState } from "preact/hooks"
import { messageOf } from "../../../src/core/messageOf.ts"
import { currentRun, stepOf } from "../state/runs.ts"
import { session } from "../state/session.ts"
import { makeStore } from "../state/store.ts"

const IDLE = 150

/** Why the question that was asked last got no answer, in a sentence; nothing once it has one. */
export const unanswered = makeStore<{ readonly why: string | undefined }>({ why: undefined })

const sayWhy = (why: string | undefined): void => {
  if (unanswered.get().why !== why) unanswered.set({ why })
}

/**
 * What a question gives, asked again `every` so many milliseconds while steps are taken, and at once when `key` is
 * another one. Questions never overlap, and wait longer when answers take long. Nothing is asked of a hidden page. What
 * another run has answered does not count: it may be of another experiment.
 */
export const usePolled = <A>(ask: () => Promise<A> | undefined, every: number, key: string): A | undefined => {
  const [answer, setAnswer] = useState<{ readonly run: string | undefined; readonly is: A }>()
  const latest = useRef({ ask, key })
  latest.current = { ask, key }
  useEffect(() => {
    let over = false, asked = "", timer: ReturnType<typeof setTimeout> | undefined
    const turn = async (): Promise<void> => {
      const run = currentRun(), now = `${latest.current.key} ${run?.id} ${run === undefined ? 0 : stepOf(run)}`
      let wait = IDLE
      if (now !== asked && !document.hidden) {
        const began = performance.now()
        try {
          const question = latest.current.ask()
          const next = question === undefined ? undefined : await question
          if (over) return
          if (next !== undefined) {
            sayWhy(undefined)
            asked = now
            setAnswer({ run: run?.id, is: next })
            wait = Math.max(every, 3 * (performance.now() - began))
          }
        } catch (cause) {
          // There may be no training to ask yet, or no more: the next turn finds out.
          if (!over && session.get().isLoaded) sayWhy(messageOf(cause))
          wait = 500
        }
      }
      if (!over) timer = setTimeout(turn, wait)
    }
    void turn()
    return () => {
      over = true
      clearTimeout(timer)
      sayWhy(undefined)
    }
  }, [key])
  return answer !== undefined && answer.run === currentRun()?.id ? answer.is : undefined
}
