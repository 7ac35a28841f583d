import { input } from "../inspect/input.ts"
import { useInput } from "../inspect/useInput.ts"
import { useStore } from "../state/store.ts"
import { askForStages, NetworkView } from "./NetworkView.tsx"
import { classifierStages } from "./stages.ts"

/** The network of a classifier, with what it makes of a test example or of a drawing. */
export const ClassifierNetwork = () => {
  const { image, label } = useInput(), shown = useStore(input, (value) => value)
  return (
    <NetworkView
      example={label}
      stages={() => image && askForStages(image, (outputs, weights) => classifierStages(image, outputs, weights))}
      buttons={
        <>
          <button type="button" onClick={() => input.set({ useDrawing: false, example: shown.example + 1 })}>
            Next example
          </button>
          {shown.drawing === undefined
            ? null
            : <button type="button" onClick={() => input.set({ useDrawing: true })}>Your drawing</button>}
        </>
      }
    />
  )
}
