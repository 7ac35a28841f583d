import { Effect } from "effect"

/**
 * Gives bytes to the user of a page as a download of the given name: a checkpoint of `Checkpoint.encode`, an image of
 * `Images.encodePng`.
 *
 * @example
 * ```ts no-run
 * import { Effect } from "effect"
 * import { Checkpoint } from "effect-neuron"
 * import type { Tree } from "effect-neuron"
 * import * as Browser from "effect-neuron/browser"
 *
 * const save = (trainer: { readonly state: Effect.Effect<Tree.Tree> }) =>
 *   trainer.state.pipe(
 *     Effect.flatMap((state) => Checkpoint.encode(state)),
 *     Effect.flatMap((bytes) => Browser.download(Checkpoint.fileName, bytes))
 *   )
 * ```
 */
export const download = (name: string, bytes: Uint8Array<ArrayBuffer>): Effect.Effect<void> =>
  Effect.sync(() => {
    const address = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }))
    const link = document.createElement("a")
    link.href = address
    link.download = name
    link.click()
    // The browser has begun to read by then.
    setTimeout(() => URL.revokeObjectURL(address), 60_000)
  })
