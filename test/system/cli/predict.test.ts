import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { decode, encode } from "fast-png"
import { refuses, runHere } from "../../support/cli.ts"
import { lookedAt } from "../../support/lookedAt.ts"
import { fileOf, sums } from "../../support/ownExperiments.ts"

/** Experiments that make pictures of pictures. */
const pictures = fileOf(`
const config = Schema.Struct(Experiment.options({ epochs: 1, batchSize: 4, validation: 0 }))
const image = { kind: "image", range: [0, 1] } as const
const data = (...shape: ReadonlyArray<number>) => () => {
  const x = NdArray.make(new Float32Array(8 * shape.reduce((a, b) => a * b)).fill(0.5), [8, ...shape])
  return Datasets.fromArrays({ x, y: x, test: { x, y: x } })
}
const common = { config, loss: () => Losses.meanSquaredError, show: () => ({ input: image, target: image }) }
export const color = Experiment.supervised({
  ...common, name: "color", data: data(2, 2, 3), model: () => Layers.conv2d({ filters: 3, kernelSize: 1 })
})
export const sign = Experiment.supervised({
  config, name: "sign", model: () => Layers.dense(1), loss: () => Losses.binaryCrossEntropy,
  data: () => {
    const x = NdArray.make([[1], [-1], [2], [-2]]), y = NdArray.make([[1], [0], [1], [0]])
    return Datasets.fromArrays({ x, y, test: { x, y } })
  },
  show: () => ({ input: { kind: "row", names: ["number"] }, target: { kind: "class", classes: ["below", "above"] } })
})
export const gray = Experiment.supervised({ ...common, name: "gray", data: data(2, 2), model: () => Layers.dense(2) })
`)

/** A folder with a run of each experiment of a file, and files to predict. */
const trained = (text: string, names: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, path = yield* files.makeTempDirectoryScoped()
    yield* files.writeFileString(`${path}/own.ts`, text)
    for (const name of names) {
      const { err, ok } = yield* runHere("train", `${path}/own.ts#${name}`, "--epochs", "1", "--out", `${path}/${name}`)
      assert.isTrue(ok, err.join())
    }
    const write = (name: string, content: string) => files.writeFileString(`${path}/${name}`, content)
    /** What a run predicts of inputs, by their names. */
    const predict = (run: string, ...inputs: ReadonlyArray<string>) =>
      Effect.map(runHere("predict", `${path}/${run}`, ...inputs, "--json"), ({ err, ok, out }) => {
        assert.isTrue(ok, err.join())
        return out.map((line) => JSON.parse(line).prediction as ReadonlyArray<number>)
      })
    const refusesInputs = (expected: RegExp, run: string, ...inputs: ReadonlyArray<string>) =>
      refuses(expected, "predict", `${path}/${run}`, ...inputs)
    return { path, write, predict, refuses: refusesInputs }
  })

layer(NodeServices.layer, { excludeTestServices: true })("predict", (it) => {
  it.effect("reads the rows of a table by the names of its columns, else by place, and says what is wrong where", () =>
    Effect.gen(function*() {
      const { path, predict, refuses, write } = yield* trained(fileOf(sums("sums")), ["sums"])
      yield* write("named.csv", "right,note,left\n1,a,2\n3,b,4\n")
      yield* write("other.csv", "x,y\n2,1\n4,3\n")
      yield* write("plain.csv", "2,1\n4,3\n")
      yield* write("turned.csv", "1,2\n3,4\n")
      yield* write("lines.jsonl", "[2,1]\n[4,3]\n")
      const found = yield* predict("sums", `${path}/named.csv`)
      assert.lengthOf(found, 2)
      for (const name of ["other.csv", "plain.csv", "lines.jsonl"]) {
        assert.deepStrictEqual(yield* predict("sums", `${path}/${name}`), found)
      }
      assert.notDeepEqual(yield* predict("sums", `${path}/turned.csv`), found)
      const { out } = yield* runHere("predict", `${path}/sums`, `${path}/named.csv`)
      const inWords = found.map(([value], i) => `${path}/named.csv:${i + 1}: ${value!.toPrecision(5)}`)
      assert.deepStrictEqual(out, [`${path}/sums/model.safetensors, step 4`, ...inWords])

      const wrong: ReadonlyArray<readonly [string, RegExp]> = [
        ["2,1\n4,x\n", /rows\.csv, row 2, right: expected a number, found "x"$/],
        ["left,note,right\n1,2,a\n", /rows\.csv, row 2, right: expected a number, found "a"$/],
        ["2,1\n4\n", /rows\.csv, row 2: expected 2 cells, found 1$/],
        ["2,1\n,3\n", /rows\.csv, row 2, left: expected a number, found ""$/],
        ["2\n4\n", /rows\.csv: expected 2 columns: left, right, found 1$/],
        ["2,1,5\n", /rows\.csv: expected 2 columns: left, right, found 3$/],
        ["left,note\n1,2\n", /rows\.csv: expected a column right, found the columns left, note$/],
        ["left,right\n", /rows\.csv: expected rows of numbers, found none$/],
        ["", /rows\.csv: expected rows of numbers, found none$/]
      ]
      for (const [text, expected] of wrong) {
        yield* write("rows.csv", text)
        yield* refuses(expected, "sums", `${path}/rows.csv`)
      }
      yield* write("wrong.jsonl", "\n")
      yield* refuses(
        /wrong\.jsonl: expected a line of lists for each input, found none$/,
        "sums",
        `${path}/wrong.jsonl`
      )
      yield* refuses(/: expected a file of inputs, found a folder$/, "sums", path)
      yield* write("wrong.jsonl", "[1,2]\n[3]\n")
      yield* refuses(/wrong\.jsonl:2: expected numbers \[2\], found \[1\]$/, "sums", `${path}/wrong.jsonl`)
      yield* write("wrong.jsonl", "[1,2]\nx\n")
      yield* refuses(/wrong\.jsonl:2: expected JSON, found x$/, "sums", `${path}/wrong.jsonl`)
    }))

  it.effect("reads points, series, texts, images in color and records of several arrays as lists do", () =>
    Effect.gen(function*() {
      const names = ["point", "series", "moments", "color", "text", "two"]
      const { path, predict, refuses, write } = yield* trained(lookedAt, names)
      yield* write("point.csv", "y,x\n0.25,0.5\n")
      yield* write("series.csv", "close,open\n2,1\n4,3\n6,5\n")
      yield* write("moments.csv", "1\n3\n5\n")
      yield* write("text.txt", "ab b")
      const pixels = Uint8Array.from([255, 0, 0, 0, 255, 0, 0, 0, 255, 51, 102, 204])
      const png = encode({ width: 2, height: 2, data: pixels, channels: 3 })
      yield* (yield* FileSystem.FileSystem).writeFile(`${path}/color.png`, png)
      const cases: ReadonlyArray<readonly [string, string, string]> = [
        ["point", `${path}/point.csv`, "[0.5,0.25]"],
        ["series", `${path}/series.csv`, "[[1,2],[3,4],[5,6]]"],
        ["moments", `${path}/moments.csv`, "[1,3,5]"],
        ["color", `${path}/color.png`, "[[[1,0,0],[0,1,0]],[[0,0,1],[0.2,0.4,0.8]]]"],
        // Of tokens that fit the longest one.
        ["text", `${path}/text.txt`, "[2,3,1]"],
        ["text", "ab b", "[2,3,1]"]
      ]
      for (const [run, input, list] of cases) {
        yield* write("list.jsonl", `${list}\n`)
        const [one, other] = [yield* predict(run, input), yield* predict(run, `${path}/list.jsonl`)]
        assert.lengthOf(one, 1)
        assert.approximately(one[0]![0]!, other[0]![0]!, 1e-6, run)
      }
      yield* refuses(
        /text, character 4: expected one of the 4 tokens of the vocabulary, found "c" \(U\+0063\)/,
        "text",
        "ab c"
      )
      // As the page does: of a longer text the end counts, a shorter one is filled up, and it says so.
      for (
        const [text, list, note] of [
          ["ab", "[2,0,0]", /^"ab": 1 of 3 tokens, filled up with "a"$/],
          ["bb ab", "[1,3,2]", /^"bb ab": of 4 tokens the last 3 count$/]
        ] as const
      ) {
        yield* write("list.jsonl", `${list}\n`)
        assert.deepStrictEqual(yield* predict("text", text), yield* predict("text", `${path}/list.jsonl`))
        const { err } = yield* runHere("predict", `${path}/text`, text, "--json")
        assert.lengthOf(err, 1)
        assert.match(err[0]!, note)
      }
      yield* write("text.txt", "")
      yield* refuses(/text\.txt: expected a text of at least one token, found none$/, "text", `${path}/text.txt`)
      yield* write("series.csv", "1,2\n")
      yield* refuses(/series\.csv: expected 3 rows, one for each moment, found 1$/, "series", `${path}/series.csv`)

      yield* write("two.jsonl", `{"left":[1,2],"right":[3,4,5]}\n{"right":[3,4,5],"left":[2,1]}\n`)
      const [first, second] = yield* predict("two", `${path}/two.jsonl`)
      assert.notDeepEqual(first, second)
      yield* write("two.jsonl", `{"left":[1,2]}\n`)
      yield* refuses(/two\.jsonl:1\.right: expected finite numbers \[3\] in lists/, "two", `${path}/two.jsonl`)
      yield* refuses(/rows\.csv: expected a file of JSON lines/, "two", "rows.csv")
    }))

  it.effect("writes pictures beside their inputs or in a folder, and over no file that is there unless it is forced", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem, { path, write } = yield* trained(pictures, ["color", "gray"])
      const png = encode({ width: 2, height: 2, data: new Uint8Array(12), channels: 3 })
      const input = `${path}/in.png`, beside = `${path}/in.prediction.png`
      yield* files.writeFile(input, png)
      const predict = (...args: ReadonlyArray<string>) => runHere("predict", `${path}/color`, ...args)
      const first = yield* predict(input)
      assert.deepStrictEqual(first.out.slice(1), [`${input}: ${beside}`], first.err.join())
      yield* files.writeFileString(beside, "a picture of somebody's own")
      const refused = yield* predict(input)
      assert.isFalse(refused.ok)
      assert.deepStrictEqual(refused.out, [])
      assert.match(refused.err.join(), /^\S+in\.prediction\.png is there already: .*--out, or --force/)
      assert.strictEqual(yield* files.readFileString(beside), "a picture of somebody's own")

      const elsewhere = yield* predict(input, "--out", `${path}/out`)
      assert.deepStrictEqual(elsewhere.out.slice(1), [`${input}: ${path}/out/in.prediction.png`])
      assert.isTrue((yield* predict(input, "--force")).ok)
      const { height, width } = decode(yield* files.readFile(beside))
      assert.deepStrictEqual([height, width], [2, 2])

      yield* files.makeDirectory(`${path}/other`)
      yield* files.writeFile(`${path}/other/in.png`, png)
      const two = yield* predict(input, `${path}/other/in.png`, "--out", `${path}/both`)
      assert.match(two.err.join(), /other\/in\.png: expected a name of its own, found \S+ of \S+\/in\.png$/)
      assert.isFalse(yield* files.exists(`${path}/both`))

      yield* write("two.jsonl", "[[0,1],[1,0]]\n[[1,1],[0,0]]\n")
      const lines = yield* runHere("predict", `${path}/gray`, `${path}/two.jsonl`)
      assert.deepStrictEqual(
        lines.out.slice(1),
        [1, 2].map((line) => `${path}/two.jsonl:${line}: ${path}/two.jsonl-${line}.prediction.png`),
        lines.err.join()
      )
      // JSON holds the numbers, and writes no picture.
      assert.isTrue((yield* predict(input, "--json")).ok)
    }))

  it.effect("tells two classes apart by one logit", () =>
    Effect.gen(function*() {
      const { path, write } = yield* trained(pictures, ["sign"])
      yield* write("numbers.csv", "3\n-3\n")
      const { out } = yield* runHere("predict", `${path}/sign`, `${path}/numbers.csv`, "--json")
      const [one, other] = out.map((line) => JSON.parse(line))
      for (const { class: named, probabilities: [below, above] } of [one, other]) {
        assert.approximately(below + above, 1, 1e-6)
        assert.strictEqual(named, above > below ? "above" : "below")
      }
      assert.notStrictEqual(one.class, other.class)
    }))
})
