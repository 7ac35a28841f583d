import type { Histogram } from "./histogram.ts"
import { bytes, double, doubles, float, integer, join, text } from "./protobuf.ts"
import type { Field } from "./protobuf.ts"

/**
 * The messages of an event file, with the field numbers of `event.proto` and `summary.proto`
 * (https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto). Fields are in the order of their
 * numbers, as Google's libraries write them.
 */

const event = (wallTime: number, step: number, what: Field): Field => join(double(1, wallTime), integer(2, step), what)

/** The event that every file begins with. */
export const versionEvent = (wallTime: number): Field => event(wallTime, 0, text(3, "brain.Event:2"))

/** Says that a program started again: TensorBoard drops what it has read of this step and of those behind it. */
export const startEvent = (wallTime: number, step: number): Field => event(wallTime, step, bytes(7, integer(1, 1)))

/** What was measured at a step. */
export const summaryEvent = (wallTime: number, step: number, values: ReadonlyArray<Field>): Field =>
  event(wallTime, step, bytes(5, join(...values.map((value) => bytes(1, value)))))

const metadata = (plugin: string): Field => bytes(9, bytes(1, text(1, plugin)))

/** A number, as float32. */
export const scalarValue = (tag: string, value: number): Field =>
  join(text(1, tag), float(2, value), metadata("scalars"))

/** The distribution of values. */
export const histogramValue = (tag: string, { counts, limits, max, min, num, sum, sumSquares }: Histogram): Field =>
  join(
    text(1, tag),
    bytes(
      5,
      join(
        double(1, min),
        double(2, max),
        double(3, num),
        double(4, sum),
        double(5, sumSquares),
        doubles(6, limits),
        doubles(7, counts)
      )
    ),
    metadata("histograms")
  )

/** A picture, as the bytes of a PNG file. Its number of channels is what the format calls a color space. */
export const imageValue = (
  tag: string,
  { channels, height, png, width }: {
    readonly height: number
    readonly width: number
    readonly channels: number
    readonly png: Uint8Array
  }
): Field =>
  join(
    text(1, tag),
    bytes(4, join(integer(1, height), integer(2, width), integer(3, channels), bytes(4, png))),
    metadata("images")
  )
