import { Effect } from "effect"
import { writePage } from "../writePage.ts"
import { supervisedPage } from "./page.ts"
import { readSupervised } from "./record.ts"
import type { Tested } from "./testModel.ts"

/** Writes the report of a supervised run into its folder, from the files in it and from the test, if there was one. */
export const writeSupervised = (folder: string, tested?: Tested) =>
  Effect.flatMap(readSupervised(folder), (record) => writePage(folder, supervisedPage(record, tested)))
