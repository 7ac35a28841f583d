import { count } from "../../../src/experiment/report/numbers.ts"
import { WhyNot } from "../inspect/WhyNot.tsx"
import { Scroll } from "../Scroll.tsx"
import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import type { Described } from "../training/definition.ts"

type Network = Described["networks"][string]
type Row = Network["rows"][number]

/** `28 × 28 × 1`, `a number`, or each part of a record. */
export const shapeInWords = (shape: Row["input"]): string => {
  if (!Array.isArray(shape)) {
    return Object.entries(shape as { readonly [name: string]: Row["input"] })
      .map(([name, part]) => `${name}: ${shapeInWords(part)}`).join(", ")
  }
  if (shape.length === 0) return "a number"
  return shape.map((n) => n === null ? "any" : typeof n === "number" ? String(n) : shapeInWords(n)).join(" × ")
}

const countOr = (n: number | null): string => n === null ? "–" : count(n)

const bytes = (n: number): string =>
  n < 1e3 ? `${n} B` : n < 1e6 ? `${(n / 1e3).toFixed(1)} kB` : `${(n / 1e6).toFixed(1)} MB`

const Table = ({ name, network: { bytes: size, multiplyAdds, parameters, rows } }: {
  readonly name: string
  readonly network: Network
}) => (
  <div class="card">
    <h3>{name.replace(/^\p{Letter}/u, (letter) => letter.toUpperCase())}</h3>
    <Scroll label={`Layers of ${name}`}>
      <table class="summary">
        <thead>
          <tr>
            <th scope="col">layer</th>
            <th scope="col">what it is</th>
            <th scope="col">output</th>
            <th scope="col">parameters</th>
            <th scope="col">multiply-adds</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ depth, isGroup, multiplyAdds, name, output, parameters, path }) => (
            <tr key={path} class={isGroup ? "group" : ""}>
              <th scope="row" style={{ paddingLeft: `${0.6 + 1.1 * depth}rem` }}>{path.split(".").at(-1)}</th>
              <td>
                <code>{name}</code>
              </td>
              <td>{shapeInWords(output)}</td>
              <td>{countOr(parameters)}</td>
              <td>{countOr(multiplyAdds)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">all</th>
            <td>{bytes(size)}</td>
            <td />
            <td>
              <strong>{countOr(parameters)}</strong>
            </td>
            <td>{countOr(multiplyAdds)}</td>
          </tr>
        </tfoot>
      </table>
    </Scroll>
  </div>
)

const Facts = ({ about: { classes, shapes, sizes, steps, stepsPerEpoch } }: { readonly about: Described }) => {
  const facts: ReadonlyArray<readonly [string, string]> = [
    ["training examples", countOr(sizes.train)],
    ["validation examples", countOr(sizes.validation)],
    ["test examples", countOr(sizes.test)],
    ["input", shapeInWords(shapes.x as Row["input"])],
    ["target", classes.length > 0 ? `one of ${classes.length} classes` : shapeInWords(shapes.y as Row["input"])],
    ["steps", countOr(steps)],
    ["steps of an epoch", countOr(stepsPerEpoch)]
  ]
  return (
    <div class="card">
      <h3>Data and run</h3>
      <dl class="figures facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

/** What is trained, layer by layer, and with what. */
export const SummaryView = () => {
  const about = useStore(session, (value) => value.about)
  return (
    <section aria-labelledby="summary-title">
      <div class="toolbar">
        <h2 id="summary-title">Summary</h2>
      </div>
      {about === undefined
        ? (
          <div class="card">
            <WhyNot />
          </div>
        )
        : (
          <div class="stack">
            {about.sizes.train === 0 ? null : <Facts about={about} />}
            {Object.entries(about.networks).map(([name, network]) => (
              <Table
                key={name}
                name={name}
                network={network}
              />
            ))}
          </div>
        )}
    </section>
  )
}
