import { Layer, Scheduler } from "effect"
import { inTurn } from "../core/turns.ts"

/**
 * Has the fibers of a page or a worker take turns by messages in place of timers, which browsers slow down: to four
 * milliseconds each, and to a second or a minute each in a page that is hidden, where a training would all but stop.
 * {@link runMain} has it built in; give it to a `ManagedRuntime`, or wherever else a program is run.
 *
 * @example
 * ```ts no-run
 * import { Layer, ManagedRuntime } from "effect"
 * import { Backend } from "effect-neuron"
 * import * as Browser from "effect-neuron/browser"
 *
 * const runtime = ManagedRuntime.make(Layer.merge(Browser.layerScheduler, Backend.layerWasm))
 * ```
 */
export const layerScheduler: Layer.Layer<never> = /* @__PURE__ */ Layer.sync(
  Scheduler.Scheduler,
  () => new Scheduler.MixedScheduler("async", inTurn)
)
