import { Effect, Stream } from "effect"
import { isNdArray } from "../core/NdArray.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import type { SupervisedExample } from "../datasets/Dataset.ts"
import { extentOf, imageRange, pointRange, showOf } from "./show.ts"
import type { Extent, Show, View } from "./show.ts"

/** Of so many examples the values say in which range all of them are. */
const SEEN = 200

/** How many ranges a view has that are of the data. */
const rangesOf = (view: View, tree: HostTree): number =>
  view.kind === "point" ? 2 : view.kind === "image" && isNdArray(tree) && !(tree.data instanceof Uint8Array) ? 1 : 0

const wider = (a: ReadonlyArray<Extent>, b: ReadonlyArray<Extent>): ReadonlyArray<Extent> =>
  a.map(([low, high], i) => [Math.min(low, b[i]![0]), Math.max(high, b[i]![1])])

const within = (view: View, extents: ReadonlyArray<Extent>): View =>
  extents.length === 0
    ? view
    : view.kind === "point"
    ? { kind: "point", ranges: [pointRange(extents[0]!), pointRange(extents[1]!)] }
    : view.kind === "image"
    ? { kind: "image", range: imageRange(extents[0]!) }
    : view

/** How examples are looked at when nobody says it: by the shapes of the first one, and the values of the first some hundred. */
export const guessed = <E, R>({ classes, train }: {
  readonly classes: ReadonlyArray<string>
  readonly train: Stream.Stream<SupervisedExample<HostTree, HostTree>, E, R>
}): Effect.Effect<Show | undefined, E, R> =>
  Effect.gen(function*() {
    const first = yield* Stream.runHead(train)
    if (first._tag === "None") return undefined
    const show = showOf({ ...first.value, classes })
    if (show === undefined) return undefined
    const counts = [rangesOf(show.input, first.value.x), rangesOf(show.target, first.value.y)] as const
    if (counts[0] + counts[1] === 0) return show
    const extents = ({ x, y }: { readonly x: HostTree; readonly y: HostTree }) =>
      [extentOf(x as NdArray, counts[0]), extentOf(y as NdArray, counts[1])] as const
    const [input, target] = yield* train.pipe(
      Stream.take(SEEN),
      Stream.map(extents),
      Stream.runFold(() => extents(first.value), (a, b) => [wider(a[0], b[0]), wider(a[1], b[1])] as const)
    )
    return { input: within(show.input, input), target: within(show.target, target) }
  })
