import type { ShapeTree } from "../../core/Shape.ts"
import { format } from "../../core/Shape.ts"
import { html } from "./html.ts"
import type { Html, Part } from "./html.ts"
import { count, duration, words } from "./numbers.ts"
import type { Recorded } from "./record.ts"

const MOST_NAMES = 12

type Fact = readonly [name: string, value: Part]

/** Names and values, small; nothing where there are none. */
const facts = (title: string, entries: ReadonlyArray<Fact | undefined>): Html | undefined => {
  const found = entries.filter((entry) => entry !== undefined && entry[1] !== undefined) as ReadonlyArray<Fact>
  return found.length === 0 ? undefined : html`<section>
<h2>${title}</h2>
<dl>
${
    found.map(([name, value]) =>
      html`<div><dt>${name}</dt><dd>${value}</dd></div>
`
    )
  }</dl>
</section>`
}

/** A value of a configuration: text as it is, all else as JSON has it. */
const setting = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value) ?? "–"

/** `2026-11-30 08:15 UTC`. */
const moment = (iso: string): string | undefined =>
  Number.isNaN(Date.parse(iso)) ? undefined : `${new Date(iso).toISOString().slice(0, 16).replace("T", " ")} UTC`

/** The shape of an array; that of a single number says nothing. */
const shapeOf = (shape: ShapeTree | undefined): string | undefined =>
  shape === undefined || (Array.isArray(shape) && shape.length === 0) ? undefined : format(shape)

const parts = { train: "to train", validation: "to validate", test: "to test" }

/** How many examples each part of the data has, where the run says it. */
const sizesOf = ({ sizes }: Recorded["run"]): string | undefined => {
  const known = Object.entries(parts).flatMap(([part, words]) => {
    const size = sizes?.[part]
    return size !== undefined && size > 0 ? [`${count(size)} ${words}`] : []
  })
  return known.length === 0 ? undefined : known.join(", ")
}

/** How many examples were trained with in a second of training. */
export const speedOf = ({ run: { resumedFrom = 0, seconds }, train }: Recorded): number | undefined => {
  if (seconds === undefined || !(seconds.train > 0)) return undefined
  const from = isTimed(train) ? 0 : resumedFrom
  return train.reduce((sum, { size, step }) => step > from ? sum + size : sum, 0) / seconds.train
}

// Version 0.1.0 wrote no times into its lines, and counted the seconds from where a run went on.
const isTimed = (train: Recorded["train"]): boolean => train[0]?.time !== undefined

/** How a run was configured, what it is of, what made it, and how long it took. */
export const allFacts = (record: Recorded): Html => {
  const { run, train } = record,
    { backend, classes, command, config, experiment, resumedFrom = 0, seconds, shapes } = run
  const from = isTimed(train) ? 0 : resumedFrom, speed = speedOf(record)
  return html`<div class="facts">
${facts("Configuration", Object.entries(config).map(([name, value]) => [words(name), setting(value)]))}
${
    facts("Run", [
      ["experiment", experiment],
      ["began", moment(run.created)],
      ["backend", backend],
      ["threads", run.threads],
      ["examples", sizesOf(run)],
      ["input", shapeOf(shapes?.["x"])],
      ["target", shapeOf(shapes?.["y"])],
      [
        "classes",
        classes === undefined || classes.length === 0
          ? undefined
          : classes.length <= MOST_NAMES
          ? classes.join(", ")
          : count(classes.length)
      ],
      ["command", command === undefined ? undefined : html`<code>${command}</code>`],
      // A run that stands still says it at the top.
      [
        "goes on with",
        run.resume === undefined || (run.state !== "finished" && run.state !== "tested")
          ? undefined
          : html`<code>${run.resume}</code>`
      ]
    ])
  }
<div>
${
    facts("Durations", [
      [from === 0 ? "training" : `training from step ${count(from + 1)} on`, seconds && duration(seconds.train)],
      ["test", seconds?.test === undefined ? undefined : duration(seconds.test)],
      ["together", seconds?.total === undefined ? undefined : duration(seconds.total)],
      ["examples per second", speed === undefined ? undefined : count(Math.round(speed))]
    ])
  }
${facts("Versions", Object.entries(run.versions))}
</div>
</div>`
}
