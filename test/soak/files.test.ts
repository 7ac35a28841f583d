import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Result, Stream } from "effect"
import { Checkpoint, Datasets, NdArray, Run, Safetensors } from "effect-neuron"
import { gzipSync } from "node:zlib"
import { readInputs } from "../../src/cli/readInputs.ts"
import { gunzipIfPacked } from "../../src/datasets/gzip.ts"
import { fuzz, soak } from "../support/fuzz.ts"

const ROUNDS = 150 * soak
const utf8 = (text: string) => new TextEncoder().encode(text)
const filesOf = (bytes: Uint8Array) =>
  FileSystem.layerNoop({
    readFile: () => Effect.succeed(bytes),
    readFileString: () => Effect.succeed(new TextDecoder().decode(bytes)),
    stream: () => Stream.make(bytes.subarray(0, 9), bytes.subarray(9)).pipe(Stream.filter(({ length }) => length > 0))
  })

/** Whether a right value came out; else there is a sentence of a typed error, which is not the whole file. */
const isRight = <A>(
  found: Result.Result<A, unknown>,
  tag: string,
  what: string
): found is Result.Success<A, unknown> => {
  if (Result.isSuccess(found)) return true
  assert.isTrue(found.failure instanceof Error && "_tag" in found.failure && found.failure._tag === tag, what)
  assert.isBelow((found.failure as Error).message.length, 4000, what)
  return false
}

describe("files that are damaged", () => {
  it("of safetensors and of checkpoints give arrays or an error", () => {
    const { damaged, damagedJson, next } = fuzz(3), array = NdArray.make([1, 2, 3, 4], [2, 2])
    const numbers = JSON.stringify({ step: 3, "optimizer.step": 3 })
    const whole = Safetensors.encode({ w: array, b: NdArray.index(3) }, {
      metadata: { format: "effect-neuron", numbers }
    })
    const length = Number(new DataView(whole.buffer, whole.byteOffset).getBigUint64(0, true))
    const header = new TextDecoder().decode(whole.subarray(8, 8 + length)), body = whole.subarray(8 + length)
    let right = 0
    for (let round = 0; round < 4 * ROUNDS; round++) {
      let bytes = damaged(whole)
      if (next() < 0.7) {
        const text = utf8(damagedJson(header))
        bytes = new Uint8Array(8 + text.length + body.length)
        new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
        bytes.set(text, 8)
        bytes.set(body, 8 + text.length)
      }
      const what = new TextDecoder().decode(bytes.subarray(0, 500))
      const found = Safetensors.decode(bytes, "fuzz")
      if (isRight(found, "DataError", what)) {
        right++
        for (const each of Object.values(found.success.tensors)) assert.isTrue(NdArray.isNdArray(each), what)
      }
      const read = Checkpoint.metadata("fuzz").pipe(Effect.provide(filesOf(bytes)), Effect.result, Effect.runSync)
      isRight(read, "CheckpointError", what)
    }
    assert.isAbove(right, 0, "some are right")
  })

  it("of IDX give items or an error, packed or not", async () => {
    const { damaged, next } = fuzz(4),
      plain = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8)
    const packed = Uint8Array.from(gzipSync(plain))
    let right = 0
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = next() < 0.3 ? Uint8Array.from(gzipSync(damaged(plain))) : damaged(next() < 0.5 ? plain : packed)
      const found = await Datasets.decodeIdx(
        gunzipIfPacked("fuzz")(Stream.make(bytes.subarray(0, 9), bytes.subarray(9))),
        "fuzz"
      ).pipe(
        Stream.runCollect,
        Effect.result,
        Effect.runPromise
      )
      if (isRight(found, "DataError", bytes.join(" "))) {
        right++
        for (const item of found.success) assert.isTrue(NdArray.isNdArray(item))
      }
    }
    assert.isAbove(right, 0, "some are right")
  })

  it("of runs are read as far as they are right", () => {
    const { damagedJson } = fuzz(5)
    const run = JSON.stringify({
      ...{
        format: 1,
        experiment: "xor",
        kind: "supervised",
        state: "stopped",
        reason: "",
        created: "2026-01-02T03:04:05Z"
      },
      ...{ step: 20, steps: 40, stepsPerEpoch: 4, seconds: { train: 1, test: 2 }, config: { units: 8 }, threads: 1 },
      ...{
        versions: { node: "24" },
        shapes: { x: [2], y: { a: [null, 3] } },
        classes: ["a"],
        results: { train: { loss: 1 } }
      }
    })
    const line = `{"split":"train","step":3,"epoch":0,"size":10,"time":0.5,"loss":0.25,"list":[1]}`
    let right = 0
    for (let round = 0; round < 4 * ROUNDS; round++) {
      const text = damagedJson(run), found = Run.parse(text, "fuzz")
      if (isRight(found, "DataError", text.slice(0, 500))) {
        right++
        const { classes = [], seconds, step, steps = 0 } = found.success
        assert.isTrue(Number.isSafeInteger(step) && step >= 0 && Number.isSafeInteger(steps) && steps >= 0, text)
        assert.isTrue(Number.isFinite(seconds?.train ?? 0) && classes.every((name) => typeof name === "string"), text)
      }
      const lines = `${line}\n${damagedJson(line)}\n${line}`
      const splits = Effect.runSync(Effect.provide(Run.metrics("fuzz"), filesOf(utf8(lines))))
      for (const { split, step, time = 0 } of Object.values(splits).flat()) {
        assert.isTrue(typeof split === "string" && Number.isSafeInteger(step) && step >= 0, lines.slice(0, 500))
        assert.isTrue(Number.isFinite(time), lines.slice(0, 500))
      }
      assert.isAtLeast(splits["train"]?.length ?? 0, 2)
    }
    assert.isAbove(right, 0, "some are right")
  })

  it("of inputs give numbers that are finite, or an error", () => {
    const { damaged, damagedJson, next, oneOf } = fuzz(6)
    const cells = [
      "",
      "NaN",
      "Infinity",
      "1e400",
      "-0",
      "0x10",
      "\"",
      "\"1\"",
      "a",
      ",",
      "\r",
      "\0",
      "١",
      "9".repeat(400)
    ]
    const names = ["a", "b"], row = { kind: "row", names } as const, shapes = { x: [2], y: [1] }
    const read = (path: string, text: string, x: unknown = shapes.x) =>
      readInputs([path], { shapes: { ...shapes, x } as never, show: { input: row, target: row } }, { invert: false })
        .pipe(
          Effect.provide(filesOf(utf8(text))),
          Effect.result,
          Effect.runSync
        )
    const isFinite = (x: unknown): boolean =>
      NdArray.isNdArray(x) ? Array.from(x.data).every(Number.isFinite) : Object.values(x as object).every(isFinite)
    let right = 0
    const check = (found: Result.Result<ReadonlyArray<{ readonly x: unknown }>, unknown>, what: string) => {
      if (!isRight(found, "DataError", what)) return
      right++
      for (const { x } of found.success) assert.isTrue(isFinite(x), what)
    }
    for (let round = 0; round < 4 * ROUNDS; round++) {
      const csv = `a,b\n1,2\n${oneOf(cells)},${oneOf(cells)}\n3,4\n`
      const table = next() < 0.5 ? csv : new TextDecoder().decode(damaged(utf8(csv)))
      check(read("fuzz.csv", table), table)
      const list = damagedJson("[[1,2],[3,4]]"), record = damagedJson(`[{"p":[1,2],"q":3}]`)
      check(read(oneOf(["fuzz.json", "fuzz.JSON"]), list), list.slice(0, 500))
      check(read("fuzz.json", record, { p: [2], q: [] }), record.slice(0, 500))
      check(read("fuzz.jsonl", record.slice(1, -1), { p: [2], q: [] }), record.slice(0, 500))
    }
    assert.isAbove(right, 0, "some are right")
    assert.instanceOf(Result.getFailure(read("fuzz.csv", "a,b\n")), Object)
  })
})
