import { newPoints, noiseOf, onTheWay, place } from "../generate/latent.ts"
import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { askForStages, NetworkView } from "./NetworkView.tsx"
import { generatorStages } from "./stages.ts"
import { adversarialStages, isChain } from "./wiring.ts"

/** A generator and its critic: from noise to an image, and on to the score of that. */
export const GeneratorNetwork = () => {
  const now = useStore(place, (value) => value), about = useStore(session, (value) => value.about)
  const noise = about && noiseOf(about), classes = noise?.classes ?? [], name = classes[now.class % classes.length]
  const models = about?.models ?? {}, isPlain = Object.values(models).every(isChain)
  return (
    <NetworkView
      example={`${name === undefined ? "an image" : `a ${name}`} of noise ${now.from}`}
      stages={() => {
        const asked = noise && onTheWay(now, [now.t], noise)
        return asked &&
          askForStages(asked, (outputs, weights) =>
            isPlain ? generatorStages(outputs, weights) : adversarialStages(models, asked, outputs, weights))
      }}
      buttons={
        <>
          {name === undefined ?
            null :
            (
              <button
                type="button"
                onClick={() => place.set({ class: (now.class + 1) % classes.length })}
              >
                Next class
              </button>
            )}
          <button type="button" onClick={newPoints}>Other noise</button>
        </>
      }
    />
  )
}
