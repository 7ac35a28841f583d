import { NdArray } from "effect-neuron"
import { Stepping } from "../inspect/Stepping.tsx"
import { useInput } from "../inspect/useInput.ts"
import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { askForStages, NetworkView } from "./NetworkView.tsx"
import { classifierStages } from "./stages.ts"
import { graphStages } from "./wiring.ts"

/** The network of a supervised experiment, with what it makes of an example or of an input of one's own. */
export const ClassifierNetwork = () => {
  const { label, x } = useInput()
  const model = useStore(session, (value) => value.about?.models?.["model"])
  const shown = x !== undefined && NdArray.isNdArray(x) ? x : undefined
  return (
    <NetworkView
      example={label}
      stages={() =>
        x && askForStages(x, (outputs, weights) =>
          // Of a model of no kind only the order is known in which its layers run.
          model !== undefined && "kind" in model
            ? graphStages(model, x, outputs, weights)
            : classifierStages(shown, outputs, weights))}
      buttons={<Stepping />}
    />
  )
}
