import { assert, describe, it } from "@effect/vitest"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chain, straight } from "../../../bench/kills/chain.ts"
import type { End } from "../../../bench/kills/chain.ts"

const inFolder = async (use: (folder: string) => Promise<void>) => {
  const folder = mkdtempSync(join(tmpdir(), "effect-neuron-kills-"))
  await use(folder)
  rmSync(folder, { recursive: true })
}

describe("a run that patience ends", () => {
  // `npm run bench:kills` draws a hundred.
  it("comes to the same files when it is killed at changes of files, and stopped, and gone on with each time", () =>
    inFolder(async (folder) => {
      const run = await straight(join(folder, "straight"), { patience: 2 })
      const ends: Array<End> = [
        // In a file of the beginning, and in the steps.
        ...[5, 60, 40].map((change) => ({ change })),
        { signal: "SIGTERM", lines: 12, after: 0 }
      ]
      const { differs, places } = await chain(join(folder, "ended"), run, () => ends.shift())
      assert.deepStrictEqual(differs, [])
      // The signal may come when the run has ended already.
      assert.isAtLeast(places.length, 3)
    }))
})
