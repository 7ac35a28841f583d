import { Effect } from "effect"
import type { Backend } from "../../backend/Backend.ts"
import type { DataError, TensorError } from "../../core/errors.ts"
import type { NdArray } from "../../core/NdArray.ts"
import type * as Adversarial from "../../train/adversarial/index.ts"
import type { Board } from "../board.ts"
import type { ByLayer } from "../models.ts"
import type { GanConfig } from "./config.ts"
import type { Judgment } from "./judge.ts"
import { measuresOf } from "./measures.ts"
import type { Measured } from "./measures.ts"

type State = Adversarial.State<ByLayer, ByLayer, ByLayer, ByLayer>

/** What TensorBoard is shown of an adversarial training. */
export interface GanBoard {
  /**
   * Every tenth step: the losses, scores and gradient norms of its batches, and the gradient penalty if there is one.
   */
  readonly step: (metrics: Measured & { readonly step: number }) => Effect.Effect<void, DataError>
  /** At a checkpoint: the distributions of the weights of both networks. */
  readonly saved: (state: State) => Effect.Effect<void, DataError | TensorError, Backend>
  /** A picture of samples. */
  readonly drawn: (step: number, picture: NdArray) => Effect.Effect<void, DataError>
  readonly judged: (step: number, judgment: Judgment) => Effect.Effect<void, DataError>
  readonly flush: Effect.Effect<void, DataError>
}

/** `criticLoss` as TensorBoard's tags are written: `critic_loss`. */
const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** Shows an adversarial training on a board. */
export const ganBoard = (board: Board, config: GanConfig): GanBoard => ({
  step: (metrics) =>
    board.step(
      metrics.step,
      () => Object.fromEntries(measuresOf(config).map((name) => [`train/${snakeCase(name)}`, metrics[name]]))
    ),
  saved: ({ critic, generator, step }) => board.saved(step, { generator: generator.params, critic: critic.params }),
  drawn: (step, picture) => board.image(step, "samples", picture),
  judged: (step, { asAsked, confidence, entropy, frechetDistance, frechetFloor, present }) =>
    board.scalars(step, {
      "judged/frechet_distance": frechetDistance,
      "judged/frechet_floor": frechetFloor,
      "judged/classes": present,
      "judged/entropy": entropy,
      "judged/confidence": confidence,
      ...(asAsked === undefined ? {} : { "judged/as_asked": asAsked })
    }),
  flush: board.flush
})
