/** The part of Jasmine that runs the suite; it has no types of its own. */
declare module "jasmine-core" {
  export interface Spec {
    readonly fullName: string
    readonly status: string
    readonly failedExpectations: ReadonlyArray<{ readonly message: string }>
  }

  export interface Environment {
    readonly beforeEach: (prepare: () => Promise<void>) => void
    readonly configure: (options: { readonly random: boolean; readonly forbidDuplicateNames: boolean }) => void
    readonly addReporter: (reporter: { readonly specDone: (spec: Spec) => void }) => void
    readonly execute: () => Promise<unknown>
  }

  const core: {
    readonly boot: (again: boolean) => { DEFAULT_TIMEOUT_INTERVAL: number; readonly getEnv: () => Environment }
  }
  export default core
}
