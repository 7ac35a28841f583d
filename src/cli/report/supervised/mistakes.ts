import { encodePng } from "../../../images/png.ts"
import { html, pngAddress } from "../html.ts"
import type { Html } from "../html.ts"
import { count, percent } from "../numbers.ts"
import type { Mistake, Tested } from "./testModel.ts"

/** The images that the model is furthest from telling right. */
export const mistakes = ({ classes, matrix: { accuracy, total }, mistakes }: Tested): Html => {
  const all = total - Math.round(accuracy * total)
  const shown = all === 1
    ? "The only mistake"
    : mistakes.length === all
    ? `All ${count(all)} mistakes, worst first`
    : `The ${mistakes.length} of ${count(all)} mistakes with the highest loss, worst first`
  return html`<section>
<h2>Worst mistakes</h2>
${
    all === 0
      ? html`<p>None: every test example was told right.</p>`
      : html`<p>${shown}: the true class, what the model took it for, and the probability that it gave to each.</p>
<ul class="mistakes">
${
        mistakes.map((mistake) =>
          html`<li>${figure(mistake, classes)}</li>
`
        )
      }</ul>`
  }
</section>`
}

const figure = (
  { image, index, label, loss, predicted, probabilities }: Mistake,
  classes: ReadonlyArray<string>
): Html => {
  const [height, width] = image.shape as readonly [number, number]
  return html`<figure><img src="${pngAddress(encodePng(image))}" width="${3 * width}" height="${
    3 * height
  }" alt="test image ${index}, a ${classes[label]} taken for a ${classes[predicted]}"/>
<figcaption><b>${classes[label]}</b> <span class="probability">${percent(probabilities[label]!, 1)}</span><br/>
taken for <b class="taken">${classes[predicted]}</b> <span class="probability">${
    percent(probabilities[predicted]!, 1)
  }</span><br/>
<small>loss ${loss.toFixed(2)}, image ${count(index)}</small></figcaption></figure>`
}
