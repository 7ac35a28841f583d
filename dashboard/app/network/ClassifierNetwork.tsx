import { NdArray } from "effect-neuron"
import { Stepping } from "../inspect/Stepping.tsx"
import { useInput } from "../inspect/useInput.ts"
import { askForStages, NetworkView } from "./NetworkView.tsx"
import { classifierStages } from "./stages.ts"

/** The network of a supervised experiment, with what it makes of an example or of an input of one's own. */
export const ClassifierNetwork = () => {
  const { label, x } = useInput()
  const shown = x !== undefined && NdArray.isNdArray(x) ? x : undefined
  return (
    <NetworkView
      example={label}
      stages={() => x && askForStages(x, (outputs, weights) => classifierStages(shown, outputs, weights))}
      buttons={<Stepping />}
    />
  )
}
