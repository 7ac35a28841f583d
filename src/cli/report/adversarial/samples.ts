import { html, pngAddress } from "../html.ts"
import type { Html } from "../html.ts"
import { count } from "../numbers.ts"
import type { AdversarialRecord, Picture } from "./record.ts"

/** What the generator drew of one noise, as it learned. */
export const samples = ({ drawn, pictures, run: { config } }: AdversarialRecord): Html => {
  const columns = config.conditional ? ", each column of one class" : ""
  const shown = drawn === pictures.length
    ? ""
    : ` ${pictures.length} of ${count(drawn)} pictures: the first, the last, and some in between.`
  return html`<section>
<h2>Samples</h2>
${
    pictures.length === 0
      ? html`<p>No picture was drawn.</p>`
      : html`<p>What the generator draws of the same noise after so many steps, by the moving average of its weights${columns}.${shown}</p>
<ul class="samples">
${
        pictures.map((picture) =>
          html`<li>${figure(picture, config.conditional)}</li>
`
        )
      }</ul>`
  }
</section>`
}

const figure = ({ height, png, step, width }: Picture, conditional: boolean): Html =>
  html`<figure><img src="${pngAddress(png)}" width="${width}" height="${height}" alt="a grid of generated images${
    conditional ? ", a column for each class," : ""
  } after step ${count(step)}"/>
<figcaption>step ${count(step)}</figcaption></figure>`
