export { stopGradient } from "./stopGradient.ts"
export { valueAndGrad } from "./valueAndGrad.ts"
