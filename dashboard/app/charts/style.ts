/** How the lines of a run are drawn, beside its color: lengths of dashes and of gaps, none for a line without. */
interface Style {
  readonly training: ReadonlyArray<number>
  readonly validation: ReadonlyArray<number>
}

/** Of the first run with a color, of the second, and so on. */
const styles: ReadonlyArray<Style> = [
  { training: [], validation: [5, 4] },
  { training: [14, 3], validation: [2, 3] },
  { training: [14, 3, 2, 3], validation: [5, 3, 1, 3] },
  { training: [8, 2, 1, 2, 1, 2], validation: [3, 6] }
]

/** The style of one of several runs, which are told apart by color first: by how many before it have the same. */
export const styleOf = <R extends { readonly id: string; readonly color: number; readonly created: number }>(
  run: R,
  all: ReadonlyArray<R>
): Style => {
  const before = all.filter(({ color, created, id }) =>
    color === run.color && (created < run.created || created === run.created && id < run.id)
  )
  return styles[before.length % styles.length]!
}
