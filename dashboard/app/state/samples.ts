/**
 * What was made in the course of a training: pictures of a generator, always of the same noise, or texts of a language
 * model, always from the same beginning. Plain data, which can be stored.
 */
export interface Samples<A extends Picture | Written = Picture | Written> {
  /** The step of each of them, rising. */
  readonly steps: Array<number>
  readonly pictures: Array<A>
  /** How many steps, at least, lie between two of them, the last one left out. */
  stride: number
}

/** A text that was gone on with. */
export interface Written {
  readonly prompt: string
  readonly text: string
}

/** Those of a kind, with their steps. */
export const samplesOf = <A extends Picture | Written>(
  { pictures, steps }: Samples,
  is: (made: Picture | Written) => made is A
): { readonly steps: ReadonlyArray<number>; readonly made: ReadonlyArray<A> } => {
  const found = pictures.flatMap((made, i) => is(made) ? [[steps[i]!, made] as const] : [])
  return { steps: found.map(([step]) => step), made: found.map(([, made]) => made) }
}

export const isPicture = (made: Picture | Written): made is Picture => "data" in made
export const isWritten = (made: Picture | Written): made is Written => "text" in made

/** A picture of bytes, row by row. */
export interface Picture {
  readonly data: Uint8Array
  readonly height: number
  readonly width: number
  /** 1, or 3 for one in color. By default 1. */
  readonly channels?: number
}

/** At most this many: a picture takes some tens of kilobytes, and all are written with each checkpoint. */
export const LIMIT = 32

export const noSamples = <A extends Picture | Written = Picture>(): Samples<A> => ({
  steps: [],
  pictures: [],
  stride: 1
})

/**
 * Adds what was made at a step. The last one is always the newest, and takes the place of the one before it while they
 * are less than a stride apart. When there are more than {@link LIMIT}, every other one goes.
 */
export const addPicture = <A extends Picture | Written>(samples: Samples<A>, step: number, picture: A): void => {
  const { pictures, steps } = samples, last = steps.length - 1
  if (last >= 0 && step <= steps[last]!) return
  if (last >= 1 && steps[last]! - steps[last - 1]! < samples.stride) {
    steps[last] = step
    pictures[last] = picture
    return
  }
  steps.push(step)
  pictures.push(picture)
  if (steps.length <= LIMIT) return
  samples.stride = 2 * Math.ceil((step - steps[0]!) / LIMIT)
  keepOnly(samples, (i) => i % 2 === 0 || i === steps.length - 1)
}

/** Leaves out what is after a step: it is going to be trained again. */
export const forgetAfter = <A extends Picture | Written>(samples: Samples<A>, step: number): void =>
  keepOnly(samples, (i) => samples.steps[i]! <= step)

const keepOnly = <A extends Picture | Written>({ pictures, steps }: Samples<A>, keep: (i: number) => boolean): void => {
  const kept = steps.flatMap((step, i) => keep(i) ? [[step, pictures[i]!] as const] : [])
  steps.splice(0, Infinity, ...kept.map(([step]) => step))
  pictures.splice(0, Infinity, ...kept.map(([, picture]) => picture))
}
