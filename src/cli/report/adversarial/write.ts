import { Effect } from "effect"
import { writePage } from "../writePage.ts"
import { adversarialPage } from "./page.ts"
import { readAdversarial } from "./record.ts"

/** Writes the report of an adversarial run into its folder, from the files in it. */
export const writeAdversarial = (folder: string) =>
  Effect.flatMap(readAdversarial(folder), (record) => writePage(folder, adversarialPage(record)))
