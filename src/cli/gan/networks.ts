import { Effect } from "effect"
import * as Checkpoint from "../../checkpoint/index.ts"
import * as Key from "../../core/Key.ts"
import type { Shape } from "../../core/Shape.ts"
import type { Networks } from "../../experiment/generatorNetworks.ts"
import * as Layers from "../../layers/index.ts"
import * as Adversarial from "../../train/adversarial/index.ts"
import { IMAGE } from "../models.ts"
import type { GanConfig } from "./config.ts"

export { adamOf, networksOf, stepOf } from "../../experiment/generatorNetworks.ts"
export type { Networks } from "../../experiment/generatorNetworks.ts"

/** The first state of a configuration. */
export const initOf = ({ latent, seed }: GanConfig, networks: Networks) =>
  Adversarial.init({ ...networks, latent: { shape: [latent] }, input: IMAGE, key: Key.make(seed) })

/** What a checkpoint says of the two networks. */
export const metadataOf = (
  { latent }: GanConfig,
  { conditional, critic, generator }: Networks
): Checkpoint.Metadata => {
  const describe = (network: Layers.Any, x: Shape, at: string) =>
    Checkpoint.describe(network, { input: inputOf(conditional, x), at })
  return { ...describe(generator, [latent], "generator"), ...describe(critic, IMAGE, "critic") }
}

/** What both networks are made of. */
export const summariesOf = ({ latent }: GanConfig, { conditional, critic, generator }: Networks) =>
  Effect.all({
    generator: Layers.summary(generator as Layers.Any, inputOf(conditional, [latent])),
    critic: Layers.summary(critic as Layers.Any, inputOf(conditional, IMAGE))
  })

const inputOf = (conditional: boolean | undefined, x: Shape) => conditional ? { x, y: [] } : x
