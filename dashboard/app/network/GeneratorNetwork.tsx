import { newPoints, onTheWay, place } from "../generate/latent.ts"
import { useStore } from "../state/store.ts"
import { classes } from "../training/definition.ts"
import { askForStages, NetworkView } from "./NetworkView.tsx"
import { generatorStages } from "./stages.ts"

/** A generator and its critic: from noise to an image, and on to the score of that. */
export const GeneratorNetwork = () => {
  const now = useStore(place, (value) => value)
  return (
    <NetworkView
      example={`a ${classes[now.digit]} of noise ${now.from}`}
      stages={() => askForStages(onTheWay(now, [now.t]), generatorStages)}
      buttons={
        <>
          <button type="button" onClick={() => place.set({ digit: (now.digit + 1) % classes.length })}>
            Next digit
          </button>
          <button type="button" onClick={newPoints}>Other noise</button>
        </>
      }
    />
  )
}
