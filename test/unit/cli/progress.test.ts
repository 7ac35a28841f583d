import { assert, describe, it } from "@effect/vitest"
import { fitting } from "../../../src/cli/progress.ts"
import type { Part } from "../../../src/cli/progress.ts"

const bar = "━".repeat(24)
const parts: ReadonlyArray<Part> = [
  ...[[bar, 0], ["epoch 1/3", 3], ["step 94/938", 7], ["loss 0.7753", 6], ["accuracy 75.47 %", 5]] as const,
  ...[["3,046 examples/s", 1], ["0:17 left", 4]] as const
]

describe("fitting", () => {
  it("leaves out of a line what matters least until the rest fits, and cuts what does not fit alone", () => {
    const widths = [120, 80, 40, 10, 3].map((columns) => [columns, fitting(parts, columns)])
    assert.deepStrictEqual(widths, [
      [120, `${bar}  epoch 1/3  step 94/938  loss 0.7753  accuracy 75.47 %  3,046 examples/s  0:17 left`],
      [80, "epoch 1/3  step 94/938  loss 0.7753  accuracy 75.47 %  0:17 left"],
      [40, "step 94/938  loss 0.7753"],
      [10, "step 94/93"],
      [3, "ste"]
    ])
  })

  it("fits a line that is just as long, and leaves out the later of two that matter alike", () => {
    const two: ReadonlyArray<Part> = [["loss 1.0000", 2], ["offBy 2.0000", 1], ["share 3.0000", 1]]
    assert.strictEqual(fitting(two, 39), "loss 1.0000  offBy 2.0000  share 3.0000")
    assert.strictEqual(fitting(two, 38), "loss 1.0000  offBy 2.0000")
    assert.strictEqual(fitting([], 10), "")
  })
})
