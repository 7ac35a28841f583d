type Value = {
  readonly tag: string
  readonly kind: string
  readonly simple: number | undefined
  /** The file that an image is. */
  readonly png: Buffer | undefined
}

/** An event of an event file, as far as the tests look at it. */
interface ReadEvent {
  readonly step: number
  readonly version?: string
  /** Whether it says that the program started again. */
  readonly start: boolean
  readonly values: ReadonlyArray<Value>
}

type Fields = ReadonlyArray<{ readonly field: number; readonly value: number | Buffer }>

/** The fields of a protobuf message: varints as numbers, all else as their bytes. */
const fieldsOf = (message: Buffer): Fields => {
  const out: Array<{ field: number; value: number | Buffer }> = []
  let at = 0
  const varint = (): number => {
    let value = 0, factor = 1
    for (;;) {
      const byte = message[at++]!
      value += (byte & 127) * factor
      if (byte < 128) return value
      factor *= 128
    }
  }
  while (at < message.length) {
    const tag = varint(), wireType = tag & 7
    if (wireType === 0) out.push({ field: tag >> 3, value: varint() })
    else {
      const length = wireType === 2 ? varint() : wireType === 1 ? 8 : 4
      out.push({ field: tag >> 3, value: message.subarray(at, at += length) })
    }
  }
  return out
}

const kinds: { readonly [field: number]: string } = { 2: "scalar", 4: "image", 5: "histogram" }

/** The values of a tag, each with its step. */
export const tagged = (file: ReadonlyArray<ReadEvent>, tag: string): ReadonlyArray<readonly [number, Value]> =>
  file.flatMap(({ step, values }) => values.flatMap((value) => value.tag === tag ? [[step, value] as const] : []))

/** Reads an event file to its end; fails when the last record is not whole. Checksums are not looked at. */
export const readEvents = (file: Uint8Array): ReadonlyArray<ReadEvent> => {
  const bytes = Buffer.from(file), out: Array<ReadEvent> = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 12 + Number(bytes.readBigUInt64LE(at))
    if (end + 4 > bytes.length) throw new Error(`a record of ${end + 4 - at} bytes at ${at}, of ${bytes.length}`)
    const event = fieldsOf(bytes.subarray(at + 12, end))
    at = end + 4
    const one = (fields: Fields, n: number) => fields.find(({ field }) => field === n)?.value
    const version = one(event, 3), summary = one(event, 5)
    out.push({
      step: (one(event, 2) as number | undefined) ?? 0,
      ...(version === undefined ? {} : { version: version.toString() }),
      start: one(event, 7) !== undefined,
      values: (summary === undefined ? [] : fieldsOf(summary as Buffer)).map(({ value }) => {
        const fields = fieldsOf(value as Buffer), simple = one(fields, 2) as Buffer | undefined
        const image = one(fields, 4) as Buffer | undefined
        const kind = fields.map(({ field }) => kinds[field]).find((kind) => kind !== undefined) ?? "none"
        return {
          tag: String(one(fields, 1)),
          kind,
          simple: simple?.readFloatLE(),
          png: image && one(fieldsOf(image), 4) as Buffer
        }
      })
    })
  }
  return out
}
