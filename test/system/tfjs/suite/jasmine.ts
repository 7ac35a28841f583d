import core from "jasmine-core"

const jasmine = core.boot(true)
// Others may want the processor too.
jasmine.DEFAULT_TIMEOUT_INTERVAL = 60_000

/** Jasmine, whose functions are global from here on, as the tests expect them. */
export const environment = jasmine.getEnv()
environment.configure({ random: false, forbidDuplicateNames: false })
