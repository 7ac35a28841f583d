export { constant, normal, ones, truncatedNormal, uniform, zeros } from "./distributions.ts"
export type { Initializer, NormalOptions, UniformOptions } from "./distributions.ts"
export { orthogonal } from "./orthogonal.ts"
export {
  fans,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  xavierNormal,
  xavierUniform
} from "./scaled.ts"
