import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { crc32c } from "../../../../src/formats/tensorboard/crc32c.ts"
import {
  histogramValue,
  imageValue,
  scalarValue,
  startEvent,
  summaryEvent,
  versionEvent
} from "../../../../src/formats/tensorboard/event.ts"
import { bucketLimits, histogramOf } from "../../../../src/formats/tensorboard/histogram.ts"
import { double, doubles, integer, text } from "../../../../src/formats/tensorboard/protobuf.ts"
import { tfRecord } from "../../../../src/formats/tensorboard/tfRecord.ts"

const bytes = (n: number, value: (i: number) => number) => Uint8Array.from({ length: n }, (_, i) => value(i))
const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex")

describe("crc32c", () => {
  it("gives the values of RFC 3720, B.4", () => {
    assert.strictEqual(crc32c(bytes(32, () => 0)), 0x8a9136aa)
    assert.strictEqual(crc32c(bytes(32, () => 0xff)), 0x62a8ab43)
    assert.strictEqual(crc32c(bytes(32, (i) => i)), 0x46dd794e)
    assert.strictEqual(crc32c(bytes(32, (i) => 31 - i)), 0x113fdb5c)
    // The check value of the polynomial, and nothing at all.
    assert.strictEqual(crc32c(new TextEncoder().encode("123456789")), 0xe3069283)
    assert.strictEqual(crc32c(new Uint8Array(0)), 0)
  })
})

describe("protobuf fields", () => {
  // By hand, from https://protobuf.dev/programming-guides/encoding.
  it("have their tag, and whole numbers in groups of seven bits", () => {
    assert.strictEqual(hex(integer(1, 150)), "089601")
    assert.strictEqual(hex(integer(2, 127)), "107f")
    assert.strictEqual(hex(integer(16, 1)), "800101")
    assert.strictEqual(hex(integer(2, Number.MAX_SAFE_INTEGER)), "10ffffffffffffff0f")
    assert.strictEqual(hex(text(2, "testing")), "120774657374696e67")
    assert.strictEqual(hex(double(1, 1)), "09000000000000f03f")
    assert.strictEqual(hex(doubles(6, [1, -2])), "3210000000000000f03f00000000000000c0")
  })

  it("are left out when they hold their default", () => {
    for (const field of [integer(2, 0), double(1, 0), text(1, ""), doubles(6, [])]) assert.strictEqual(field.length, 0)
    assert.strictEqual(hex(double(1, -0)), "090000000000000080")
  })
})

describe("event records", () => {
  const { records, start, weights } = JSON.parse(
    readFileSync(new URL("../../../fixtures/eventFile.json", import.meta.url), "utf8")
  ) as { readonly records: ReadonlyArray<string>; readonly start: number; readonly weights: ReadonlyArray<number> }

  it("are those of TensorBoard's package, byte for byte", () => {
    const png = Uint8Array.from("\x89PNG here", (c) => c.charCodeAt(0))
    const events = [
      versionEvent(start),
      startEvent(start, 300),
      summaryEvent(start + 1, 0, [scalarValue("train/loss", 2.30078125), scalarValue("train/accuracy", 0)]),
      summaryEvent(start + 2, 2 ** 40 + 7, [scalarValue("Verlust/Übung", NaN)]),
      summaryEvent(start + 3, 10, [histogramValue("weights/conv1.kernel", histogramOf(weights))]),
      summaryEvent(start + 4, 10, [imageValue("samples", { height: 1, width: 2, channels: 3, png })])
    ]
    events.forEach((event, i) => assert.strictEqual(hex(tfRecord(event)), records[i]))
    assert.strictEqual(events.length, records.length)
  })

  it("of an empty message are a length of zero and two checksums", () => {
    // The masked CRC-32C of eight zero bytes, 0x8c28b28a, and of none, whose CRC is 0.
    const mask = (crc: number) => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
    const view = new DataView(tfRecord(new Uint8Array(0)).buffer)
    assert.strictEqual(view.byteLength, 16)
    assert.strictEqual(view.getUint32(8, true), mask(0x8c28b28a))
    assert.strictEqual(view.getUint32(12, true), 0xa282ead8)
  })
})

describe("histograms", () => {
  it("have rising limits, the same on both sides of zero", () => {
    assert.isTrue(bucketLimits.every((limit, i) => i === 0 || limit > bucketLimits[i - 1]!))
    assert.deepStrictEqual(bucketLimits.map((limit) => 0 - limit).toReversed(), bucketLimits)
    assert.strictEqual(bucketLimits[bucketLimits.length >> 1], 0)
    assert.isTrue(bucketLimits.includes(1e-12))
    assert.strictEqual(bucketLimits.at(-1), Number.MAX_VALUE)
  })

  it("count every value once, where it belongs, with its moments", () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(i) * 10 ** (i % 7 - 3))
    const { counts, limits, max, min, num, sum, sumSquares } = histogramOf(values)
    assert.strictEqual(num, 1000)
    assert.strictEqual(counts.reduce((a, b) => a + b), 1000)
    let low = -Infinity
    limits.forEach((limit, i) => {
      assert.strictEqual(values.filter((value) => value >= low && value < limit).length, counts[i])
      low = limit
    })
    assert.isFalse(counts.some((count, i) => count === 0 && counts[i + 1] === 0))
    assert.strictEqual(min, Math.min(...values))
    assert.strictEqual(max, Math.max(...values))
    assert.closeTo(sum, values.reduce((a, b) => a + b, 0), 1e-2)
    assert.closeTo(sumSquares / values.reduce((a, b) => a + b * b, 0), 1, 1e-5)
  })

  it("of nothing are one empty bucket", () =>
    assert.deepInclude(histogramOf([]), { num: 0, sum: 0, limits: [Number.MAX_VALUE], counts: [0] }))
})
