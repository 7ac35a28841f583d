import { assert } from "@effect/vitest"

/** The assertions that the expectations in documentation turn into. */
export const check = {
  equals: (actual: unknown, expected: unknown): void => assert.deepStrictEqual(actual, expected),
  throws: async (program: () => Promise<unknown>, expected: string): Promise<void> => {
    const error = await program().then(() => "nothing", (error: unknown) => error)
    assert.strictEqual(error instanceof Error ? `${error.name}: ${error.message}` : error, expected)
  }
}
