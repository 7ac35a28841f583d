import { Effect, Schema } from "effect"
import { supervised } from "../../config.ts"
import type { RunConfig } from "../../config.ts"
import { readRun } from "../readRun.ts"
import type { Run } from "../readRun.ts"

const measures = { step: Schema.Int, size: Schema.Int, loss: Schema.Finite, accuracy: Schema.Finite }
const TrainLine = Schema.Struct({ split: Schema.Literal("train"), epoch: Schema.Int, ...measures })
const TestLine = Schema.Struct({ split: Schema.Literal("test"), ...measures })

export type TrainLine = typeof TrainLine.Type
export type TestLine = typeof TestLine.Type

/** What the text files of a supervised run's folder say. */
export interface SupervisedRecord extends Run<RunConfig> {
  readonly train: ReadonlyArray<TrainLine>
  readonly test: ReadonlyArray<TestLine>
}

/** Reads them. */
export const readSupervised = (folder: string) =>
  Effect.map(
    readRun(folder, supervised, Schema.Union([TrainLine, TestLine])),
    ({ lines, ...run }): SupervisedRecord => ({
      ...run,
      train: lines.filter((line) => line.split === "train"),
      test: lines.filter((line) => line.split === "test")
    })
  )
