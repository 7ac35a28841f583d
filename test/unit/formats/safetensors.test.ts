import { assert, describe, it } from "@effect/vitest"
import { pipe, Result } from "effect"
import { Errors, Key, NdArray, Random, Safetensors } from "effect-neuron"

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

const join = (...parts: ReadonlyArray<Uint8Array | ReadonlyArray<number>>): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => Uint8Array.from(part))))

const u64 = (n: number | bigint): Uint8Array => new Uint8Array(BigUint64Array.of(BigInt(n)).buffer)

/** A file made by hand: the length of the header, the header as it is given, the data. */
const file = (header: unknown, data: Uint8Array | ReadonlyArray<number> = []): Uint8Array => {
  const text = typeof header === "string" ? utf8(header) : utf8(JSON.stringify(header))
  return join(u64(text.length), text, data)
}

const raw = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

const read = (bytes: Uint8Array) => Result.getOrThrow(Safetensors.decode(bytes, "file"))

const one = (dtype: string, data: ArrayBufferView) => {
  const { byteLength } = data
  const width = { F64: 8, I64: 8, U64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2, I16: 2, U16: 2 }[dtype] ?? 1
  return file({ x: { dtype, shape: [byteLength / width], data_offsets: [0, byteLength] } }, raw(data))
}

describe("Safetensors.encode", () => {
  it("writes the bytes of the format", () => {
    const bytes = Safetensors.encode({
      b: { data: Uint8Array.of(7), shape: [1] },
      a: NdArray.make([1, -2], [2, 1]),
      i: NdArray.index(-3)
    }, { metadata: { step: "5" } })
    const header = `{"__metadata__":{"step":"5"},` +
      `"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},` +
      `"i":{"dtype":"I32","shape":[],"data_offsets":[8,12]},` +
      `"b":{"dtype":"U8","shape":[1],"data_offsets":[12,13]}}`
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8)
    const data = [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 0xfd, 0xff, 0xff, 0xff, 7]
    assert.deepStrictEqual(bytes, join([padded.length, 0, 0, 0, 0, 0, 0, 0], utf8(padded), data))
  })

  it("leaves out empty metadata, and refuses what it could not read again", () => {
    assert.deepStrictEqual(Safetensors.encode({}), join([8, 0, 0, 0, 0, 0, 0, 0], utf8("{}      ")))
    assert.throws(() => Safetensors.encode({ __metadata__: NdArray.index(1) }), RangeError, "no name for a tensor")
    assert.throws(
      () => Safetensors.encode({ w: { data: new Float32Array(3), shape: [2] } }),
      RangeError,
      "got float32 [2] with 3 values"
    )
  })

  it("writes what decode gives back, wherever the bytes lie", () => {
    const data = Random.normal(Key.make(1), 30)
    data.set([NaN, Infinity, -Infinity, -0], 0)
    const tensors = {
      "conv.kernel": { data, shape: [2, 3, 5] },
      "empty": NdArray.make([], [0, 4]),
      "scalar": NdArray.make([2.5], []),
      "ids": { data: Int32Array.of(-(2 ** 31), 2 ** 31 - 1), shape: [2] },
      "image": { data: Uint8Array.of(0, 128, 255), shape: [1, 3] },
      "view": { data: data.subarray(5, 9), shape: [4] },
      "7": NdArray.index(7),
      [`höhe "quoted" \n 数`]: NdArray.index(8),
      ["__proto__"]: NdArray.index(9)
    }
    const metadata = { step: "12", "tür": "数\n" }
    const bytes = Safetensors.encode(tensors, { metadata })
    for (const offset of [0, 1, 3, 8]) {
      const pool = Buffer.alloc(bytes.length + 16, 0xaa)
      pool.set(bytes, offset)
      const view = pool.subarray(offset, offset + bytes.length)
      const found = read(view)
      assert.deepStrictEqual(found, { tensors, metadata })
      // The arrays have memory of their own.
      view.fill(0)
      assert.deepStrictEqual(found.tensors, tensors)
    }
  })
})

describe("Safetensors.decode", () => {
  const types: ReadonlyArray<readonly [dtype: string, stored: ArrayBufferView, read: NdArray.Data]> = [
    ["F64", Float64Array.of(0.1, -1e300, 5e-324, NaN), Float32Array.of(0.1, -Infinity, 0, NaN)],
    ["F32", Float32Array.of(0.1, 1e-45), Float32Array.of(0.1, 1e-45)],
    ["F16", Uint16Array.of(0x3c00, 0x0001, 0x7c00, 0x7e00), Float32Array.of(1, 2 ** -24, Infinity, NaN)],
    ["BF16", Uint16Array.of(0x3f80, 0x0001, 0xff80, 0x7fc0), Float32Array.of(1, 2 ** -133, -Infinity, NaN)],
    ["I64", BigInt64Array.of(-(2n ** 31n), 2n ** 31n - 1n), Int32Array.of(-(2 ** 31), 2 ** 31 - 1)],
    ["U64", BigUint64Array.of(0n, 2n ** 31n - 1n), Int32Array.of(0, 2 ** 31 - 1)],
    ["I32", Int32Array.of(-1, 2), Int32Array.of(-1, 2)],
    ["U32", Uint32Array.of(1, 2 ** 31 - 1), Int32Array.of(1, 2 ** 31 - 1)],
    ["I16", Int16Array.of(-(2 ** 15), 5), Int32Array.of(-(2 ** 15), 5)],
    ["U16", Uint16Array.of(65535, 5), Int32Array.of(65535, 5)],
    ["I8", Int8Array.of(-128, 127), Int32Array.of(-128, 127)],
    ["U8", Uint8Array.of(0, 255), Uint8Array.of(0, 255)],
    ["BOOL", Uint8Array.of(0, 1), Uint8Array.of(0, 1)]
  ]
  for (const [dtype, stored, expected] of types) {
    it(`reads ${dtype}`, () => assert.deepStrictEqual(read(one(dtype, stored)).tensors.x!.data, expected))
  }

  it("takes data in another order than the header, empty tensors, and padding in the header", () => {
    const header = JSON.stringify({
      b: { dtype: "U8", shape: [1], data_offsets: [4, 5] },
      none: { dtype: "F32", shape: [0], data_offsets: [4, 4] },
      a: { dtype: "I32", shape: [], data_offsets: [0, 4] }
    })
    assert.deepStrictEqual(read(file(`${header}   `, [1, 0, 0, 0, 9])), {
      tensors: {
        a: NdArray.index(1),
        none: NdArray.make([], [0]),
        b: { data: Uint8Array.of(9), shape: [1] }
      },
      metadata: {}
    })
  })

  const huge = Array.from({ length: 40 }, () => 2 ** 40)
  const x = { dtype: "U8", shape: [2], data_offsets: [0, 2] }
  const failures: ReadonlyArray<readonly [what: string, bytes: Uint8Array, message: string]> = [
    ["an empty file", Uint8Array.of(), "expected a header length of 8 bytes, found 0 bytes"],
    ["a file shorter than the length", Uint8Array.of(1, 2, 3), "expected a header length of 8 bytes, found 3 bytes"],
    ["a header beyond the end", join(u64(9), utf8("{}")), "expected a header of 9 bytes, found 2 bytes"],
    [
      "a huge header",
      u64(2n ** 64n - 1n),
      "expected a safetensors file, whose header has at most 100000000 bytes, found one of 18446744073709552000"
    ],
    [
      "bytes that are not UTF-8",
      join(u64(4), [0x7b, 0xff, 0xfe, 0x7d]),
      "expected a header in UTF-8, found other bytes"
    ],
    ["a header that is no JSON", file(`{"x": `), `expected a header in JSON, found "{\\"x\\": "`],
    ["a byte order mark", file("\ufeff{}"), `expected a header in JSON, found "\ufeff{}"`],
    ["an empty header", file(""), `expected a header in JSON, found ""`],
    ["an array as header", file("[]"), `expected a header that is a JSON object, found "[]"`],
    ["null as header", file("null"), `expected a header that is a JSON object, found "null"`],
    ["space before the header", file(" {}"), `expected a header that is a JSON object, found " {}"`],
    [
      "metadata that are no record",
      file({ __metadata__: [] }),
      "expected __metadata__ to be a record of strings, found []"
    ],
    [
      "metadata that are no strings",
      file({ __metadata__: { step: 5 } }),
      `expected __metadata__ to be a record of strings, found {"step":5}`
    ],
    ["an entry that is no object", file({ x: 5 }), "expected x to be described by a JSON object, found 5"],
    [
      "an unknown type",
      file({ x: { ...x, dtype: "F8_E4M3" } }, [1, 2]),
      `expected x of type F64, F32, F16, BF16, I64, U64, I32, U32, I16, U16, I8, U8, BOOL, found "F8_E4M3"`
    ],
    ["no shape", file({ x: { dtype: "U8" } }), "expected the shape of x in whole numbers from 0 up, found nothing"],
    ...[[-1], [1.5], ["2"], [2 ** 53], 2, null].map((shape) =>
      [
        `the shape ${JSON.stringify(shape)}`,
        file({ x: { ...x, shape } }, [1, 2]),
        `expected the shape of x in whole numbers from 0 up, found ${JSON.stringify(shape)}`
      ] as const
    ),
    ...[[0], [0, 1, 2], [-2, 0], [0, 0.5], ["0", 2], {}].map((data_offsets) =>
      [
        `the offsets ${JSON.stringify(data_offsets)}`,
        file({ x: { ...x, data_offsets } }, [1, 2]),
        `expected data_offsets [begin, end] for x, found ${JSON.stringify(data_offsets)}`
      ] as const
    ),
    [
      "a shape that is nested beyond what JSON writes",
      file(`{"x":{"dtype":"U8","shape":${"[".repeat(50_000)}${"]".repeat(50_000)},"data_offsets":[0,2]}}`, [1, 2]),
      "expected the shape of x in whole numbers from 0 up, found values that are nested too deep"
    ],
    [
      "offsets the wrong way round",
      file({ x: { ...x, data_offsets: [2, 0] } }, [1, 2]),
      "expected 2 bytes for x, U8 [2], found data_offsets [2,0]"
    ],
    [
      "data of another size than the shape",
      file({ x: { ...x, dtype: "F32" } }, [1, 2]),
      "expected 8 bytes for x, F32 [2], found data_offsets [0,2]"
    ],
    [
      "a shape that overflows",
      file({ x: { ...x, shape: huge } }, [1, 2]),
      `expected Infinity bytes for x, U8 [${huge.join(", ")}], found data_offsets [0,2]`
    ],
    ["data that are cut short", file({ x }, [1]), "expected data up to byte 2, for x, found 1 bytes"],
    ["data behind the last tensor", file({ x }, [1, 2, 3]), "expected 2 bytes of data, found 3 bytes"],
    ["data without a tensor", file({}, [1]), "expected 0 bytes of data, found 1 bytes"],
    [
      "a gap",
      file({ x, y: { ...x, data_offsets: [3, 5] } }, [1, 2, 3, 4, 5]),
      "expected the data of y at byte 2, without gaps, found byte 3"
    ],
    [
      "a gap at the start",
      file({ x: { ...x, data_offsets: [1, 3] } }, [1, 2, 3]),
      "expected the data of x at byte 0, without gaps, found byte 1"
    ],
    [
      "an overlap",
      file({ x, y: { ...x, data_offsets: [1, 3] } }, [1, 2, 3]),
      "expected the data of y at byte 2, without gaps, found byte 1"
    ],
    [
      "a name that occurs twice",
      file(`{"x":${JSON.stringify(x)},"x":${JSON.stringify({ ...x, data_offsets: [2, 4] })}}`, [1, 2, 3, 4]),
      "expected the data of x at byte 0, without gaps, found byte 2"
    ],
    [
      "an I64 beyond 32 bits",
      one("I64", BigInt64Array.of(2n ** 31n)),
      "expected x to hold integers of 32 bits, found larger ones"
    ],
    [
      "a U64 beyond 32 bits",
      one("U64", BigUint64Array.of(2n ** 63n)),
      "expected x to hold integers of 32 bits, found larger ones"
    ],
    [
      "a U32 beyond 32 bits",
      one("U32", Uint32Array.of(2 ** 31)),
      "expected x to hold integers of 32 bits, found larger ones"
    ]
  ]
  for (const [what, bytes, message] of failures) {
    it(`refuses ${what}`, () => {
      const error = Result.getOrThrow(Result.flip(Safetensors.decode(bytes, "models/a.safetensors")))
      assert.instanceOf(error, Errors.DataError)
      assert.strictEqual(error.message, `models/a.safetensors: ${message}`)
    })
  }

  it("takes the bytes last too", () => {
    const bytes = Safetensors.encode({ w: NdArray.index(4) })
    assert.deepStrictEqual(pipe(bytes, Safetensors.decode("file")), Safetensors.decode(bytes, "file"))
  })

  it("never throws, whatever the bytes", () => {
    const next = Random.generator(Key.make(5))
    const below = (n: number) => Math.floor(next() * n)
    const good = Safetensors.encode(
      { w: NdArray.make([1, 2, 3], [3]), "b.c": NdArray.index(4), d: { data: Uint8Array.of(1), shape: [1, 1] } },
      { metadata: { step: "1" } }
    )
    let refused = 0
    const decode = (bytes: Uint8Array) => {
      const result = Safetensors.decode(bytes, "fuzz")
      if (Result.isFailure(result)) {
        assert.instanceOf(result.failure, Errors.DataError)
        assert.isString(result.failure.message)
        refused++
      } else for (const { data, shape } of Object.values(result.success.tensors)) NdArray.make(data, shape)
    }
    for (let i = 0; i < good.length; i++) decode(good.subarray(0, i))
    assert.strictEqual(refused, good.length, "every truncation is refused")
    for (let round = 0; round < 5000; round++) {
      const bytes = good.slice()
      for (let flips = 1 + below(3); flips > 0; flips--) bytes[below(bytes.length)]! ^= 1 << below(8)
      decode(bytes)
      decode(file(String.fromCharCode(...Array.from({ length: below(40) }, () => 32 + below(95))), [below(256)]))
      decode(Uint8Array.from({ length: below(64) }, () => below(256)))
    }
  })
})
