import type { NdArray } from "effect-neuron"
import { format } from "../charts/palette.ts"
import { Choose } from "../controls/Fields.tsx"
import { Pixels } from "../inspect/Pixels.tsx"
import { usePolled } from "../inspect/usePolled.ts"
import { WhyNot } from "../inspect/WhyNot.tsx"
import { currentRun } from "../state/runs.ts"
import { lastOf } from "../state/series.ts"
import { ask, session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import type { Described } from "../training/definition.ts"
import { newPoints, noiseOf, numberAt, onTheWay, place } from "./latent.ts"
import type { Noise } from "./latent.ts"

const STRIP = Array.from({ length: 9 }, (_, i) => i / 8)

type Arr = NdArray.NdArray

/** The images at the current place and along the way, and what the critic says of the first. */
const question = async (noise: Noise) => {
  const now = place.get()
  const [images, outputs] = await Promise.all([
    ask((client) => client.predict(onTheWay(now, [now.t, ...STRIP], noise))),
    ask((client) => client.activations(onTheWay(now, [now.t], noise)))
  ])
  const score = outputs.find(([path]) => path === "critic")![1] as Arr
  return { images: images as Arr, score: score.data[0]! }
}

/** A walk through the noise: between two points of it, or along one of its numbers. */
export const Walk = () => {
  const about = useStore(session, (value) => value.about), noise = about && noiseOf(about)
  return about === undefined || noise === undefined
    ? (
      <div class="card grow walk">
        <h3>A walk through the noise</h3>
        {about === undefined
          ? <WhyNot />
          : <p class="muted">Its summary does not tell what noise the generator takes.</p>}
      </div>
    )
    : <Way about={about} noise={noise} />
}

const Way = ({ about: { shapes, show }, noise }: { readonly about: Described; readonly noise: Noise }) => {
  const now = useStore(place, (value) => value), { number, t } = now, { classes } = noise
  const answer = usePolled(() => question(noise), 150, JSON.stringify(now)), run = currentRun()
  const value = numberAt(now, noise), label = classes[now.class % classes.length]
  const [height = 1, width = 1, channels = 1] = shapes.x as ReadonlyArray<number>, each = height * width * channels
  const imageAt = ({ data }: Arr, i: number) => data.subarray(i * each, (i + 1) * each)
  const range = channels >= 3 && show?.input.kind === "image" ? show.input.range : undefined
  return (
    <div class="card grow walk">
      <h3>A walk through the noise</h3>
      <div class="row">
        {label === undefined ? null : (
          <Choose
            label="Class"
            options={classes}
            value={label}
            onChange={(name) => place.set({ class: classes.indexOf(name) })}
          />
        )}
        <button type="button" onClick={newPoints}>Other points</button>
      </div>
      {answer === undefined
        ? <WhyNot />
        : (
          <>
            <Pixels
              label={`the generated ${label ?? "image"}`}
              size={196}
              {...{ height, width, channels, range }}
              values={imageAt(answer.images, 0)}
            />
            <p class="muted">
              The critic gives it <strong data-testid="score">{format(answer.score)}</strong>; on average{" "}
              {format(run && lastOf(run.train, "realScore"))} to real images and{" "}
              {format(run && lastOf(run.train, "fakeScore"))} to generated ones.
            </p>
          </>
        )}
      <label class="slider">
        from one point to the other
        <input
          type="range"
          min="0"
          max="1"
          step="0.01"
          value={t}
          aria-valuetext={`${Math.round(100 * t)} %`}
          onInput={(event) => place.set({ t: event.currentTarget.valueAsNumber })}
        />
      </label>
      {answer === undefined ? null : (
        <div class="strip">
          {STRIP.map((at, i) => (
            <Pixels
              key={at}
              label={`at ${Math.round(100 * at)} % of the way`}
              size={36}
              {...{ height, width, channels, range }}
              values={imageAt(answer.images, i + 1)}
            />
          ))}
        </div>
      )}
      <label class="slider">
        number of the noise
        <input
          type="number"
          min="1"
          max={noise.size}
          step="1"
          value={number + 1}
          onChange={({ currentTarget: { validity, valueAsNumber } }) => {
            // The value of the next number is what it is on the way.
            if (validity.valid) place.set({ changed: undefined, number: valueAsNumber - 1 })
          }}
        />
      </label>
      <label class="slider">
        its value
        <input
          type="range"
          min="-4"
          max="4"
          step="0.1"
          value={value}
          onInput={(event) => place.set({ changed: event.currentTarget.valueAsNumber })}
        />
        <output>{value.toFixed(1)}</output>
      </label>
    </div>
  )
}
