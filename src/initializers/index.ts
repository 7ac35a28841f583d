export { constant, normal, ones, truncatedNormal, uniform, zeros } from "./distributions.ts"
export type { NormalOptions, UniformOptions } from "./distributions.ts"
export { initializer, kind } from "./kind.ts"
export type { Initializer, KindOptions } from "./kind.ts"
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
