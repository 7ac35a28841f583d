// Runs the tests that TensorFlow.js brings, and sends what became of each: node main.js BACKEND KERNELS WASM_FOLDER
//
// The imports run in this order: the tests find Jasmine in place, and ours take the places of the stock gradients.
import { environment } from "./jasmine.ts"
import "@tensorflow/tfjs-core/dist/register_all_gradients.js"
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js"
import "./kernels.ts"
import "@tensorflow/tfjs-core/dist/tests.js"

/** The name of a test and, if it failed, why; more than one test may have the same name. */
export type Outcome = readonly [name: string, failure: string | null]

const outcomes: Array<Outcome> = []
environment.addReporter({
  specDone: ({ failedExpectations, fullName, status }) => {
    if (status === "passed") outcomes.push([fullName, null])
    if (status === "failed") outcomes.push([fullName, failedExpectations.map(({ message }) => message).join("\n")])
  }
})
void environment.execute().then(() => process.send!(outcomes, () => process.exit()))
