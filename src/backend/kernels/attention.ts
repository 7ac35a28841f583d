import type { Key } from "../../core/Key.ts"

/** The attributes of attention. */
export interface Attention {
  readonly causal: boolean
  /** 0 for none. */
  readonly window: number
  readonly scale: number
  /** One for each head, or none. */
  readonly slopes: ReadonlyArray<number>
  readonly dropout: { readonly rate: number; readonly key: Key } | undefined
}
