export { hasGradient, noGradient } from "./noGradient.ts"
export { stopGradient } from "./stopGradient.ts"
export { valueAndGrad } from "./valueAndGrad.ts"
