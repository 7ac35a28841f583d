import { Effect, Schema } from "effect"
import { supervised } from "../../config.ts"
import type { RunConfig } from "../../config.ts"
import { readRun } from "../readRun.ts"
import type { Record } from "../readRun.ts"

const measures = { step: Schema.Int, size: Schema.Int, loss: Schema.Finite, accuracy: Schema.Finite }
const TrainLine = Schema.Struct({ epoch: Schema.Int, time: Schema.optionalKey(Schema.Finite), ...measures })
const TestLine = Schema.Struct(measures)

export type TrainLine = typeof TrainLine.Type
export type TestLine = typeof TestLine.Type

/** What the text files of a supervised run's folder say. */
export interface SupervisedRecord extends Record<RunConfig> {
  readonly train: ReadonlyArray<TrainLine>
  readonly test: ReadonlyArray<TestLine>
}

/** Reads them. */
export const readSupervised = (folder: string) =>
  Effect.map(readRun(folder, supervised), ({ linesOf, ...record }): SupervisedRecord => ({
    ...record,
    train: linesOf("train", TrainLine),
    test: linesOf("test", TestLine)
  }))
