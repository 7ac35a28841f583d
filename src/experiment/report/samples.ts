import { html, pngAddress } from "./html.ts"
import type { Html } from "./html.ts"
import { count } from "./numbers.ts"
import type { Picture, Recorded, SampleOfText } from "./record.ts"

/** What a run made as it learned: pictures, or texts. */
export const samples = (record: Recorded): Html | undefined => drawings(record) ?? texts(record)

/** The texts that it has gone on with. */
const texts = ({ texts, written }: Recorded): Html | undefined =>
  texts.length === 0 ? undefined : html`<section>
<h2>Samples</h2>
<p>How the model goes on with a text after so many steps; what it was given is <b>bold</b>.${
    texts.length === written
      ? ""
      : ` ${texts.length} of ${count(written)} texts: the first, the last, and some in between.`
  }</p>
${texts.map(textOf)}
</section>`

const textOf = ({ prompt, step, text }: SampleOfText): Html =>
  html`<figure class="text"><figcaption>step ${count(step)}</figcaption>
<blockquote><b>${prompt}</b>${text}</blockquote></figure>
`

/** The pictures that a run drew as it learned; of a generator samples of one noise. */
const drawings = ({ drawn, pictures, run: { config, kind } }: Recorded): Html | undefined => {
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
