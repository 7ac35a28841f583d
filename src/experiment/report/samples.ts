import { html, pngAddress } from "./html.ts"
import type { Html } from "./html.ts"
import { count } from "./numbers.ts"
import type { Picture, Recorded } from "./record.ts"

/** The pictures that a run drew as it learned; of a generator samples of one noise. */
export const samples = ({ drawn, pictures, run: { config, kind } }: Recorded): Html | undefined => {
  if (pictures.length === 0) return undefined
  const conditional = kind === "adversarial" && config["conditional"] === true
  const columns = conditional ? ", each column of one class" : ""
  const what = kind === "adversarial"
    ? `What the generator draws of the same noise after so many steps${columns}.`
    : "What the run drew after so many steps."
  const shown = drawn === pictures.length
    ? ""
    : ` ${pictures.length} of ${count(drawn)} pictures: the first, the last, and some in between.`
  const alt = kind !== "adversarial"
    ? "what the run drew"
    : `a grid of generated examples${conditional ? ", a column for each class," : ""}`
  return html`<section>
<h2>Samples</h2>
<p>${what}${shown}</p>
<ul class="samples">
${
    pictures.map((picture) =>
      html`<li>${figure(picture, alt)}</li>
`
    )
  }</ul>
</section>`
}

const figure = ({ height, png, step, width }: Picture, what: string): Html =>
  html`<figure><img src="${pngAddress(png)}" width="${width}" height="${height}" alt="${what} after step ${
    count(step)
  }"/>
<figcaption>step ${count(step)}</figcaption></figure>`
