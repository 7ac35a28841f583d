import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { Errors, Run } from "effect-neuron"
import { describedIn } from "../../../../src/experiment/run/described.ts"

const least = {
  format: 1,
  experiment: "xor",
  state: "stopped",
  step: 20,
  created: "2026-01-02T03:04:05.678Z"
} as const

const parsed = (run: object) => Result.getOrThrow(Run.parse(JSON.stringify(run)))

const refused = (text: string): string => {
  const result = Run.parse(text, "runs/x/run.json")
  assert.isTrue(Result.isFailure(result), text.slice(0, 100))
  const error = Result.getFailure(result).valueOrUndefined
  assert.instanceOf(error, Errors.DataError)
  return error.message
}

const deep = (levels: number, inside = "1") => "[".repeat(levels) + inside + "]".repeat(levels)

describe("run.json", () => {
  it("says little or much", () => {
    assert.deepStrictEqual(parsed(least), {
      ...least,
      ...{ kind: "other", updated: least.created, config: {}, versions: {} }
    })
    const row = {
      ...{ path: "", depth: 0, name: "dense(1)", isGroup: false, input: [null, 2], output: { a: [1], b: [[1], []] } },
      ...{ parameters: 3, bytes: 12, multiplyAdds: null }
    }
    const full = {
      ...least,
      ...{
        kind: "supervised",
        name: "first",
        note: "a note",
        command: "node x",
        resume: "node x --resume",
        reason: "no"
      },
      ...{ updated: "2026-01-02T03:04:06.000Z", seconds: { train: 1.5, test: 0.5, total: 2 } },
      ...{ steps: 30, stepsPerEpoch: 10, resumedFrom: 10, patienceFrom: 10, backend: "wasm", threads: 2 },
      ...{ config: { rate: 0.1, list: [1, { a: null }] }, versions: { node: "v24" } },
      ...{ file: "../xor.ts", sizes: { train: 3, test: 0 } },
      ...{ shapes: { x: [2], y: [] }, classes: ["a", "b"], show: { x: { kind: "image" } } },
      ...{
        networks: { model: { rows: [row], parameters: 3, bytes: 12, multiplyAdds: null } },
        model: { kind: "dense" }
      },
      results: { train: { loss: 1 }, best: { step: 10, value: 0.5 }, judged: { counts: [1, 2] } }
    }
    assert.deepStrictEqual(parsed(full) as object, full)
  })

  it("keeps what it does not know, and leaves out what is something else", () => {
    const wrong = {
      ...{ kind: "reinforced", name: 3, seconds: { train: -1 }, steps: 1.5, stepsPerEpoch: -1, threads: "2" },
      ...{ config: [], versions: { node: 24 }, classes: "abc", networks: { model: { rows: 3 } }, updated: null },
      ...{ results: { train: 3 }, shapes: { x: "28 x 28" }, show: null, note: {} },
      ...{ file: 3, sizes: { train: "all" }, patienceFrom: -1 }
    }
    assert.deepStrictEqual(parsed({ ...least, ...wrong, mine: { a: [1] } }) as object, {
      ...least,
      ...{ kind: "other", updated: least.created, config: {}, versions: {}, mine: { a: [1] } }
    })
  })

  it("describes what checkpoints describe: a model, several by their names, or none", () => {
    const layer = (units: number) => JSON.stringify({ kind: "dense", options: { units } })
    assert.deepStrictEqual(describedIn({ model: layer(1), "model.input": "[2]" }), JSON.parse(layer(1)))
    const both = { "generator.model": layer(1), "critic.model": layer(2), "critic.model.input": "[2]" }
    assert.deepStrictEqual(describedIn(both), { generator: JSON.parse(layer(1)), critic: JSON.parse(layer(2)) })
    assert.isUndefined(describedIn({ "model.undescribed": "a layer of no kind", model: "mlp" }))
  })

  it("is refused in a sentence when it is none", () => {
    assert.match(refused(""), /^runs\/x\/run\.json: expected a run, found an empty file$/)
    assert.match(refused("{"), /found what is no JSON$/)
    for (const text of ["3", "null", "[]", "\"run\""]) assert.match(refused(text), /found JSON that is no object$/)
    assert.match(refused(JSON.stringify({ ...least, format: 2 })), /expected a run of format 1, found one of format 2$/)
    for (
      const [name, values] of Object.entries({
        step: [-1, 1.5, "20", null, 1e300, [20]],
        state: ["gone", "", 1, null],
        created: [0, null],
        experiment: [null, {}],
        format: ["1", null]
      })
    ) {
      for (const value of values) {
        assert.notMatch(refused(JSON.stringify({ ...least, [name]: value })), /\n/, `${name} ${value}`)
      }
      const { [name]: _, ...without } = least as { readonly [name: string]: unknown }
      assert.match(refused(JSON.stringify(without)), new RegExp(name))
    }
  })

  it("is refused when it is too deep or too large, at any depth", () => {
    const text = JSON.stringify(least).slice(0, -1)
    for (const levels of [300, 100_000]) {
      for (const name of ["mine", "config", "networks", "shapes", "step", "model"]) {
        assert.match(
          refused(`${text},"${name}":${deep(levels)}}`),
          /found values that are nested deeper than 200 levels$/
        )
      }
      assert.match(refused(`${text},"mine":${"{\"a\":".repeat(levels)}1${"}".repeat(levels + 1)}`), /nested deeper/)
    }
    assert.isTrue(Result.isSuccess(Run.parse(`${text},"mine":${deep(150)}}`)))
    assert.match(refused(" ".repeat((64 << 20) + 1)), /found 67108865 characters, of at most 67108864$/)
  })
})
